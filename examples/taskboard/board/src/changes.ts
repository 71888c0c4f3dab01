/**
 * The users' changes. A change is on the screen at once (see queries.ts), and is marked until it is
 * saved. If the API refuses it, it is undone, and a notice says why and offers to try again. Without a
 * network it waits in this page.
 */

import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import type { Comment, Project, Task, TaskChange, Thread, Unread } from "../../shared/board.ts";
import { toWritten } from "../../shared/mentions.ts";
import { Unreachable } from "./api.ts";
import {
  type CommentEdit,
  type ReadMark,
  type Resolution,
  sendCommentEdit,
  textOf,
  withCommentEdits,
  withReadMark,
  withResolution,
} from "./comments/edits.ts";
import { sendEdit, type TaskEdit, withEdits } from "./edits.ts";
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

/** Adds, edits and deletes comments on a task, and reacts to them. */
export function useEditComments({ id: taskId, projectId }: Task): (edit: CommentEdit) => void {
  const { api, me, config } = useSession();
  const queryClient = useQueryClient();
  return useChange<Comment, CommentEdit>({
    queryKey: keys.comments(taskId),
    send: async (edit) => {
      await sendCommentEdit(api, taskId, edit);
      // The list of tasks counts them.
      void queryClient.invalidateQueries({ queryKey: keys.tasks(projectId) });
    },
    apply: (comments, edit) => withCommentEdits(comments, [edit], { taskId, userId: me.id }),
    nameOf: (edit) => `“${toWritten(textOf(edit), config.users)}”`,
  });
}

/** Resolves threads of a task, and opens them again. */
export function useResolve({ id: taskId }: Task): (resolution: Resolution) => void {
  const { api, me } = useSession();
  return useChange<Thread, Resolution>({
    queryKey: keys.threads(taskId),
    send: ({ threadId, isResolved }) => {
      const path = `/threads/${threadId}/resolved`;
      return isResolved ? api.put(path) : api.delete(path);
    },
    apply: (threads, resolution) => withResolution(threads, resolution, me.id),
    nameOf: ({ isResolved }) => (isResolved ? "“Resolve”" : "“Open again”"),
  });
}

/** Marks threads as read. It is no work that could be lost, so nobody is told if it fails. */
export function useMarkRead(projectId: string): (mark: ReadMark) => void {
  const { api } = useSession();
  return useChange<Unread, ReadMark>({
    queryKey: keys.unread(projectId),
    send: ({ threadId, commentId }) => api.put(`/threads/${threadId}/read`, { commentId }),
    apply: withReadMark,
    nameOf: undefined,
  });
}

interface ChangeOptions<Item, Variables> {
  /** The list that the change is about. */
  queryKey: QueryKey;
  send(variables: Variables): Promise<void>;
  /** The list as it is once the API has accepted the change. */
  apply(items: Item[], variables: Variables): Item[];
  /** How the notice of a failure names the change. Without it, nobody would miss the change. */
  nameOf: ((variables: Variables) => string) | undefined;
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
    meta: { isMissed: nameOf !== undefined },
    onError: (error, variables) => {
      if (nameOf) notifyFailure(nameOf(variables), error, () => mutate(variables));
    },
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
