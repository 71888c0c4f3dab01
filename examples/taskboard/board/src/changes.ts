/**
 * The users' changes. A change is on the screen at once (see queries.ts), and is marked until it is
 * saved. If the API refuses it, it is undone, and a notice says why and offers to try again. Without a
 * network it waits in this page.
 */

import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import type { Comment, Project, Task, TaskChange } from "../../shared/board.ts";
import { Unreachable } from "./api.ts";
import { type NewComment, sendEdit, type TaskEdit, withComment, withEdits } from "./edits.ts";
import { keys } from "./queries.ts";
import { goTo } from "./route.ts";
import { useSession } from "./session.ts";
import { notify } from "./toasts.ts";

const RETRIES = 3;

/** A new project is shown once it is stored: before that, the API has nothing to return for its board. */
export function useAddProject() {
  const { api } = useSession();
  const queryClient = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: (project: Project) => api.post("/projects", project),
    onSuccess: (_answer, { id }) => {
      goTo({ project: id, task: undefined });
      return queryClient.invalidateQueries({ queryKey: keys.projects });
    },
    onError: (error, project) => notifyFailure(`“${project.name}”`, error, () => mutate(project)),
  });
  return mutate;
}

/** Saves edits of the tasks of a project. */
export function useEditTask(projectId: string): (edit: TaskEdit) => void {
  const { api } = useSession();
  return useChange<Task, TaskEdit>({
    queryKey: keys.tasks(projectId),
    send: (edit) => sendEdit(api, edit),
    apply: (tasks, edit) => withEdits(tasks, [edit]),
    nameOf: ({ task }) => `“${task.title}”`,
  });
}

export function useChangeTask(projectId: string): (task: Task, change: TaskChange) => void {
  const edit = useEditTask(projectId);
  return (task, change) => edit({ kind: "change", task, change });
}

/** Deletes a task, and offers to undo it. */
export function useDeleteTask(projectId: string): (task: Task) => void {
  const edit = useEditTask(projectId);
  return (task) => {
    edit({ kind: "delete", task });
    const run = () => edit({ kind: "restore", task });
    notify(`You deleted “${task.title}”`, { action: { label: "Undo", isUndo: true, run } });
  };
}

export function useAddComment({ id: taskId, projectId }: Task): (comment: NewComment) => void {
  const { api, me } = useSession();
  const queryClient = useQueryClient();
  return useChange<Comment, NewComment>({
    queryKey: keys.comments(taskId),
    send: async (comment) => {
      await api.post(`/tasks/${taskId}/comments`, comment);
      // The list of tasks counts them.
      void queryClient.invalidateQueries({ queryKey: keys.tasks(projectId) });
    },
    apply: (comments, comment) => withComment(comments, comment, taskId, me.id),
    nameOf: ({ text }) => `“${text}”`,
  });
}

interface ChangeOptions<Item, Variables> {
  /** The list that the change is about. */
  queryKey: QueryKey;
  send(variables: Variables): Promise<void>;
  /** The list as it is once the API has accepted the change. */
  apply(items: Item[], variables: Variables): Item[];
  /** How the notice of a failure names the change. */
  nameOf(variables: Variables): string;
}

function useChange<Item, Variables>(
  options: ChangeOptions<Item, Variables>,
): (variables: Variables) => void {
  const { queryKey, send, apply, nameOf } = options;
  const queryClient = useQueryClient();
  const { mutate } = useMutation<void, Error, Variables>({
    mutationKey: queryKey,
    // The API receives the changes to a list in the order in which they were made.
    scope: { id: JSON.stringify(queryKey) },
    mutationFn: send,
    retry: (failures, error) => error instanceof Unreachable && failures < RETRIES,
    onSuccess: async (_answer, variables) => {
      // An older answer still on its way would remove the change from the screen.
      await queryClient.cancelQueries({ queryKey });
      queryClient.setQueryData<Item[]>(queryKey, (items) => items && apply(items, variables));
    },
    onError: (error, variables) => notifyFailure(nameOf(variables), error, () => mutate(variables)),
    onSettled: () => {
      const isLast = queryClient.isMutating({ mutationKey: queryKey }) === 1;
      if (isLast) void queryClient.invalidateQueries({ queryKey });
    },
  });
  return mutate;
}

/** The notice stays: what was typed would be lost with it. */
function notifyFailure(name: string, { message }: Error, run: () => void): void {
  notify(`${name} was not saved. ${message}`, { action: { label: "Try again", run }, stays: true });
}
