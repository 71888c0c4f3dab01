/** What an app declares, and what it sees of its queue. */

import type { DehydratedState, QueryKey } from "@tanstack/react-query";

/** Where acts are kept. `idb-keyval` has these functions as they are. */
export interface OfflineStorage {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<unknown>;
  del(key: string): Promise<unknown>;
  keys(): Promise<readonly unknown[]>;
}

/** How an act is sent. */
export interface Sending {
  /** Made when the user acted. The same for each attempt, until a conflict changes what is sent. */
  readonly key: string;
  /** Your `fetch`, with the key as the header `Idempotency-Key`. Gives up after 30 s. */
  readonly fetch: (input: string | URL, init?: RequestInit) => Promise<Response>;
}

/** The queries that an act changes, and how. An update may meet data that contains the change already. */
export type OptimisticUpdate = readonly [queryKey: QueryKey, update: (data: never) => unknown];

/** A field about which a person has to decide. */
export interface FieldConflict {
  readonly field: string;
  /** What both started from. */
  readonly base: unknown;
  readonly mine: unknown;
  readonly theirs: unknown;
  /** A suggestion. */
  readonly merged: unknown;
}

/** What is sent instead of an act that is in conflict, and what a person has to decide before. */
export interface Rebased<V> {
  readonly variables: V;
  readonly ask: readonly FieldConflict[];
}

/** One kind of act. */
export interface OfflineMutation<V> {
  /** Sends it: by the given `fetch`, whose response it returns. Anything else that it returns is success. */
  mutationFn(variables: V, sending: Sending): Promise<unknown>;
  /** Acts with the same scope are sent one after the other. Default: one scope for all. */
  scope?(variables: V): string;
  /** What is shown while it waits. */
  optimistic?(variables: V): readonly OptimisticUpdate[];
  /** After a 409 or 412, with the answer's body: `rebaseBy(policies)`. Without it, the act is refused. */
  onConflict?(
    variables: V,
    body: unknown,
  ): Rebased<V> | undefined | Promise<Rebased<V> | undefined>;
}

/** All kinds of acts, by name. */
// biome-ignore lint/suspicious/noExplicitAny: each has variables of its own
export type OfflineMutationMap = Record<string, OfflineMutation<any>>;

/** The variables of a kind of act. */
export type VariablesOf<M> = M extends OfflineMutation<infer V> ? V : never;

export interface OfflineOptions<M extends OfflineMutationMap> {
  storage: OfflineStorage;
  /** Who acts. Acts of another user stay where they are until that user is back. */
  user: string;
  mutations: M;
  /** Change it when the variables of a mutation change their meaning. What still waits is then refused. */
  buster?: string | undefined;
  /** The app's own `fetch`, for example with a token. */
  fetch?: typeof fetch | undefined;
  /** Gets a fresh token after a 401. */
  refresh?: (() => Promise<unknown>) | undefined;
}

/** Why an act was refused. */
export interface Refusal {
  readonly status: "refused";
  /**
   * The answer's status, such as `403`; what `mutationFn` threw; or `outdated`: it has waited for more than
   * a week, or `buster` has changed.
   */
  readonly reason: string;
  readonly httpStatus?: number | undefined;
  readonly body?: unknown;
}

/** An act that waits for a person. */
export interface Conflict {
  readonly status: "conflict";
  readonly variables: unknown;
  readonly ask: readonly FieldConflict[];
}

/** How an act ended. */
export type Outcome =
  | { readonly status: "done"; readonly data: unknown }
  | { readonly status: "discarded" }
  | Refusal
  | Conflict;

/** An act that has not succeeded yet. */
export interface QueueItem {
  readonly id: string;
  /** The `Idempotency-Key`. */
  readonly key: string;
  readonly name: string;
  readonly variables: unknown;
  /** When the user acted, in milliseconds since 1970. */
  readonly at: number;
  readonly state: "waiting" | "sending" | "refused" | "conflict";
  /** How often this page has tried. */
  readonly attempts: number;
  /** Why the last attempt did not succeed, in words: such as `503` or `no answer`. */
  readonly reason: string | undefined;
  readonly outcome?: Refusal | Conflict;
}

/** The queue as a page shows it. A new object on each change. */
export interface OfflineQueue {
  /** What waits, and what needs a person, the oldest first. */
  readonly items: readonly QueueItem[];
  /** Whether the device is online, and the API has answered the last attempt. */
  readonly isOnline: boolean;
  /** False if the storage fails: what waits is then lost when the last page is closed. */
  readonly isStored: boolean;
  /** As in {@link OfflineMutations}. */
  retry(id: string): void;
  /** As in {@link OfflineMutations}. */
  discard(id: string): void;
}

/** An act as the variables of its mutation. */
export interface Act {
  readonly id: string;
  readonly name: string;
  readonly at: number;
  key: string;
  variables: unknown;
  outcome?: Refusal | Conflict;
}

/** What is stored of an act: what TanStack Query would persist of its mutation. */
export interface StoredAct {
  readonly buster: string;
  readonly timestamp: number;
  readonly clientState: DehydratedState;
}

/** An act that was just made. */
export interface NewAct {
  /** Names it in the queue. */
  readonly id: string;
  /** How it ends. Never rejects. */
  readonly outcome: Promise<Outcome>;
}

/** The acts of a user that wait, and the way to add one. */
export interface OfflineMutations<M extends OfflineMutationMap = OfflineMutationMap> {
  /** Acts: shows it at once, keeps it, and sends it when that is possible. */
  mutate<N extends keyof M & string>(name: N, variables: VariablesOf<M[N]>): NewAct;
  /** Tries an act again: now if it waits; else as a new act, which may have other variables. */
  retry(id: string, variables?: unknown): void;
  /** Gives an act up, unless it turns out that the API has accepted it. Undoes what waits. */
  discard(id: string): void;
  /** Sends what waits, and resolves when that is done, or after 10 s: call it before fetching again. */
  idle(): Promise<void>;
  /** The queue: the same object until it changes. */
  readonly queue: OfflineQueue;
  subscribe(listener: () => void): () => void;
  /** Stops, for example when the user signs out. What waits stays in the storage. */
  close(): void;
}
