/** The options and events of a document. */

import type { Awareness } from "y-protocols/awareness";
import type { Doc } from "yjs";
import type { ServerAndSignIn } from "../core/project.ts";
import type { Cause, RealtimeStatus } from "../core/status.ts";
import type { UndecryptableReason } from "../encryption/undecryptable.ts";

/** Keeps a document on the device, such as `IndexeddbPersistence` of `y-indexeddb`. */
export interface Persistence {
  /** Resolves once the document has what was kept. */
  readonly whenSynced: Promise<unknown>;
}

/** Which document, where it is, and as whom to connect. */
export type DocumentOptions = ServerAndSignIn & {
  /** The project: 1 to 128 bytes of UTF-8 without `/`. Its tokens, removals and revocations apply. */
  projectId: string;
  /** The document, by a name of yours that is the only one in the project. The same rules. */
  docId: string;
  /** The document here. Default: a new one. */
  doc?: Doc | undefined;
  /** Its awareness. Default: a new one. */
  awareness?: Awareness | undefined;
  /**
   * What keeps the document on this device: `new IndexeddbPersistence("p1/t1", doc)`. The first connect
   * waits until it has loaded, so that only what is missing is fetched. You end it yourself.
   */
  persistence?: Persistence | undefined;
};

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
