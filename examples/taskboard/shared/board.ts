/** The data that the API and the board exchange. */

export const STATUSES = ["todo", "in_progress", "completed"] as const;
export const PRIORITIES = ["low", "medium", "high"] as const;

export type Status = (typeof STATUSES)[number];
export type Priority = (typeof PRIORITIES)[number];

/** The longest texts, in characters. */
export const TITLE_MAX = 200;
export const DESCRIPTION_MAX = 5_000;
export const COMMENT_MAX = 2_000;

/** The first and the last day that a task can be due. */
export const DUE_MIN = "1970-01-01";
export const DUE_MAX = "2999-12-31";

/** The projects that exist from the start: one that everybody sees, and an encrypted one. */
export const DEMO_PROJECT = "d0000000-0000-4000-8000-000000000000";
export const SALARIES_PROJECT = "d1000000-0000-4000-8000-000000000000";

export interface User {
  id: string;
  name: string;
}

export interface Project {
  id: string;
  name: string;
  /** The ids of those who may see it, if it is private: then it is encrypted from end to end. Null: everybody. */
  members: string[] | null;
}

export interface Task {
  id: string;
  projectId: string;
  title: string;
  /** What was last read of the shared text, for searching: see text.ts. */
  description: string;
  status: Status;
  priority: Priority;
  /** Its place in the column: see position.ts. */
  position: string;
  assigneeId: string | null;
  /** A day such as `2026-11-27`, the same in every time zone. */
  dueOn: string | null;
  /** Grows with each change of the task. */
  version: number;
  /** How many comments it has. */
  comments: number;
}

/** A single task. It may be deleted, and can then be restored. */
export interface SingleTask extends Task {
  deleted: { by: string; at: string } | null;
}

/** The reactions to choose from. */
export const EMOJIS = ["👍", "❤️", "🎉", "😄", "👀", "✅"] as const;
export type Emoji = (typeof EMOJIS)[number];

export interface Comment {
  id: string;
  taskId: string;
  /** The id of the thread's first comment. */
  threadId: string;
  authorId: string;
  /** What was written: see mentions.ts. Empty if the comment is deleted. */
  text: string;
  createdAt: string;
  editedAt: string | null;
  deletedAt: string | null;
  reactions: Reaction[];
}

export interface Reaction {
  emoji: Emoji;
  /** Who has reacted so, in the order in which they did. */
  userIds: string[];
}

export interface Thread {
  id: string;
  taskId: string;
  resolved: { by: string; at: string } | null;
}

/** What a user has not read of a thread. */
export interface Unread {
  threadId: string;
  taskId: string;
  /** The oldest comment that is not read. */
  firstId: string;
  /** How many there are. */
  comments: number;
  /** How many of them mention the user. */
  mentions: number;
}

/** A new comment. It begins a thread if its own id is that of the thread. */
export type NewComment = Pick<Comment, "id" | "threadId" | "text">;

/** The page makes the ids, so that a task shown at once keeps its id later. */
export type NewTask = Pick<Task, "id" | "title" | "status" | "priority" | "position">;

/** What can be changed about a task. */
export type TaskField = "title" | "priority" | "dueOn";

export type TaskChange = Partial<Pick<Task, TaskField | "status" | "position" | "assigneeId">>;

/** What a page needs to know before it can do anything. */
export interface Config {
  users: User[];
  /** Where the realtime server is. */
  realtimeUrl: string;
  /** Whether that server requires tokens. */
  needsToken: boolean;
}
