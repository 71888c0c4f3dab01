/** The events of a document. */

import type { Cause, RealtimeStatus } from "../core/status.ts";
import type { UndecryptableReason } from "../encryption/undecryptable.ts";

/** A part of an encrypted document that can't be read. */
export interface UndecryptablePart {
  /** Why. With `no_key` it is tried again when there are new keys, and then becomes part of the document. */
  readonly reason: UndecryptableReason;
  /** The epoch of its key. Null if it does not say. */
  readonly epoch: number | null;
  /** Its number among the changes of the document. Absent for what somebody says of themselves. */
  readonly seq?: number;
  /** Who it is from, as the server says: `u:<userId>`, or `c:<connectionId>` without a user. */
  readonly sender: string;
}

/** The events of a `DocumentProvider`, and what their handlers get. */
export interface DocumentEvents {
  /** The status of the connection has changed. */
  status: RealtimeStatus;
  /** Whether the connection has brought everything that the server had, and that can be decrypted. */
  synced: boolean;
  /** Whether everything in the document is durable on the server. */
  saved: boolean;
  /** The server has ignored a change, because this user may only read: why, in a sentence for people. */
  denied: string;
  /** Something keeps this client from working. */
  error: Cause;
  /** A part of an encrypted document can't be read. Each is told once. */
  undecryptable: UndecryptablePart;
}
