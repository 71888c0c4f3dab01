import type { Doc } from "yjs";

/** Whether nothing was ever in a document. */
export function isEmpty({ store }: Doc): boolean {
  return store.clients.size === 0 && !store.pendingStructs && !store.pendingDs;
}
