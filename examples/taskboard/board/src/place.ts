/** Places on the board, and how tasks get there. */

import { STATUSES, type Status, type Task } from "../../shared/board.ts";
import { positionBetween } from "../../shared/position.ts";

/** A place in a column. */
export interface Place {
  status: Status;
  /** The task right above. Undefined at the top. */
  after: string | undefined;
}

/** A direction in which a key moves a task. */
export type Direction = "left" | "right" | "up" | "down";

export function columnOf(tasks: Task[], status: Status): Task[] {
  return tasks.filter((task) => task.status === status);
}

export function placeOf(tasks: Task[], { id, status }: Task): Place {
  const column = columnOf(tasks, status);
  return { status, after: column[column.findIndex((task) => task.id === id) - 1]?.id };
}

/** The position that puts a task at a place, among all the tasks of the board. */
export function positionAt(tasks: Task[], taskId: string, { status, after }: Place): string {
  const others = columnOf(tasks, status).filter(({ id }) => id !== taskId);
  const index = others.findIndex(({ id }) => id === after);
  return positionBetween(others[index]?.position, others[index + 1]?.position);
}

/** The neighbouring column. Undefined at the edge. */
export function statusBeside(status: Status, step: 1 | -1): Status | undefined {
  return STATUSES[STATUSES.indexOf(status) + step];
}

/** One step from where a task is, among the tasks shown. Undefined at the end. */
export function placeTowards(shown: Task[], task: Task, direction: Direction): Place | undefined {
  if (direction === "left" || direction === "right") {
    const status = statusBeside(task.status, direction === "left" ? -1 : 1);
    return status && { status, after: undefined };
  }
  const column = columnOf(shown, task.status);
  const index = column.findIndex(({ id }) => id === task.id);
  const isAtEnd = direction === "up" ? index <= 0 : index >= column.length - 1;
  if (isAtEnd) return undefined;
  const before = direction === "up" ? index - 2 : index + 1;
  return { status: task.status, after: column[before]?.id };
}
