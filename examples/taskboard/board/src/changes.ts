/** What users change. It is on the screen at once, and taken back if the API refuses it. */

import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import {
  type Comment,
  type NewTask,
  PRIORITIES,
  type Project,
  type Task,
  type TaskChange,
} from "../../shared/board.ts";
import { keys } from "./queries.ts";
import { goTo } from "./route.ts";
import { useSession } from "./session.ts";
import { notify } from "./toasts.ts";

/** This one is shown when it is stored: its board has nothing to ask the API for before. */
export function useAddProject() {
  const { api } = useSession();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (project: Project) => api.post("/projects", project),
    onSuccess: (_answer, { id }) => {
      goTo({ project: id, task: undefined });
      return queryClient.invalidateQueries({ queryKey: keys.projects });
    },
    onError: ({ message }) => notify(`Not saved. ${message}`),
  });
}

export function useAddTask(projectId: string) {
  const { api } = useSession();
  return useChange<Task, NewTask>({
    queryKey: keys.tasks(projectId),
    send: (task) => api.post(`/projects/${projectId}/tasks`, task),
    apply: (tasks, task) =>
      byPriority([...tasks, { ...task, projectId, assigneeId: null, comments: 0 }]),
  });
}

export function useChangeTask(projectId: string) {
  const { api } = useSession();
  return useChange<Task, { id: string; change: TaskChange }>({
    queryKey: keys.tasks(projectId),
    send: ({ id, change }) => api.patch(`/tasks/${id}`, change),
    apply: (tasks, { id, change }) =>
      byPriority(tasks.map((task) => (task.id === id ? { ...task, ...change } : task))),
  });
}

export function useDeleteTask(projectId: string) {
  const { api } = useSession();
  return useChange<Task, string>({
    queryKey: keys.tasks(projectId),
    send: (id) => api.delete(`/tasks/${id}`),
    apply: (tasks, id) => tasks.filter((task) => task.id !== id),
  });
}

export function useAddComment({ id: taskId, projectId }: Task) {
  const { api, me } = useSession();
  const queryClient = useQueryClient();
  return useChange<Comment, { id: string; text: string }>({
    queryKey: keys.comments(taskId),
    send: async (comment) => {
      await api.post(`/tasks/${taskId}/comments`, comment);
      // The list of tasks counts them.
      void queryClient.invalidateQueries({ queryKey: keys.tasks(projectId) });
    },
    apply: (comments, comment) => {
      const createdAt = new Date().toISOString();
      return [...comments, { ...comment, taskId, authorId: me.id, createdAt }];
    },
  });
}

interface ChangeOptions<Item, Variables> {
  /** The list that it changes. */
  queryKey: QueryKey;
  send(variables: Variables): Promise<void>;
  /** The list as it will be. */
  apply(items: Item[], variables: Variables): Item[];
}

function useChange<Item, Variables>({ queryKey, send, apply }: ChangeOptions<Item, Variables>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: queryKey,
    // The API gets the changes of a list in the order in which they were made.
    scope: { id: JSON.stringify(queryKey) },
    mutationFn: send,
    onMutate: async (variables) => {
      // An answer that is on its way would take the change off the screen again.
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData<Item[]>(queryKey);
      queryClient.setQueryData<Item[]>(queryKey, (items) => items && apply(items, variables));
      return { before };
    },
    onError: (error, _variables, result) => {
      queryClient.setQueryData(queryKey, result?.before);
      notify(`Not saved. ${error.message}`);
    },
    onSettled: () => {
      const isLast = queryClient.isMutating({ mutationKey: queryKey }) === 1;
      if (isLast) void queryClient.invalidateQueries({ queryKey });
    },
  });
}

/** As the API orders them. */
function byPriority(tasks: Task[]): Task[] {
  const rank = ({ priority }: Task) => PRIORITIES.indexOf(priority);
  return tasks.toSorted((a, b) => rank(b) - rank(a));
}
