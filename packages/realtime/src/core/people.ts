/** The people in a project, as an app sees them, and what they say about themselves. */

import type { OnlineUser } from "../server-frames.ts";

/**
 * What a connection says about its user: a small JSON object that everybody in the project sees, for as
 * long as the connection lasts. These keys have a meaning that the hooks know.
 *
 * Add your own by declaration merging. They are then typed everywhere:
 *
 * ```ts
 * declare module "@validiant/realtime" {
 *   interface PresenceData {
 *     selection?: string[];
 *   }
 * }
 * ```
 */
export interface PresenceData {
  /** How attentive the user is. */
  status?: "active" | "away" | "busy";
  /** Where in the app the user is, such as `task:t1`. At most 256 bytes of UTF-8. */
  at?: string;
  /** What the user is editing, such as `task:t1/title`: a soft lock. */
  editing?: string;
  /** Where the user's cursor rests: fractions of the width and the height of what `at` names. */
  cursor?: readonly [x: number, y: number];
}

/** A change of presence data. `null` removes a key; what is absent or undefined stays as it is. */
export type PresencePatch = {
  readonly [K in keyof PresenceData]?: PresenceData[K] | null | undefined;
};

/** The presence data of one connection of a user. */
export interface ConnectionPresence {
  readonly connectionId: string;
  readonly data: PresenceData;
}

/** Another user who is present in the project, on one or more devices. */
export interface Other extends Omit<OnlineUser, "data"> {
  /** Those of the user's connections that have presence data; the one that changed last is the last. */
  readonly connections: readonly ConnectionPresence[];
  /** The presence data of the connection that changed last. Empty if none has any. */
  readonly data: PresenceData;
}

/** This client, as the server knows it. */
export interface Self {
  /** The id of this connection. It stays the same when the client reconnects. */
  readonly connectionId: string;
  /** Null for an anonymous client. */
  readonly userId: string | null;
  /** The user's display name; null if unknown. */
  readonly userName: string | null;
  /** The address of the user's picture, if the token has one. */
  readonly avatar?: string;
  /** Whether a token vouches for the user. */
  readonly verified: boolean;
  /** This connection's presence data, as `setPresence` left them. */
  readonly data: PresenceData;
  /** Whether this client may send client events: the server has them on, and the user is allowed to. */
  readonly maySend: boolean;
}
