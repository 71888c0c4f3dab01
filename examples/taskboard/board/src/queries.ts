/** The data that the page gets from the API, with the changes that are not saved yet. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Comment, Project, SingleTask, Task, Thread, Unread } from "../../shared/board.ts";
import { inThreads, withCommentEdits } from "./comments/edits.ts";
import { keys } from "./keys.ts";
import { useSession } from "./session.ts";
import { useCommentActs, useUnsaved } from "./unsaved.ts";

export function useProjects() {
  const { api } = useSession();
  return useQuery({
    queryKey: keys.projects,
    queryFn: () => api.get<Project[]>("/projects"),
  });
}

/** A project, once it is known. */
export function useProject(projectId: string): Project | undefined {
  return useProjects().data?.find(({ id }) => id === projectId);
}

/** The tasks of a project, and the ids of those that are not saved yet. */
export function useTasks(projectId: string | undefined) {
  const { api } = useSession();
  const queryKey = keys.tasks(projectId ?? "");
  const { data, error } = useQuery({
    queryKey,
    queryFn: () => api.get<Task[]>(`/projects/${projectId}/tasks`),
    enabled: projectId !== undefined,
  });
  return { tasks: data, unsaved: useUnsaved("task"), error, isLoading: data === undefined };
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

/** The comments on a task in their threads, and the ids of those that are not saved yet. */
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
  const acts = useCommentActs(taskId);
  const conversations = useMemo(() => {
    // What is written before the comments could be fetched is shown without them.
    const mine = () =>
      acts.reduce<Comment[]>(
        (all, { edit, at }) => withCommentEdits(all, [edit], { taskId, userId: me.id, at }),
        [],
      );
    return inThreads(comments.data ?? mine(), threads.data ?? []);
  }, [comments.data, threads.data, acts, taskId, me]);
  return { conversations, unsaved: useUnsaved("comment"), error: comments.error };
}

const NOTHING: readonly Unread[] = [];

/** What the user has not read of a project. */
export function useUnread(projectId: string): readonly Unread[] {
  const { api } = useSession();
  const queryKey = keys.unread(projectId);
  const { data } = useQuery({
    queryKey,
    queryFn: () => api.get<Unread[]>(`/projects/${projectId}/unread`),
  });
  return data ?? NOTHING;
}
