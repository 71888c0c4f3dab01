/** What a project is told: the names of events and their payloads. */

import type { OnlineUser, ServerFrameMap } from "../server-frames.ts";
import type { RealtimeStatus } from "./status.ts";

/** What the events about a task have in common. */
export interface TaskPayload {
  /** The task. */
  taskId: string;
  /** Its project. `broadcastTaskEvent` always sends it. */
  projectId?: string;
}

/** What the events about a changed task say, so that a list can change before it is fetched again. */
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

/** The events of the server's own. After `CONNECTED` without `recovered` a `resync` follows. */
export interface ServerEventMap extends Omit<ServerFrameMap, "AUTH_OK" | "PONG"> {}

/** The events of the client's own. */
export interface LocalEventMap {
  /**
   * Something may have been missed: fetch again what is on the screen. It comes on the first connect
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

/** The name of an event that a handler may ask for; `E` has the app's own by name, beside those that are known. */
export type EventType<E = unknown> = Extract<keyof (AllEvents & E), string>;

/** An event of one name. */
export interface RealtimeEvent<T extends EventType<E> = EventType, E = unknown> {
  readonly type: T;
  readonly payload: (AllEvents & E)[T];
  /** When the server took it, in milliseconds since 1970; by this machine's clock for a local one. */
  readonly timestamp: number;
  /** Its number in the room's history. Absent on what is not kept. */
  readonly seq?: number;
}

/** Any event that comes on the connection, and `resync`. `type` tells which: it narrows `payload`. */
export type AnyEvent<E = unknown> = {
  [T in Exclude<EventType<E>, "status" | "users">]: RealtimeEvent<T, E>;
}[Exclude<EventType<E>, "status" | "users">];

/** An event that a backend broadcast: neither the server's own nor the client's. */
export type BroadcastedEvent<E = unknown> = Exclude<
  AnyEvent<E>,
  { type: keyof ServerEventMap | keyof LocalEventMap }
>;

/** An event by its name, or with `*` any. */
export type EventOf<T, E = unknown> = T extends "*"
  ? AnyEvent<E>
  : Extract<AnyEvent<E>, { type: T }>;

/**
 * No event has this name. If it is one of yours, declare it: add it to {@link RealtimeEventMap} by
 * `declare module "@validiant/realtime"`, or name your events as in `connectProject<MyEvents>()` and
 * `typedHooks<MyEvents>()`. The compiler shows the name of this type where a name is not declared.
 */
export interface DeclareThisEventInRealtimeEventMap {
  readonly declareThisEvent: unique symbol;
}
