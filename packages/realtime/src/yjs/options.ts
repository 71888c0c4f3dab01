/** The options of a document. */

import type { Awareness } from "y-protocols/awareness";
import type { Doc } from "yjs";
import type { ServerAndSignIn } from "../core/project.ts";

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
