/** What the page has of the API, and under which keys. */

import { useQuery } from "@tanstack/react-query";
import type { Comment, Project, Task } from "../../shared/board.ts";
import { useSession } from "./session.ts";

export const keys = {
  projects: ["projects"],
  tasks: (projectId: string) => ["tasks", projectId],
  comments: (taskId: string) => ["task", taskId, "comments"],
};

export function useProjects() {
  const { api } = useSession();
  return useQuery({
    queryKey: keys.projects,
    queryFn: () => api.get<Project[]>("/projects"),
  });
}

export function useTasks(projectId: string) {
  const { api } = useSession();
  return useQuery({
    queryKey: keys.tasks(projectId),
    queryFn: () => api.get<Task[]>(`/projects/${projectId}/tasks`),
  });
}

export function useComments(taskId: string) {
  const { api } = useSession();
  return useQuery({
    queryKey: keys.comments(taskId),
    queryFn: () => api.get<Comment[]>(`/tasks/${taskId}/comments`),
  });
}
