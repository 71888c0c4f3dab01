/** How a document and its copy on the server are kept the same: in plain updates, or in encrypted ones. */

import type { Doc } from "yjs";
import type { Cause, RealtimeStatus } from "../core/status.ts";
import type { AwarenessSync } from "./awareness.ts";
import type { DocumentEvents } from "./options.ts";
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
  readonly projectId: string;
  readonly docId: string;
  readonly doc: Doc;
  readonly people: AwarenessSync;
  readonly yjs: YjsTools;
  /** Whether the server knows from a token who somebody is. */
  readonly hasToken: boolean;
  /** The user as which this client connects. */
  userId(): string | undefined;
  /** The id of its connection. */
  connectionId(): string | undefined;
  /** The server has taken this client in. */
  accepted(): void;
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
  /** The connection is gone, with this code of the server, if it has ended it. */
  lose(code?: string): void;
  /** Sends now what waits. */
  flush(): void;
  /** Resolves once what was flushed is on its way. Undefined if it is. */
  sending?(): Promise<unknown> | undefined;
  /** Follows the document no longer. */
  end(): void;
}

/** Keys, as far as documents know them. */
export interface DocumentKeys {
  /**
   * The encrypted mode, once there is a key. Undefined if the project is not encrypted, or if it is no
   * longer wanted. Never fails.
   */
  openDocument(hooks: ModeHooks, isWanted: () => boolean): Promise<DocumentMode | undefined>;
}
