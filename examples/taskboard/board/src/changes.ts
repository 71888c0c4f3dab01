/**
 * The users' changes, for the components. A change is on the screen at once, and is marked until it is
 * saved: see offline.ts. If the API refuses it, it is undone, and a notice says why: see Waiting.tsx.
 */

import { useQueryClient } from "@tanstack/react-query";
import { patchOf } from "@validiant/realtime/patch";
import type { Project, Task, TaskChange } from "../../shared/board.ts";
import type { CommentEdit, ReadMark, Resolution } from "./comments/edits.ts";
import type { TaskEdit } from "./edits.ts";
import { keys } from "./keys.ts";
import { goTo } from "./route.ts";
import { useSession } from "./session.ts";
import { notify } from "./toasts.ts";

/** Adds a project, and goes there. */
export function useAddProject(): (project: Project) => void {
  const { offline } = useSession();
  const queryClient = useQueryClient();
  return (project) => {
    // The API can't say yet what is in it.
    queryClient.setQueryData<Task[]>(keys.tasks(project.id), []);
    offline.mutate("project", project);
    goTo({ project: project.id, task: undefined });
  };
}

/** Adds and restores tasks. */
export function useEditTask(): (edit: TaskEdit) => void {
  const { offline } = useSession();
  return (edit) => void offline.mutate("task", edit);
}

/** Changes a task from what the user sees of it. */
export function useChangeTask(): (task: Task, change: TaskChange) => void {
  const edit = useEditTask();
  return (task, change) => {
    const patch = patchOf({ ...task }, change);
    if (Object.keys(patch.set).length > 0) edit({ kind: "change", task, ...patch });
  };
}

/** Deletes a task, and offers to undo it. */
export function useDeleteTask(): (task: Task) => void {
  const { offline } = useSession();
  return (task) => {
    const { id } = offline.mutate("task", { kind: "delete", task });
    const run = () => {
      const act = offline.queue.items.find((item) => item.id === id);
      if (act?.state === "waiting" && act.attempts === 0) offline.discard(id);
      else offline.mutate("task", { kind: "restore", task });
    };
    notify(`You deleted “${task.title}”`, { action: { label: "Undo", isUndo: true, run } });
  };
}

/** Adds, edits and deletes comments on a task, and reacts to them. */
export function useEditComments({ id, projectId }: Task): (edit: CommentEdit) => void {
  const { offline } = useSession();
  return (edit) => {
    const at = new Date().toISOString();
    offline.mutate("comment", { task: { id, projectId }, edit, at });
  };
}

/** Resolves threads of a task, and opens them again. */
export function useResolve({ id, projectId }: Task): (resolution: Resolution) => void {
  const { offline } = useSession();
  return (resolution) => void offline.mutate("resolve", { task: { id, projectId }, resolution });
}

/** Marks threads as read. */
export function useMarkRead(projectId: string): (mark: ReadMark) => void {
  const { offline } = useSession();
  return (mark) => void offline.mutate("read", { projectId, mark });
}
