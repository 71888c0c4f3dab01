/**
 * What the server itself says on a connection.
 *
 * Written by `npm run codegen` from crates/core/src/frame/payload.rs: change it there. Frames may gain
 * fields.
 */

/** A user who is in the project, on however many devices. */
export interface OnlineUser {
  /** Where the user's picture is, if the token names one. */
  readonly avatar?: string;
  /** Since when they are here, in milliseconds since 1970. */
  readonly joinedAt: number;
  /** Who. */
  readonly userId: string;
  /** What people call the user; null if nobody said. */
  readonly userName: string | null;
  /** Whether a token says who the user is. False where everybody may say who they are. */
  readonly verified: boolean;
}

/** The limits in force, as `CONNECTED` announces them. */
export interface RoomLimits {
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
  /** How many events the room accepts at once after a pause. */
  readonly publishBurst: number;
  /** How many events per second the room accepts. */
  readonly publishesPerSecond: number;
  /** How many sockets the room may have. */
  readonly roomSockets: number;
  /** How many sockets a user may have in the room. */
  readonly userSockets: number;
}

/** The connection stands: where the client is, and what it may do. */
export interface ConnectedPayload {
  /** How many users are here, this one included. */
  readonly activeUsers: number;
  /** The name of this connection. It stays the same when the client returns. */
  readonly connectionId: string;
  /** How many sockets are here, this one included. */
  readonly connections: number;
  /**
   * In which life of the project's history events are numbered. Absent where no history is kept.
   */
  readonly epoch?: string;
  /** What this client and the project may do. */
  readonly limits: RoomLimits;
  /** The project. */
  readonly projectId: string;
  /** Whether everything that was missed is on its way. */
  readonly recovered: boolean;
  /** The number of the newest event; 0 before the first. Absent where no history is kept. */
  readonly seq?: number;
  /** Name and version of the server. */
  readonly server: string;
  /** Who is here: 100 users at most. */
  readonly users: readonly OnlineUser[];
}

/** Somebody came. */
export interface UserJoinedPayload {
  /** Where the user's picture is, if the token names one. */
  readonly avatar?: string;
  /** Since when they are here, in milliseconds since 1970. */
  readonly joinedAt: number;
  /** The project. */
  readonly projectId: string;
  /** Who. */
  readonly userId: string;
  /** What people call the user; null if nobody said. */
  readonly userName: string | null;
  /** Whether a token says who the user is. False where everybody may say who they are. */
  readonly verified: boolean;
}

/** Somebody went, or did not return in time. */
export interface UserLeftPayload {
  /** Where the user's picture is, if the token names one. */
  readonly avatar?: string;
  /** The project. */
  readonly projectId: string;
  /** Who. */
  readonly userId: string;
  /** What people call the user; null if nobody said. */
  readonly userName: string | null;
}

/** Comings and goings of a large project, told once a second. */
export interface PresencePayload {
  /** How many users are here. */
  readonly activeUsers: number;
  /** Everybody, once they are few enough again to be told one by one. */
  readonly users?: readonly OnlineUser[];
}

/** The server refused a message of this client. The connection stays. */
export interface ErrorPayload {
  /** Why: stable, and with a page in `docs/errors`. */
  readonly code: string;
  /** Which of the limits was reached. */
  readonly limit?: string;
  /** The same for people. */
  readonly message: string;
  /** Which check of a token has failed, as in the reason of a close: `aud`, for example. */
  readonly reason?: string;
  /** After how many milliseconds it is no more. */
  readonly retryAfterMs?: number;
}

/** The server took a fresh token of this client. */
export interface AuthOkPayload {
  /** When the token ends, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Answers a ping. */
export type PongPayload = Record<string, never>;

/** The payloads by the types of their frames. */
export interface ServerFrameMap {
  /** The connection stands: where the client is, and what it may do. */
  CONNECTED: ConnectedPayload;
  /** Somebody came. */
  USER_JOINED: UserJoinedPayload;
  /** Somebody went, or did not return in time. */
  USER_LEFT: UserLeftPayload;
  /** Comings and goings of a large project, told once a second. */
  PRESENCE: PresencePayload;
  /** The server refused a message of this client. The connection stays. */
  ERROR: ErrorPayload;
  /** The server took a fresh token of this client. */
  AUTH_OK: AuthOkPayload;
  /** Answers a ping. */
  PONG: PongPayload;
}
