/**
 * The users' edits of tasks, as data. Until the API has answered, an edit is shown as if it had
 * happened. Applying an edit twice does no harm, because the API's list may already include it.
 */

import { patchOf } from "@validiant/realtime/patch";
import type { Task, TaskChange } from "../../shared/board.ts";
import { byPosition } from "../../shared/position.ts";
import type { Api } from "./api.ts";

export type TaskEdit =
  | { kind: "add"; task: Task }
  | { kind: "change"; task: Task; change: TaskChange }
  | { kind: "delete"; task: Task }
  | { kind: "restore"; task: Task };

/** The tasks as they will be, in the order of their columns. */
export function withEdits(tasks: Task[], edits: readonly TaskEdit[]): Task[] {
  return edits.reduce(withEdit, tasks).toSorted(byPosition);
}

function withEdit(tasks: Task[], edit: TaskEdit): Task[] {
  const { id } = edit.task;
  switch (edit.kind) {
    case "add":
    case "restore":
      return tasks.some((task) => task.id === id) ? tasks : [...tasks, edit.task];
    case "change":
      return tasks.map((task) => (task.id === id ? { ...task, ...edit.change } : task));
    case "delete":
      return tasks.filter((task) => task.id !== id);
  }
}

export function sendEdit(api: Api, edit: TaskEdit): Promise<void> {
  const { id, projectId } = edit.task;
  switch (edit.kind) {
    case "add": {
      const { title, status, priority, position } = edit.task;
      const task = { id, title, status, priority, position };
      return api.post(`/projects/${projectId}/tasks`, task);
    }
    case "change":
      return api.patch(`/tasks/${id}`, patchOf({ ...edit.task }, edit.change));
    case "delete":
      return api.delete(`/tasks/${id}`);
    case "restore":
      return api.post(`/tasks/${id}/restore`);
  }
}
