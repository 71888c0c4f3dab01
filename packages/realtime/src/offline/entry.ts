/** An act on this page. */

import type { Act, Outcome, QueueItem, StoredAct } from "./types.ts";

export interface Entry {
  readonly act: Act;
  readonly stored: StoredAct;
  attempts: number;
  reason?: string | undefined;
  /** Whether it is stored, or could not be. */
  isStored?: boolean;
  isSending?: boolean;
  isEnding?: boolean;
  /** To be given up as soon as it is clear that it was not accepted. */
  isUnwanted?: boolean;
  /** When it has succeeded, was refused, is in conflict, or was discarded. */
  over: Promise<Outcome>;
  finish: (outcome: Outcome) => void;
}

export function entryOf(act: Act, stored: StoredAct): Entry {
  const entry = { act, stored, attempts: 0 } as Entry;
  entry.over = new Promise((resolve) => {
    entry.finish = resolve;
  });
  if (act.outcome) entry.finish(act.outcome);
  return entry;
}

export function itemOf({ act, attempts, reason, isSending }: Entry): QueueItem {
  const state = act.outcome?.status ?? (isSending ? "sending" : "waiting");
  return { ...act, state, attempts, reason };
}

/** Whether nothing is left to decide. */
export function isFinal(
  outcome: Outcome,
): outcome is Extract<Outcome, { status: "done" | "discarded" }> {
  return outcome.status === "done" || outcome.status === "discarded";
}
