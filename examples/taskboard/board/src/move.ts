/** Moves tasks on the board. The focus follows, and screen readers are told. */

import { useEffect, useRef, useState } from "react";
import type { Task } from "../../shared/board.ts";
import { cardId } from "./Card.tsx";
import { useChangeTask } from "./changes.ts";
import { STATUS_NAMES } from "./labels.ts";
import { columnOf, type Place, positionAt } from "./place.ts";

export function useMove(tasks: Task[]) {
  const change = useChangeTask();
  const [said, say] = useState("");
  const moved = useRef<Pick<Task, "id" | "status" | "position">>(undefined);
  useEffect(() => {
    const { id, status, position } = moved.current ?? {};
    const isThere = (task: Task) =>
      task.id === id && task.status === status && task.position === position;
    if (!id || !tasks.some(isThere)) return;
    moved.current = undefined;
    document.getElementById(cardId(id))?.focus();
  }, [tasks]);
  const move = (task: Task, place: Place) => {
    const { status } = place;
    const position = positionAt(tasks, task.id, place);
    moved.current = { id: task.id, status, position };
    const others = columnOf(tasks, status).filter(({ id }) => id !== task.id);
    const number = others.filter((other) => other.position < position).length + 1;
    say(`“${task.title}” is now in ${STATUS_NAMES[status]}, ${number} of ${others.length + 1}.`);
    change(task, status === task.status ? { position } : { status, position });
  };
  return { move, said };
}
