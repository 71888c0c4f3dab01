/** The data that the page gets from the API, and its query keys. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Comment, Project, SingleTask, Task } from "../../shared/board.ts";
import { type NewComment, type TaskEdit, withComment, withEdits } from "./edits.ts";
import { useSession } from "./session.ts";
import { useUnsaved } from "./unsaved.ts";

export const keys = {
  projects: ["projects"],
  tasks: (projectId: string) => ["tasks", projectId],
  /** A task that is not in the list, to find out who deleted it. */
  single: (taskId: string | undefined) => ["single", taskId],
  comments: (taskId: string) => ["comments", taskId],
};

export function useProjects() {
  const { api } = useSession();
  return useQuery({
    queryKey: keys.projects,
    queryFn: () => api.get<Project[]>("/projects"),
  });
}

/** The tasks of a project, with the unsaved edits applied, and the ids of the unsaved tasks. */
export function useTasks(projectId: string) {
  const { api } = useSession();
  const queryKey = keys.tasks(projectId);
  const { data, error } = useQuery({
    queryKey,
    queryFn: () => api.get<Task[]>(`/projects/${projectId}/tasks`),
  });
  const edits = useUnsaved<TaskEdit>(queryKey);
  const tasks = useMemo(() => data && withEdits(data, edits), [data, edits]);
  const unsaved = useMemo(() => new Set(edits.map(({ task }) => task.id)), [edits]);
  return { tasks, unsaved, error, isLoading: data === undefined };
}

/** A single task, fetched only if it is not in the list. */
export function useSingleTask(taskId: string | undefined, isListed: boolean) {
  const { api } = useSession();
  return useQuery({
    queryKey: keys.single(taskId),
    queryFn: () => api.get<SingleTask>(`/tasks/${taskId}`),
    enabled: taskId !== undefined && !isListed,
    retry: false,
  });
}

/** The comments on a task, in the same way. */
export function useComments(taskId: string) {
  const { api, me } = useSession();
  const queryKey = keys.comments(taskId);
  const { data, error } = useQuery({
    queryKey,
    queryFn: () => api.get<Comment[]>(`/tasks/${taskId}/comments`),
  });
  const added = useUnsaved<NewComment>(queryKey);
  const add = (all: Comment[], comment: NewComment) => withComment(all, comment, taskId, me.id);
  const comments = added.reduce(add, data ?? []);
  return { comments, unsaved: new Set(added.map(({ id }) => id)), error };
}
