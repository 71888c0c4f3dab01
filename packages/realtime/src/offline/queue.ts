/** The acts of a user: mutations of TanStack Query that are stored, sent by one tab, and told about. */

import {
  focusManager,
  hydrate,
  type Mutation,
  type MutationState,
  onlineManager,
  type QueryClient,
} from "@tanstack/react-query";
import { type Entry, entryOf, isFinal, itemOf } from "./entry.ts";
import { createOverlay } from "./overlay.ts";
import { createSender } from "./sender.ts";
import { type Message, openChannel, stand } from "./tabs.ts";
import type {
  Act,
  OfflineMutationMap,
  OfflineMutations,
  OfflineOptions,
  OfflineQueue,
  Outcome,
  StoredAct,
} from "./types.ts";
import { sortAfter, uuidv7 } from "./uuid.ts";

/** A server has to keep keys for as long. */
const MAX_AGE_MS = 7 * 24 * 60 * 60 * 1_000;
/** Some browsers' storage hangs. */
const STORAGE_PATIENCE_MS = 2_000;
/** Messages of the tab that was leading arrive within this time. */
const HEARING_MS = 50;
const IDLE_PATIENCE_MS = 10_000;
const REMEMBERED = 1_000;

/**
 * Lets people act while they are offline. Acts are mutations of TanStack Query. They are stored, sent in
 * order within their scope, by one tab, with a key that lets the API recognise a repetition.
 */
export function createOfflineMutations<M extends OfflineMutationMap>(
  queryClient: QueryClient,
  options: OfflineOptions<M>,
): OfflineMutations<M> {
  const { storage, user, buster = "" } = options;
  const mutations: OfflineMutationMap = options.mutations;
  const prefix = `acts/1/${encodeURIComponent(user)}/`;
  const cache = queryClient.getMutationCache();
  const entries = new Map<string, Entry>();
  /** Acts that could not be stored. */
  const unsaved = new Set<Entry>();
  /** The ids of acts that were sent or discarded: another tab's message about them may be late. */
  const ended = new Set<string>();
  const listeners = new Set<() => void>();
  const overlay = createOverlay(queryClient);
  let saved = Promise.resolve();
  let isLeading = false;
  let isAdding = false;
  /** How often this tab has got the lock, or lost it. */
  let term = 0;
  let view: OfflineQueue | undefined;

  const changed = () => {
    view = undefined;
    for (const listener of listeners) listener();
  };

  const inTime = <T>(work: Promise<T>): Promise<T> =>
    Promise.race([
      work,
      // Once is enough to know that it hangs.
      sender.sleep(STORAGE_PATIENCE_MS / (1 + unsaved.size), true).then(() => Promise.reject()),
    ]);

  // If the storage fails, it is sent again at the next visit, with the same key.
  const forget = (id: string) => inTime(storage.del(prefix + id)).catch(() => {});

  /** Stores an act, and tells the other tabs. */
  const save = async (entry: Entry) => {
    await inTime(storage.set(prefix + entry.act.id, entry.stored)).then(
      () => unsaved.delete(entry),
      () => unsaved.add(entry),
    );
    entry.isStored = true;
    if (entry.isEnding && !entry.act.outcome) {
      // It has ended in the meantime.
      unsaved.delete(entry);
      await forget(entry.act.id);
    } else tell({ act: entry.stored });
    changed();
  };

  /** Everything that is stored, the oldest first. */
  const read = async () => {
    const keys = (await storage.keys()) as string[];
    const own = keys.filter((key) => `${key}`.startsWith(prefix)).sort();
    return Promise.all(own.map((key) => storage.get(key)));
  };

  const show = (act: Act) =>
    overlay.add(act.id, mutations[act.name]?.optimistic?.(act.variables) ?? []);

  /** Adds an act, and shows it. */
  const add = (act: Act, stored: StoredAct) => {
    const entry = entryOf(act, stored);
    if (!act.outcome) show(act);
    entries.set(act.id, entry);
    changed();
    return entry;
  };

  /** Puts the mutation of an act in its place. Answers with how to run it. */
  const enqueue = (entry: Entry) => {
    const mutationFn = async () => {
      void sender.send(entry);
      const outcome = await entry.over;
      if (outcome.status === "done") return outcome.data;
      if (!isFinal(outcome)) throw outcome;
    };
    isAdding = true;
    hydrate(queryClient, entry.stored.clientState, {
      // The sender decides about attempts: it knows what the answers mean.
      defaultOptions: { mutations: { mutationFn, retry: false, networkMode: "always" } },
    });
    isAdding = false;
    const mutation = cache.getAll().at(-1) as Mutation;
    const remove = () => cache.remove(mutation);
    return () => void mutation.continue().then(remove, remove);
  };

  const finish = (entry: Entry, outcome: Outcome) => {
    const { act } = entry;
    entry.isEnding = true;
    if (isFinal(outcome)) {
      entries.delete(act.id);
      unsaved.delete(entry);
      remember(act.id);
    } else act.outcome = outcome;
    overlay.remove(act.id, outcome.status === "done");
    entry.finish(outcome);
    changed();
  };

  const remember = (id: string) => {
    if (ended.size >= REMEMBERED) ended.clear();
    ended.add(id);
  };

  const settle = async (entry: Entry, outcome: Outcome) => {
    const { act } = entry;
    if (entry.isEnding && !act.outcome) return;
    entry.isEnding = true;
    if (isFinal(outcome)) await forget(act.id);
    else {
      act.outcome = outcome;
      await save(entry);
    }
    tell({ over: act.id, outcome });
    finish(entry, outcome);
  };

  /** Puts something else in the place of what is in conflict. */
  const replace = async (entry: Entry, variables: unknown) => {
    // It has ended while it was merged.
    if (entry.isEnding) return;
    // Two tabs that hear of the same conflict make the same key.
    Object.assign(entry.act, { variables, key: `${entry.act.key}~` });
    show(entry.act);
    return save(entry);
  };

  const sender = createSender(options, { settle, replace, changed, isLeading: () => isLeading });

  /** Adds a new act. When it is stored, it takes the place of an old one. */
  const act = (name: string, variables: unknown, old?: string) => {
    const id = uuidv7();
    const at = Date.now();
    const act = { id, key: id, name, variables, at };
    const scope = { id: mutations[name]?.scope?.(variables) ?? prefix };
    // As of a mutation that waits for its first attempt.
    const state = { status: "pending", variables: act, submittedAt: at } as MutationState;
    const clientState = { queries: [], mutations: [{ mutationKey: [prefix, name], scope, state }] };
    const entry = add(act, { buster, timestamp: at, clientState });
    void ready.then(() => {
      const run = enqueue(entry);
      // One after the other: so other tabs hear of them in this order.
      saved = saved.then(async () => {
        await save(entry);
        if (old) discard(old);
        if (entry.isUnwanted) discard(id);
        run();
      });
    });
    return { id, outcome: entry.over };
  };

  /** Takes in an act from the storage or from another tab. */
  const adopt = (stored: StoredAct | undefined, isRead?: boolean) => {
    const act = stored?.clientState.mutations[0]?.state.variables as Act | undefined;
    if (!stored || !act) return;
    if (ended.has(act.id)) return end(act.id);
    sortAfter(act.id);
    const known = entries.get(act.id);
    if (known) {
      if (isLeading || known.isEnding || known.act.key >= act.key) return;
      // After a conflict, the tab that sends has put something else in its place.
      Object.assign(known.act, act);
      return show(known.act);
    }
    const isCurrent = stored.buster === buster && stored.timestamp > Date.now() - MAX_AGE_MS;
    if (!isCurrent || !mutations[act.name])
      act.outcome ??= { status: "refused", reason: "outdated" };
    const entry = add(act, stored);
    entry.isStored = true;
    if (!act.outcome) enqueue(entry)();
    // The tab that sends may not know it, or know that it has ended.
    if (isRead) tell({ act: stored });
  };

  /** Ends for everybody what could not be forgotten when it ended. */
  const end = (id: string) => {
    void forget(id);
    tell({ over: id, outcome: { status: "discarded" } });
  };

  /** Takes in what is stored. */
  const catchUp = async () => {
    for (const stored of await inTime(read()).catch(() => [])) adopt(stored as StoredAct, true);
  };

  const discard = (id: string) => {
    const entry = entries.get(id);
    if (!entry) return;
    entry.isUnwanted = true;
    if (entry.act.outcome || (isLeading && entry.isStored && !entry.isSending))
      void settle(entry, { status: "discarded" });
    else if (!isLeading) tell({ discard: id });
  };

  const hear = (message: Message) => {
    if ("act" in message) adopt(message.act);
    else if ("discard" in message) isLeading && discard(message.discard);
    else if ("hello" in message) for (const { stored } of entries.values()) tell({ act: stored });
    else {
      const entry = entries.get(message.over);
      if (isFinal(message.outcome)) remember(message.over);
      if (entry) finish(entry, message.outcome);
    }
  };

  const wake = () => {
    for (const entry of unsaved)
      saved = saved.then(() => (unsaved.has(entry) ? save(entry) : undefined));
    void ready.then(catchUp);
    sender.wake();
    changed();
  };

  /** The tab that a person looks at sends: one in the background may be frozen, with the lock. */
  const takeOver = () => {
    if (focusManager.isFocused() && !isLeading) candidacy.steal();
    wake();
  };

  const retry = (id: string, variables?: unknown) => {
    const old = entries.get(id);
    if (!old || old.isUnwanted) return;
    if (!old.act.outcome) return takeOver();
    old.isUnwanted = true;
    act(old.act.name, variables ?? old.act.variables, id);
  };

  const { tell, close } = openChannel(prefix, (message) => void ready.then(() => hear(message)));
  const ready = catchUp();
  const candidacy = stand(prefix, focusManager.isFocused(), async (isGranted) => {
    term += 1;
    const current = term;
    isLeading = false;
    if (!isGranted) return;
    await ready;
    tell({ hello: true });
    await sender.sleep(HEARING_MS, true);
    await catchUp();
    if (current !== term) return;
    isLeading = true;
    sender.wake();
  });
  const offs = [
    onlineManager.subscribe((isOnline) => (isOnline ? wake() : changed())),
    focusManager.subscribe(takeOver),
    // An app that persists its whole cache restores copies of acts. They would be in the way.
    cache.subscribe(({ type, mutation }) => {
      const isCopy = type === "added" && !isAdding && mutation.options.mutationKey?.[0] === prefix;
      if (isCopy) cache.remove(mutation);
    }),
    overlay.end,
    close,
  ];

  return {
    mutate: act,
    discard,
    retry,
    async idle() {
      wake();
      const waiting = [...entries.values()].map(({ over }) => over);
      await Promise.race([Promise.all(waiting), sender.sleep(IDLE_PATIENCE_MS, true)]);
    },
    get queue() {
      view ??= {
        items: [...entries.values()].map(itemOf),
        isOnline: onlineManager.isOnline() && sender.isAnswered(),
        isStored: unsaved.size === 0,
        retry,
        discard,
      };
      return view;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      term += 1;
      isLeading = false;
      for (const off of offs) off();
      candidacy.stop();
    },
  };
}
