/** What the API and the board say to each other. */

export const STATUSES = ["todo", "in_progress", "completed"] as const;
export const PRIORITIES = ["low", "medium", "high"] as const;

export type Status = (typeof STATUSES)[number];
export type Priority = (typeof PRIORITIES)[number];

export interface User {
  id: string;
  name: string;
}

export interface Project {
  id: string;
  name: string;
}

export interface Task {
  id: string;
  projectId: string;
  title: string;
  status: Status;
  priority: Priority;
  assigneeId: string | null;
  /** How many comments it has. */
  comments: number;
}

export interface Comment {
  id: string;
  taskId: string;
  authorId: string;
  text: string;
  createdAt: string;
}

/** The page makes the ids, so that what it shows at once needs no other id later. */
export interface NewTask {
  id: string;
  title: string;
  status: Status;
  priority: Priority;
}

export type TaskChange = Partial<Pick<Task, "title" | "status" | "priority" | "assigneeId">>;

/** What a page has to know before it can do anything. */
export interface Config {
  users: User[];
  /** Where the realtime server is. */
  realtimeUrl: string;
  /** Whether that server wants tokens. */
  needsToken: boolean;
}
