/** How a document and its copy on the server are kept the same: in plain updates, or in encrypted ones. */

import type { Doc } from "yjs";
import type { Link } from "../core/link.ts";
import type { Cause, RealtimeStatus } from "../core/status.ts";
import type { AwarenessSync } from "./awareness.ts";
import type { DocumentEvents } from "./events.ts";
import type { ServerState } from "./server-state.ts";

/** Sends a message on the connection for which it was made. */
export type Send = (message: Uint8Array<ArrayBuffer>) => void;

/** What the parts of Yjs do that a mode needs: the page's own copy of it, because there must be only one. */
export interface YjsTools {
  applyUpdate(doc: Doc, update: Uint8Array, origin: unknown): void;
  encodeStateAsUpdate(doc: Doc): Uint8Array;
  mergeUpdates(updates: Uint8Array[]): Uint8Array;
  ServerState: typeof ServerState;
}

/** What a mode asks its provider, and tells it. */
export interface ModeHooks {
  /** Which document, and as whom. */
  readonly options: {
    readonly projectId: string;
    readonly docId: string;
    readonly getToken?: unknown;
    readonly user?: { readonly id: string } | undefined;
  };
  readonly doc: Doc;
  readonly people: AwarenessSync;
  readonly yjs: YjsTools;
  /** The connection. */
  link(): Link | undefined;
  /** `synced` or `saved` may have changed. */
  onChange(): void;
  /** Changes can't be sent, because of this. */
  onTrouble(cause: Cause): void;
  /** There is no connection to be made yet. */
  onStatus(status: RealtimeStatus): void;
  emit<T extends keyof DocumentEvents>(type: T, value: DocumentEvents[T]): void;
}

/** One way of keeping a document. */
export interface DocumentMode {
  /** Whether this connection has brought everything that the server had, and that can be read. */
  readonly synced: boolean;
  /** Whether everything that is here is durable on the server. */
  readonly saved: boolean;
  /** Whether changes wait to be sent. */
  readonly isGathering: boolean;
  /** How many parts can't be read, because their key is not there yet. */
  readonly undecryptable?: number;
  /** What a connect says in its query. */
  readonly query?: Record<string, string>;
  /** Words for why the server has ended the connection, where this mode has others. */
  readonly words?: Record<string, string>;
  /** There is a connection. */
  open(send: Send): void;
  /** A frame has arrived. */
  take(data: unknown): void;
  /** Sends what this client says of itself. */
  say(awarenessUpdate: Uint8Array): void;
  /** The connection is gone. */
  lose(): void;
  /** Sends now what waits. */
  flush(): void;
  /** Resolves once what was flushed is on its way. Undefined if it is. */
  sending?(): Promise<unknown> | undefined;
  /** Follows the document no longer. */
  end(): void;
}
