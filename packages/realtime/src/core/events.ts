/** What a project is told: the names of events, their payloads, and the frames that carry them. */

import type { RealtimeStatus } from "./status.ts";
import type { OnlineUser } from "./users.ts";

/** What the events about a task have in common. */
export interface TaskPayload {
  /** The task. */
  taskId: string;
  /** Its project. `broadcastTaskEvent` always sends it. */
  projectId?: string;
}

/** What the events about a changed task say, so that a list can change before it is fetched anew. */
export interface TaskChangePayload extends TaskPayload {
  /** The state of the task, such as `todo`, `in_progress` or `completed`. */
  status?: string | null;
  /** Its priority, such as `high`. */
  priority?: string | null;
}

/** What the events about a project say. */
export interface ProjectPayload {
  /** The project. `broadcastProjectEvent` always sends it. */
  projectId?: string;
}

/** What the events about a member of a project say. */
export interface MemberPayload extends ProjectPayload {
  /** The member. */
  userId: string;
  /** What the member may do in the project, such as `editor`. */
  role?: string;
}

/**
 * The events that a backend broadcasts, by name, with their payloads.
 *
 * An app adds its own by declaration merging; they are typed everywhere from then on:
 *
 * ```ts
 * declare module "@validiant/realtime" {
 *   interface RealtimeEventMap {
 *     COMMENT_ADDED: { taskId: string; commentId: string };
 *   }
 * }
 * ```
 *
 * `resync`, `status`, `users` and `*` are names of the client's own: a broadcast that is called so
 * reaches no handler.
 */
export interface RealtimeEventMap {
  /** A task is new. */
  TASK_CREATED: TaskChangePayload & { createdBy?: string };
  /** Something of a task has changed. */
  TASK_UPDATED: TaskChangePayload;
  /** The state of a task has changed, and nothing else. */
  TASK_STATUS_CHANGED: TaskChangePayload;
  /** A task is gone. */
  TASK_DELETED: TaskPayload;
  /** Somebody got a task, or, with `removed`, no longer has it. */
  TASK_ASSIGNED: TaskPayload & { assigneeId: string; removed?: boolean };
  /** Something of the project has changed. */
  PROJECT_UPDATED: ProjectPayload;
  /** The project is gone. */
  PROJECT_DELETED: ProjectPayload;
  /** Somebody is a member now. */
  MEMBER_ADDED: MemberPayload;
  /** Something of a member has changed, such as the role. */
  MEMBER_UPDATED: MemberPayload;
  /** Somebody is no longer a member. */
  MEMBER_REMOVED: MemberPayload;
}

/** Who came or went. */
export interface UserPayload {
  userId: string;
  /** What people call the user; null if nobody said. */
  userName: string | null;
  /** Where the user's picture is, if the token names one. */
  avatar?: string;
  projectId: string;
}

/** What the server says first on each connection. */
export interface ConnectedPayload {
  projectId: string;
  /** The name of this connection. It stays the same when the client returns. */
  connectionId: string;
  /** How many users are here, this one included. */
  activeUsers: number;
  /** How many sockets are here, this one included. */
  connections: number;
  /** Who is here: 100 users at most. */
  users: OnlineUser[];
  /** The limits in force, by name, such as `clientFrameBytes`. */
  limits: Record<string, number>;
  /** Name and version of the server. */
  server: string;
  /** In which life of the room's history events are numbered. Absent where no history is kept. */
  epoch?: string;
  /** The number of the newest event; 0 before the first. Absent where no history is kept. */
  seq?: number;
  /** Whether everything that was missed is on its way. If not, a `resync` follows. */
  recovered: boolean;
}

/** The events of the server's own. */
export interface ServerEventMap {
  /** The connection stands. */
  CONNECTED: ConnectedPayload;
  /** Somebody came. */
  USER_JOINED: UserPayload;
  /** Somebody went, or did not return in time. */
  USER_LEFT: UserPayload;
  /** Comings and goings of a large room, told once a second; `users` when it is small again. */
  PRESENCE: { activeUsers: number; users?: OnlineUser[] };
  /** The server refused a message of this client. The connection stays. */
  ERROR: { code: string; message: string; limit?: string; retryAfterMs?: number };
}

/** The events of the client's own. */
export interface LocalEventMap {
  /**
   * Something may have been missed: fetch anew what is on the screen. It comes on the first connect
   * too (`first`), since what was fetched before it may be older than the connection.
   */
  resync: { projectId: string; first: boolean };
  /** The connection came to be in another state. */
  status: RealtimeStatus;
  /** Who is here has changed, or how many are. */
  users: readonly OnlineUser[];
}

/** All events by name. */
export interface AllEvents extends RealtimeEventMap, ServerEventMap, LocalEventMap {}

/** The name of an event that a handler may ask for. */
export type EventType = Extract<keyof AllEvents, string>;

/** An event of one name. */
export interface RealtimeEvent<T extends EventType = EventType> {
  readonly type: T;
  readonly payload: AllEvents[T];
  /** When the server took it, in milliseconds since 1970; by this machine's clock for a local one. */
  readonly timestamp: number;
  /** Its number in the room's history. Absent on what is not kept. */
  readonly seq?: number;
}

/** Any event that comes on the connection, and `resync`. `type` tells which: it narrows `payload`. */
export type AnyEvent = {
  [T in Exclude<EventType, "status" | "users">]: RealtimeEvent<T>;
}[Exclude<EventType, "status" | "users">];
