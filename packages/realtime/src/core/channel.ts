/** End-to-end encryption, as far as a connection knows of it: what comes and goes passes through a channel. */

import type { Frame } from "./frames.ts";
import type { PresenceData, Self } from "./people.ts";
import type { RealtimeStatus } from "./status.ts";

/** How a project is encrypted. A new object on each change. */
export interface EncryptionState {
  /** The epoch under which this client encrypts. */
  readonly epoch: number;
}

/** What passes on the messages and the frames of a connection, encrypted and decrypted, in order. */
export interface Channel {
  /** Null if the project is not encrypted, or while that is not known yet. */
  readonly state: EncryptionState | null;
  /** Frames have arrived. */
  receive(frames: readonly Frame[]): void;
  /**
   * Sends a message. Returns false if it is larger than a frame can be.
   *
   * @param data for a message about presence data: all of them
   */
  post(message: object, frameBytes?: number, data?: PresenceData): boolean;
  /** The status of the connection has changed. */
  statusChanged(status: RealtimeStatus): void;
  /** The next connect is for another user. */
  forget(): void;
}

/** What a channel asks its connection, and tells it. */
export interface ChannelHooks {
  readonly projectId: string;
  /** This client as the server knows it. */
  self(): Self | undefined;
  /**
   * A frame can be dealt with. A late one has been passed over before, and the position has moved on. One
   * of the channel's own tells of something that came.
   */
  take(frame: Frame, how?: "late" | "own"): void;
  /** Sends a message as it is. Returns false if it is larger than a frame can be. */
  post(message: object): boolean;
  /** The presence data have to be told again, after this wait. */
  repeatPresence(waitMs: number): void;
  /** The state has changed. */
  changed(state: EncryptionState | null): void;
}
