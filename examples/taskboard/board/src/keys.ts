/** The query keys of what the page gets from the API. */

export const keys = {
  projects: ["projects"],
  tasks: (projectId: string) => ["tasks", projectId],
  /** A task that is not in the list, to find out who deleted it. */
  single: (taskId: string | undefined) => ["single", taskId],
  comments: (taskId: string) => ["comments", taskId],
  threads: (taskId: string) => ["threads", taskId],
  unread: (projectId: string) => ["unread", projectId],
};
