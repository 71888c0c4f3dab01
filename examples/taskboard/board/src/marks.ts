/** Which cards others have just changed, and who it was. */

import type { AnyEvent } from "@validiant/realtime";
import { useSyncExternalStore } from "react";

const SHOWN_MS = 4_000;

let marks: ReadonlyMap<string, { actorId: string }> = new Map();
const listeners = new Set<() => void>();

/** For a moment, marks the card of the task that an event of somebody else is about. */
export function markChanged({ type, payload }: AnyEvent, me: string): void {
  if (type === "TASK_DELETED" || !("taskId" in payload) || !("actorId" in payload)) return;
  const { taskId, actorId } = payload;
  if (!actorId || actorId === me) return;
  const mark = { actorId };
  set(new Map(marks).set(taskId, mark));
  setTimeout(() => {
    // A later change is shown for its full time.
    if (marks.get(taskId) !== mark) return;
    const rest = new Map(marks);
    rest.delete(taskId);
    set(rest);
  }, SHOWN_MS);
}

/** Who has just changed a task. Undefined if nobody has. */
export function useMark(taskId: string): string | undefined {
  return useSyncExternalStore(subscribe, () => marks.get(taskId))?.actorId;
}

function set(next: typeof marks): void {
  marks = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
