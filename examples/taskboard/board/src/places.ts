/** Where people are in the product, as their presence data say it. */

import type { Other } from "@validiant/realtime";
import type { Task } from "../../shared/board.ts";

export const BOARD = "board";

const TASK = "task:";

export function atTask(taskId: string): string {
  return TASK + taskId;
}

/** What the comments on a task are to those who type in them. */
export function commentsOn(taskId: string): string {
  return `${TASK}${taskId}/comments`;
}

/** The title of a task, to those who are editing it. */
export function titleOf(taskId: string): string {
  return `${TASK}${taskId}/title`;
}

/** Where somebody is, in words: the task that is open in the window they have used last. */
export function placeInWords(other: Other | undefined, tasks: readonly Task[]): string | undefined {
  const at = other?.data.at;
  if (at === BOARD) return "on the board";
  const task = tasks.find(({ id }) => at === atTask(id));
  return task && `in “${task.title}”`;
}
