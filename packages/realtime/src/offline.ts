"use client";

/** Work goes on offline: mutations of TanStack Query that are kept, and sent once, in order. */

export { NoAnswer } from "./offline/answers.ts";
export { decided } from "./offline/decided.ts";
export { type UsedConflict, useConflicts, useOfflineQueue } from "./offline/hooks.ts";
export { createOfflineMutations } from "./offline/queue.ts";
export type {
  Conflict,
  FieldConflict,
  NewAct,
  OfflineMutation,
  OfflineMutationMap,
  OfflineMutations,
  OfflineOptions,
  OfflineQueue,
  OfflineStorage,
  OptimisticUpdate,
  Outcome,
  QueueItem,
  Rebased,
  Refusal,
  Sending,
  VariablesOf,
} from "./offline/types.ts";
export { uuidv7 } from "./offline/uuid.ts";
