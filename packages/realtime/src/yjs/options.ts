/** The options and events of a document. */

import type { Awareness } from "y-protocols/awareness";
import type { Doc } from "yjs";
import type { ServerAndSignIn } from "../core/project.ts";
import type { Cause, RealtimeStatus } from "../core/status.ts";
import type { DocumentKeys } from "./mode.ts";

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
  /**
   * Encrypts the document from end to end, if the project is encrypted: the server then stores and passes
   * on what it can't read.
   */
  encryption?: { keys: DocumentKeys } | undefined;
};

/** Something in an encrypted document can't be read. */
export interface UndecryptablePart {
  /**
   * `no_key`: the key of this epoch is not there (yet). It is tried again when there are new keys.
   * `damaged`: it was changed, or comes from elsewhere. `malformed`: it has another form than it should.
   */
  reason: "no_key" | "damaged" | "malformed";
  /** Undefined if it does not say. */
  epoch: number | undefined;
  /** Its number among the changes of the document. Undefined for what somebody says of themselves. */
  seq: number | undefined;
  /** Who it is from, as the server says: `u:<userId>` or `c:<connectionId>`. */
  sender: string;
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
  /** A part of an encrypted document can't be read. Said once for each part. */
  undecryptable: UndecryptablePart;
}
