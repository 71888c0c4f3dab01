/** The data that the page gets from the API, and its query keys. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Comment, Project, SingleTask, Task, Thread, Unread } from "../../shared/board.ts";
import {
  type CommentEdit,
  inThreads,
  type ReadMark,
  type Resolution,
  withCommentEdits,
  withReadMark,
  withResolution,
} from "./comments/edits.ts";
import { type TaskEdit, withEdits } from "./edits.ts";
import { useSession } from "./session.ts";
import { useUnsaved } from "./unsaved.ts";

export const keys = {
  projects: ["projects"],
  tasks: (projectId: string) => ["tasks", projectId],
  /** A task that is not in the list, to find out who deleted it. */
  single: (taskId: string | undefined) => ["single", taskId],
  comments: (taskId: string) => ["comments", taskId],
  threads: (taskId: string) => ["threads", taskId],
  unread: (projectId: string) => ["unread", projectId],
};

export function useProjects() {
  const { api } = useSession();
  return useQuery({
    queryKey: keys.projects,
    queryFn: () => api.get<Project[]>("/projects"),
  });
}

/** The tasks of a project, with the unsaved edits applied, and the ids of the unsaved tasks. */
export function useTasks(projectId: string | undefined) {
  const { api } = useSession();
  const queryKey = keys.tasks(projectId ?? "");
  const { data, error } = useQuery({
    queryKey,
    queryFn: () => api.get<Task[]>(`/projects/${projectId}/tasks`),
    enabled: projectId !== undefined,
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

/** The comments on a task with the unsaved edits, in their threads, and the ids of those that are unsaved. */
export function useThreads(taskId: string) {
  const { api, me } = useSession();
  const comments = useQuery({
    queryKey: keys.comments(taskId),
    queryFn: () => api.get<Comment[]>(`/tasks/${taskId}/comments`),
  });
  const threads = useQuery({
    queryKey: keys.threads(taskId),
    queryFn: () => api.get<Thread[]>(`/tasks/${taskId}/threads`),
  });
  const edits = useUnsaved<CommentEdit>(keys.comments(taskId));
  const resolutions = useUnsaved<Resolution>(keys.threads(taskId));
  const conversations = useMemo(() => {
    const said = withCommentEdits(comments.data ?? [], edits, { taskId, userId: me.id });
    const known = resolutions.reduce(
      (all, resolution) => withResolution(all, resolution, me.id),
      threads.data ?? [],
    );
    return inThreads(said, known);
  }, [comments.data, threads.data, edits, resolutions, taskId, me]);
  const unsaved = new Set(edits.map(({ comment }) => comment.id));
  return { conversations, unsaved, error: comments.error };
}

/** What the user has not read of a project. */
export function useUnread(projectId: string): readonly Unread[] {
  const { api } = useSession();
  const queryKey = keys.unread(projectId);
  const { data } = useQuery({
    queryKey,
    queryFn: () => api.get<Unread[]>(`/projects/${projectId}/unread`),
  });
  const marks = useUnsaved<ReadMark>(queryKey);
  return useMemo(() => marks.reduce(withReadMark, data ?? []), [data, marks]);
}
