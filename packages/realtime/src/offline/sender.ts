/** Sends an act: again until there is an answer that counts. */

import { onlineManager } from "@tanstack/react-query";
import { createAlarm, patienceAfter } from "./alarm.ts";
import { attempt, fetchWith, NO_ANSWER, type Verdict } from "./answers.ts";
import type { Entry } from "./entry.ts";
import type { OfflineMutationMap, OfflineOptions, Outcome } from "./types.ts";

/** What becomes of an act. */
export interface Owner {
  /** It is over, or needs a person. */
  settle(entry: Entry, outcome: Outcome): Promise<void>;
  /** Something else is to be sent, under a new key. */
  replace(entry: Entry, variables: unknown): Promise<void>;
  changed(): void;
  /** Whether this tab is the one that sends. */
  isLeading(): boolean;
}

export function createSender(
  { mutations, fetch: fetcher = fetch, refresh }: OfflineOptions<OfflineMutationMap>,
  { settle, replace, changed, isLeading }: Owner,
) {
  const { sleep, wake } = createAlarm();
  let isAnswered = true;

  const obey = async (entry: Entry, verdict: Verdict, before: string | undefined) => {
    const { status } = verdict;
    if (status === "done") return settle(entry, verdict);
    // The tab that took over hears the same answer under the same key.
    if (!isLeading()) return;
    if (status === "refused") return settle(entry, verdict);
    const { attempts } = entry;
    if (status === "conflict") {
      const { name, variables } = entry.act;
      const rebased = await mutations[name]?.onConflict?.(variables, verdict.body);
      if (!rebased) return settle(entry, { ...verdict, status: "refused" });
      if (rebased.ask.length > 0) return settle(entry, { status, ...rebased });
      await replace(entry, rebased.variables);
      // Somebody else may be faster again and again.
      return attempts > 3 ? sleep(patienceAfter(attempts - 3)) : undefined;
    }
    if (entry.isUnwanted) return;
    const { reason, afterMs } = verdict;
    // A fresh token that is refused too is no reason to hurry.
    if (reason === "401" && refresh && before !== reason)
      return refresh().then(undefined, () => sleep(patienceAfter(attempts)));
    await sleep(afterMs ?? patienceAfter(attempts), afterMs !== undefined);
  };

  const send = async (entry: Entry): Promise<void> => {
    let isProbe = false;
    while (!entry.isEnding) {
      const mayTry: boolean = isLeading() && (onlineManager.isOnline() || isProbe);
      if (isLeading() && entry.isUnwanted) return settle(entry, { status: "discarded" });
      // The device may be wrong about being offline: it is tried now and then.
      isProbe = !mayTry;
      if (isProbe) {
        await sleep();
        continue;
      }
      const { key, name, variables } = entry.act;
      const before = entry.reason;
      entry.attempts += 1;
      entry.isSending = true;
      changed();
      const sending = { key, fetch: fetchWith(key, fetcher) };
      const verdict = await attempt(() => mutations[name]?.mutationFn(variables, sending));
      entry.isSending = false;
      entry.reason = "reason" in verdict ? verdict.reason : undefined;
      const isSilent = entry.reason === NO_ANSWER;
      if (!isSilent) {
        onlineManager.setOnline(true);
        // Then others need not wait any longer.
        if (!isAnswered) wake();
      }
      isAnswered = !isSilent;
      changed();
      await obey(entry, verdict, before).catch((error) =>
        settle(entry, { status: "refused", reason: `${error}` }),
      );
    }
  };

  /** `isAnswered`: whether the API has answered the last attempt. */
  return { send, sleep, wake, isAnswered: () => isAnswered };
}
