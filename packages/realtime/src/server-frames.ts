/**
 * The frames that the server itself sends on a connection.
 *
 * Written by `npm run codegen` from crates/core/src/wire/frame/payload.rs: change it there. Frames may
 * gain fields.
 */

/** What a connection says of itself to the others. */
export interface ConnectionData {
  /** The id of the connection. */
  readonly connectionId: string;
  /** Its presence data; null if they are gone. */
  readonly data: object | null;
}

/** A user who is present in the project, on one or more devices. */
export interface OnlineUser {
  /** The address of the user's picture, if the token has one. */
  readonly avatar?: string;
  /** What each of their connections says of itself, oldest first. Absent if none says anything. */
  readonly data?: readonly ConnectionData[];
  /** When they joined, in milliseconds since 1970. */
  readonly joinedAt: number;
  /**
   * Set while the user's connection is lost and they may come back: when they count as gone, in
   * milliseconds since 1970. Absent if clients may not talk to each other.
   */
  readonly leavesAt?: number;
  /** Who. */
  readonly userId: string;
  /** The user's display name; null if unknown. */
  readonly userName: string | null;
  /** Whether a token vouches for the user. False if clients can connect as anybody. */
  readonly verified: boolean;
}

/** The limits in force, as `CONNECTED` announces them. */
export interface RoomLimits {
  /**
   * To how many sockets per second the room passes on messages of its clients. Absent if they may
   * not talk to each other.
   */
  readonly clientDeliveriesPerSecond?: number;
  /**
   * To how many sockets the room passes on messages of its clients at once after a pause. Absent if
   * they may not talk to each other.
   */
  readonly clientDeliveryBurst?: number;
  /** The largest frame that a client may send, in bytes. */
  readonly clientFrameBytes: number;
  /** How many messages a client may send at once after a pause. */
  readonly clientMessageBurst: number;
  /** How many messages per second a client may send on its socket. */
  readonly clientMessagesPerSecond: number;
  /**
   * How often per minute an address may connect to the project. Absent if the server does not
   * count.
   */
  readonly connectsPerMinute?: number;
  /**
   * The largest presence data of a connection, in bytes. Absent if clients may not talk to each
   * other.
   */
  readonly presenceDataBytes?: number;
  /** How many events the room accepts at once after a pause. */
  readonly publishBurst: number;
  /** How many events per second the room accepts. */
  readonly publishesPerSecond: number;
  /** How many sockets the room may have. */
  readonly roomSockets: number;
  /** How many sockets a user may have in the room. */
  readonly userSockets: number;
}

/** The connection is open: what the client is connected to, and its limits. */
export interface ConnectedPayload {
  /** How many users are present, including this one. */
  readonly activeUsers: number;
  /** Whether the client may send events to others. */
  readonly clientEvents: boolean;
  /** The id of this connection. It stays the same when the client reconnects. */
  readonly connectionId: string;
  /** How many sockets are connected, including this one. */
  readonly connections: number;
  /**
   * The current life of the project's history, in which events are numbered. Absent if no history
   * is kept.
   */
  readonly epoch?: string;
  /** The limits on this client and the project. */
  readonly limits: RoomLimits;
  /** The lowest key epoch that the project takes. Absent if it is not encrypted. */
  readonly minKeyEpoch?: number;
  /** The project. */
  readonly projectId: string;
  /** Whether everything that the client missed follows. */
  readonly recovered: boolean;
  /** The number of the newest event; 0 before the first. Absent if no history is kept. */
  readonly seq?: number;
  /** Name and version of the server. */
  readonly server: string;
  /** Who is present: at most 100 users. */
  readonly users: readonly OnlineUser[];
}

/** A user joined. */
export interface UserJoinedPayload {
  /** The address of the user's picture, if the token has one. */
  readonly avatar?: string;
  /** What each of their connections says of itself, oldest first. Absent if none says anything. */
  readonly data?: readonly ConnectionData[];
  /** When they joined, in milliseconds since 1970. */
  readonly joinedAt: number;
  /**
   * Set while the user's connection is lost and they may come back: when they count as gone, in
   * milliseconds since 1970. Absent if clients may not talk to each other.
   */
  readonly leavesAt?: number;
  /** The project. */
  readonly projectId: string;
  /** Who. */
  readonly userId: string;
  /** The user's display name; null if unknown. */
  readonly userName: string | null;
  /** Whether a token vouches for the user. False if clients can connect as anybody. */
  readonly verified: boolean;
}

/**
 * A user's name, picture or presence data changed, or their connection was lost or is back. `data`
 * has only the connection whose data changed.
 */
export interface UserUpdatedPayload {
  /** The address of the user's picture, if the token has one. */
  readonly avatar?: string;
  /** What each of their connections says of itself, oldest first. Absent if none says anything. */
  readonly data?: readonly ConnectionData[];
  /** When they joined, in milliseconds since 1970. */
  readonly joinedAt: number;
  /**
   * Set while the user's connection is lost and they may come back: when they count as gone, in
   * milliseconds since 1970. Absent if clients may not talk to each other.
   */
  readonly leavesAt?: number;
  /** The project. */
  readonly projectId: string;
  /** Who. */
  readonly userId: string;
  /** The user's display name; null if unknown. */
  readonly userName: string | null;
  /** Whether a token vouches for the user. False if clients can connect as anybody. */
  readonly verified: boolean;
}

/** A user left, or did not come back in time. */
export interface UserLeftPayload {
  /** The address of the user's picture, if the token has one. */
  readonly avatar?: string;
  /** The project. */
  readonly projectId: string;
  /** Who. */
  readonly userId: string;
  /** The user's display name; null if unknown. */
  readonly userName: string | null;
}

/** Joins and leaves in a large project, summarised once a second. */
export interface PresencePayload {
  /** How many users are present. */
  readonly activeUsers: number;
  /** Everybody who is present, once there are few enough again to announce them one by one. */
  readonly users?: readonly OnlineUser[];
}

/** The server refused a message from this client. The connection stays open. */
export interface ErrorPayload {
  /** Why: stable, and with a page in `docs/errors`. */
  readonly code: string;
  /** Which of the limits was reached. */
  readonly limit?: string;
  /** An explanation for people. */
  readonly message: string;
  /** The lowest key epoch that the project takes, if the message was refused for its key. */
  readonly minKeyEpoch?: number;
  /** The nonce of the event that is to be encrypted anew. */
  readonly nonce?: string;
  /** Which check of a token failed, as in the reason of a close: for example `aud`. */
  readonly reason?: string;
  /** After how many milliseconds there is room again. */
  readonly retryAfterMs?: number;
}

/** The server accepted a fresh token from this client. */
export interface AuthOkPayload {
  /** Whether the client may send events to others from now on. */
  readonly clientEvents: boolean;
  /** When the token expires, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The project takes nothing any more that is encrypted under an older key. */
export interface KeyEpochPayload {
  /** The lowest key epoch that the project takes. */
  readonly minKeyEpoch: number;
}

/** Answers a ping. */
export type PongPayload = Record<string, never>;

/** The payloads by the types of their frames. */
export interface ServerFrameMap {
  /** The connection is open: what the client is connected to, and its limits. */
  CONNECTED: ConnectedPayload;
  /** A user joined. */
  USER_JOINED: UserJoinedPayload;
  /**
   * A user's name, picture or presence data changed, or their connection was lost or is back.
   * `data` has only the connection whose data changed.
   */
  USER_UPDATED: UserUpdatedPayload;
  /** A user left, or did not come back in time. */
  USER_LEFT: UserLeftPayload;
  /** Joins and leaves in a large project, summarised once a second. */
  PRESENCE: PresencePayload;
  /** The server refused a message from this client. The connection stays open. */
  ERROR: ErrorPayload;
  /** The server accepted a fresh token from this client. */
  AUTH_OK: AuthOkPayload;
  /** The project takes nothing any more that is encrypted under an older key. */
  KEY_EPOCH: KeyEpochPayload;
  /** Answers a ping. */
  PONG: PongPayload;
}
