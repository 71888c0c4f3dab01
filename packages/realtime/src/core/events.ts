/** The events of a project: their names and payloads. */

import type { UndecryptableReason } from "../encryption/undecryptable.ts";
import type { OnlineUser, ServerFrameMap } from "../server-frames.ts";
import type { EncryptionState } from "./channel.ts";
import type { Other, Self } from "./people.ts";
import type { RealtimeStatus } from "./status.ts";

/** The fields that all events about a task share. */
export interface TaskPayload {
  /** The task. */
  taskId: string;
  /** Its project. `broadcastTaskEvent` always sends it. */
  projectId?: string | undefined;
  /** The version of its row after the change. Clients then drop news that they show already. */
  version?: number | undefined;
}

/** The fields of events about a changed task, so that a list can change before it is fetched again. */
export interface TaskChangePayload extends TaskPayload {
  /** The task's status, such as `todo`, `in_progress` or `completed`. */
  status?: string | null | undefined;
  /** Its priority, such as `high`. */
  priority?: string | null | undefined;
}

/** The fields that all events about a project share. */
export interface ProjectPayload {
  /** The project. `broadcastProjectEvent` always sends it. */
  projectId?: string | undefined;
}

/** The fields that all events about a member of a project share. */
export interface MemberPayload extends ProjectPayload {
  /** The member. */
  userId: string;
  /** The member's role in the project, such as `editor`. */
  role?: string | undefined;
}

/** The fields that all events about a comment share. */
export interface CommentPayload extends TaskPayload {
  /** The comment. */
  commentId: string;
  /** The thread that the comment is in. */
  threadId?: string | undefined;
}

/** The fields that all events about a thread of comments share. */
export interface ThreadPayload extends TaskPayload {
  /** The thread. */
  threadId: string;
}

/**
 * The events about comments. {@link RealtimeEventMap} extends this, so an app that had declared one of
 * these names before can keep its declaration, as long as it has the fields that are required here.
 */
export interface CommentEventMap {
  /** A comment was written. `mentions` are the ids of the users whom it names. */
  COMMENT_ADDED: CommentPayload & { mentions?: readonly string[] | undefined };
  /** The text of a comment has changed. */
  COMMENT_UPDATED: CommentPayload & { mentions?: readonly string[] | undefined };
  /** A comment was deleted. What is left of it says only that it was there. */
  COMMENT_DELETED: CommentPayload;
  /** Somebody has reacted to a comment, or has taken a reaction back. */
  REACTION_CHANGED: CommentPayload & { emoji?: string | undefined };
  /** A thread was resolved, or, with `resolved: false`, opened again. */
  THREAD_RESOLVED: ThreadPayload & { resolved?: boolean | undefined };
  /** A user has read a thread. Send it to that user only: it is for their other devices. */
  THREAD_READ: ThreadPayload;
}

/**
 * The events that a backend broadcasts, by name, with their payloads.
 *
 * Add your own by declaration merging. They are then typed everywhere:
 *
 * ```ts
 * declare module "@validiant/realtime" {
 *   interface RealtimeEventMap {
 *     FILE_UPLOADED: { taskId: string; fileId: string };
 *   }
 * }
 * ```
 *
 * `resync`, `status`, `users`, `others`, `self`, `encryption`, `undecryptable` and `*` are names of the
 * client's own: a broadcast with such a name reaches no handler. Names that begin with `client-` are for {@link ClientEventMap}.
 */
export interface RealtimeEventMap extends CommentEventMap {
  /** A task was created. */
  TASK_CREATED: TaskChangePayload & { createdBy?: string | undefined };
  /** A task has changed. */
  TASK_UPDATED: TaskChangePayload;
  /** Only the status of a task has changed. */
  TASK_STATUS_CHANGED: TaskChangePayload;
  /** A task was deleted. */
  TASK_DELETED: TaskPayload;
  /** A task was assigned to somebody, or, with `removed`, is no longer assigned to them. */
  TASK_ASSIGNED: TaskPayload & { assigneeId: string; removed?: boolean | undefined };
  /** The project has changed. */
  PROJECT_UPDATED: ProjectPayload;
  /** The project was deleted. */
  PROJECT_DELETED: ProjectPayload;
  /** Somebody has become a member. */
  MEMBER_ADDED: MemberPayload;
  /** A member has changed, for example their role. */
  MEMBER_UPDATED: MemberPayload;
  /** Somebody is no longer a member. */
  MEMBER_REMOVED: MemberPayload;
  /**
   * A document has changed, and nobody has changed it since for 30 s. The server sends it, if its
   * setting `DOCUMENT_CHANGED_EVENTS` is on.
   */
  DOC_CHANGED: { docId: string };
}

/**
 * The events that clients send to each other, by name, with their payloads. Each name begins with
 * `client-`, so a receiver always knows a colleague's word from the backend's.
 *
 * Add your own by declaration merging. They are then typed everywhere:
 *
 * ```ts
 * declare module "@validiant/realtime" {
 *   interface ClientEventMap {
 *     "client-nudge": { taskId: string };
 *   }
 * }
 * ```
 */
export interface ClientEventMap {
  /** Somebody is typing, or has stopped. */
  "client-typing": { topic: string; on: boolean };
  /**
   * Where somebody's pointer has been: milliseconds since the point before, and fractions of the width
   * and the height of what `at` names. A movement begins with 0 ms. No points: the pointer is gone.
   */
  "client-pointer": {
    at: string;
    points: readonly (readonly [dt: number, x: number, y: number])[];
  };
}

/** Who has sent a client event. The server says so, so nobody can forge it. */
export interface EventSender {
  /** Null for an anonymous client. */
  readonly userId: string | null;
  readonly connectionId: string;
}

/** The server's own events. `CONNECTED` without `recovered` is followed by a `resync`. */
export interface ServerEventMap extends Omit<ServerFrameMap, "AUTH_OK" | "PONG"> {}

/** Something that came can't be read. */
export interface UndecryptablePayload {
  /** The type of what it came in: an event, or a frame with presence data. */
  readonly type: string;
  /**
   * Why. With `no_key` it is tried again when there are new keys, and then arrives like any other event.
   */
  readonly reason: UndecryptableReason;
  /** The epoch of its key. Null if it does not say. */
  readonly epoch: number | null;
  /** Its number in the room's history, if it has one. */
  readonly seq?: number;
  /** Who has sent it, if a client has. */
  readonly from?: EventSender;
}

/** The client's own events. */
export interface LocalEventMap {
  /**
   * Something may have been missed: fetch again what is on the screen. It also comes on the first
   * connect (`first`), because what was fetched before may be older than the connection.
   */
  resync: { projectId: string; first: boolean };
  /** The status of the connection has changed. */
  status: RealtimeStatus;
  /** The users who are online, or their number, have changed. */
  users: readonly OnlineUser[];
  /** The other users, or something that they say about themselves, have changed. */
  others: readonly Other[];
  /** This client, as the server knows it, has changed. Undefined after another user has signed in. */
  self: Self | undefined;
  /** Whether and how the project is encrypted has changed, or is known now. */
  encryption: EncryptionState | null;
  /** Something that came can't be read. Each is told once. It never stops what comes after. */
  undecryptable: UndecryptablePayload;
}

/** All events by name. */
export interface AllEvents
  extends RealtimeEventMap,
    ClientEventMap,
    ServerEventMap,
    LocalEventMap {}

/** The name of an event that a handler can listen to. `E` adds the app's own events to the declared ones. */
export type EventType<E = unknown> = Extract<keyof (AllEvents & E), string>;

/** The name of an event that clients send to each other. */
export type ClientEventType<E = unknown> = Extract<keyof (ClientEventMap & E), `client-${string}`>;

/** An event of one name. Client events also say who they are `from`. */
export type RealtimeEvent<T extends EventType<E> = EventType, E = unknown> = EventFields<T, E> &
  (T extends `client-${string}` ? { readonly from: EventSender } : unknown);

/** What events of every kind have. */
export interface EventFields<T extends EventType<E>, E = unknown> {
  readonly type: T;
  readonly payload: (AllEvents & E)[T];
  /**
   * When the server accepted it, in milliseconds since 1970. For the client's own events, the time by
   * this machine's clock.
   */
  readonly timestamp: number;
  /** Its number in the room's history. Absent on events that are not kept. */
  readonly seq?: number;
}

/** Any event that arrives on the connection, `resync` and `undecryptable`. `type` narrows `payload`. */
export type AnyEvent<E = unknown> = {
  [T in ArrivingType<E>]: RealtimeEvent<T, E>;
}[ArrivingType<E>];

type ArrivingType<E> = Exclude<
  EventType<E>,
  Exclude<keyof LocalEventMap, "resync" | "undecryptable">
>;

/** An event broadcast by a backend: not the server's own, nor the client's, nor from another client. */
export type BroadcastedEvent<E = unknown> = Exclude<
  AnyEvent<E>,
  { type: keyof ServerEventMap | keyof LocalEventMap | `client-${string}` }
>;

/** An event by its name. `*` is any event. */
export type EventOf<T, E = unknown> = T extends "*"
  ? AnyEvent<E>
  : Extract<AnyEvent<E>, { type: T }>;

/**
 * No event has this name. If it is one of yours, declare it: add it to {@link RealtimeEventMap}, or to
 * {@link ClientEventMap} if clients send it, with `declare module "@validiant/realtime"`, or pass your events as a type, as in
 * `connectProject<MyEvents>()` and `typedHooks<MyEvents>()`. The compiler shows the name of this type
 * for an event that is not declared.
 */
export interface DeclareThisEventInRealtimeEventMap {
  readonly declareThisEvent: unique symbol;
}
