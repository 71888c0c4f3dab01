/** React hooks. */

import { useMemo, useSyncExternalStore } from "react";
import { decided } from "./decided.ts";
import type { OfflineMutationMap, OfflineMutations, OfflineQueue, QueueItem } from "./types.ts";

/** A conflict that waits for a person. */
export interface UsedConflict extends QueueItem {
  readonly outcome: Extract<QueueItem["outcome"], { status: "conflict" }>;
  /** Answers it: a value by field. What is left out becomes the suggestion. */
  resolve(values: Record<string, unknown>): void;
  /** Leaves everything as the others have made it. */
  discard(): void;
}

/** What waits, what failed and why. Renders again when that changes. */
export function useOfflineQueue<M extends OfflineMutationMap>(
  offline: OfflineMutations<M>,
): OfflineQueue {
  const read = () => offline.queue;
  return useSyncExternalStore(offline.subscribe, read, read);
}

/** The conflicts that wait for a person, the oldest first. */
export function useConflicts<M extends OfflineMutationMap>(
  offline: OfflineMutations<M>,
): readonly UsedConflict[] {
  const { items } = useOfflineQueue(offline);
  return useMemo(
    () =>
      items.flatMap((item) => {
        const { id, outcome } = item;
        if (outcome?.status !== "conflict") return [];
        const discard = () => offline.discard(id);
        const resolve = (values: Record<string, unknown>) => {
          const variables = decided(outcome, values);
          if (variables) offline.retry(id, variables);
          else discard();
        };
        return [{ ...item, outcome, resolve, discard }];
      }),
    [items, offline],
  );
}
