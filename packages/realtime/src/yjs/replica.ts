/** A document and its copy on the server: brings them together, and knows what the server has not kept yet. */

import * as Y from "yjs";
import { ServerState } from "./server-state.ts";
import { missingMessage, stateMessage, updateMessage } from "./wire.ts";

/** For how long changes are gathered into one. Keystrokes are many, and each message costs. */
const GATHER_MS = 300;

/** What a replica asks its provider, and tells it. */
export interface ReplicaHooks {
  send(message: Uint8Array<ArrayBuffer>): void;
  /** `synced` or `saved` may have changed. */
  onChange(): void;
  /** Changes have been sent. */
  onSent(): void;
}

export class Replica {
  readonly #doc: Y.Doc;
  readonly #hooks: ReplicaHooks;
  /** What the server has. Undefined until it has said so on this connection. */
  #server: ServerState | undefined;
  #synced = false;
  #mayWrite = true;
  /** Whether something here may not be on the server, or not durable there. */
  #isUnsaved: boolean;
  /** Changes that wait to be sent together. */
  #gathered: Uint8Array[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What was sent and has not come back, in this order: what comes back is durable. */
  #unanswered: Uint8Array[] = [];

  constructor(doc: Y.Doc, hooks: ReplicaHooks) {
    this.#doc = doc;
    this.#hooks = hooks;
    this.#isUnsaved = !isEmpty(doc);
    doc.on("update", this.#changed);
  }

  /** Whether this connection has brought everything that the server had. */
  get synced(): boolean {
    return this.#synced;
  }

  /** Whether everything that is here is durable on the server. */
  get saved(): boolean {
    return !this.#isUnsaved;
  }

  /** Whether changes wait to be sent. */
  get isGathering(): boolean {
    return this.#gathered.length > 0;
  }

  /** There is a connection: asks for what is missing here. */
  greet(): void {
    this.#hooks.send(stateMessage(Y.encodeStateVector(this.#doc)));
  }

  /** The server has said what it has. */
  serverHas(stateVector: Uint8Array): void {
    if (this.#synced)
      this.#hooks.send(missingMessage(Y.encodeStateAsUpdate(this.#doc, stateVector)));
    else this.#server = new ServerState(stateVector);
  }

  /** The server has sent what is missing here. */
  receiveMissing(update: Uint8Array): void {
    const server = this.#synced ? undefined : this.#server;
    const wasEmpty = isEmpty(this.#doc);
    // Reading it costs time: where nothing was, nothing can be unsaved.
    if (!wasEmpty) server?.add(update);
    this.#synced = true;
    Y.applyUpdate(this.#doc, update, this);
    if (server && !wasEmpty) this.#bring(server.lackOf(this.#doc));
    this.#judge();
  }

  /** The server has sent a change of somebody else, or one of this client that is durable now. */
  receive(update: Uint8Array): void {
    const [oldest] = this.#unanswered;
    if (oldest && isEqual(oldest, update)) {
      this.#unanswered.shift();
      this.#judge();
      return;
    }
    if (!this.#synced) this.#server?.add(update);
    Y.applyUpdate(this.#doc, update, this);
  }

  /** This client may only read, for as long as this connection lasts. */
  deny(): void {
    this.#mayWrite = false;
    this.#forget();
  }

  /** The connection is gone. The next one brings over what is unsaved. */
  lose(): void {
    this.#forget();
    this.#mayWrite = true;
    this.#server = undefined;
    if (!this.#synced) return;
    this.#synced = false;
    this.#hooks.onChange();
  }

  /** Sends now what waits. */
  readonly flush = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const gathered = this.#gathered;
    if (gathered.length === 0) return;
    this.#gathered = [];
    this.#send(Y.mergeUpdates(gathered));
    this.#hooks.onSent();
  };

  /** Follows the document no longer. */
  end(): void {
    this.#doc.off("update", this.#changed);
    this.#forget();
  }

  readonly #changed = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) return;
    if (this.#synced && this.#mayWrite) {
      this.#gathered.push(update);
      this.#timer ??= setTimeout(this.flush, GATHER_MS);
    }
    if (this.#isUnsaved) return;
    this.#isUnsaved = true;
    this.#hooks.onChange();
  };

  /** Sends what the server lacks. It contains whatever has been gathered. */
  #bring(lack: Uint8Array | undefined): void {
    this.#forget();
    if (lack) this.#send(lack);
  }

  #send(update: Uint8Array): void {
    this.#unanswered.push(update);
    this.#hooks.send(updateMessage(update));
  }

  /** Works out whether anything is unsaved, on a connection that is in step. */
  #judge(): void {
    this.#isUnsaved = this.#gathered.length > 0 || this.#unanswered.length > 0;
    this.#hooks.onChange();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#gathered = [];
    this.#unanswered = [];
  }
}

function isEmpty({ store }: Y.Doc): boolean {
  return store.clients.size === 0 && !store.pendingStructs && !store.pendingDs;
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
