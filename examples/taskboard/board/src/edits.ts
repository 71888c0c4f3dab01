/**
 * The users' edits of tasks, as data. Until the API has answered, an edit is shown as if it had
 * happened. Applying an edit twice does no harm, because the API's list may already include it.
 */

import { applied, type Patch } from "@validiant/realtime/patch";
import type { Task } from "../../shared/board.ts";
import { POLICIES } from "../../shared/policies.ts";
import { byPosition } from "../../shared/position.ts";
import type { Send } from "./api.ts";
import type { Theirs } from "./offline.ts";

export type TaskEdit =
  | { kind: "add"; task: Task }
  | ChangeOfTask
  | { kind: "delete"; task: Task }
  | { kind: "restore"; task: Task };

/** A change from what the user saw of a task. */
export interface ChangeOfTask extends Patch {
  kind: "change";
  task: Task;
  /** Who had changed it meanwhile, if anybody has. */
  theirs?: Theirs | undefined;
}

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
      return tasks.map((task) => (task.id === id ? applied(POLICIES, task, edit.set) : task));
    case "delete":
      return tasks.filter((task) => task.id !== id);
  }
}

export function sendEdit(send: Send, edit: TaskEdit): Promise<Response> {
  const { id, projectId } = edit.task;
  switch (edit.kind) {
    case "add": {
      const { title, status, priority, position } = edit.task;
      const task = { id, title, status, priority, position };
      return send("POST", `/projects/${projectId}/tasks`, task);
    }
    case "change": {
      const { set, base, baseVersion } = edit;
      return send("PATCH", `/tasks/${id}`, { set, base, baseVersion });
    }
    case "delete":
      return send("DELETE", `/tasks/${id}`);
    case "restore":
      return send("POST", `/tasks/${id}/restore`);
  }
}
