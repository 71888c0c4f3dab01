/** A document and its copy on the server: brings them together, and knows what the server has not kept yet. */

import * as Y from "yjs";
import { report } from "../core/emitter.ts";
import { isEmpty } from "./empty.ts";
import type { DocumentMode, ModeHooks, Send } from "./mode.ts";
import { ServerState } from "./server-state.ts";
import {
  awarenessMessage,
  type Message,
  missingMessage,
  read,
  stateMessage,
  updateMessage,
} from "./wire.ts";
import { READ_ONLY } from "./words.ts";

/** For how long changes are gathered into one. Keystrokes are many, and each message costs. */
const GATHER_MS = 300;

export class Replica implements DocumentMode {
  readonly #doc: Y.Doc;
  readonly #hooks: ModeHooks;
  #send: Send = () => {};
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

  constructor(hooks: ModeHooks) {
    this.#hooks = hooks;
    this.#doc = hooks.doc;
    this.#isUnsaved = !isEmpty(this.#doc);
    this.#doc.on("update", this.#changed);
  }

  get synced(): boolean {
    return this.#synced;
  }

  get saved(): boolean {
    return !this.#isUnsaved;
  }

  get isGathering(): boolean {
    return this.#gathered.length > 0;
  }

  /** There is a connection: asks for what is missing here. */
  open(send: Send): void {
    this.#send = send;
    send(stateMessage(Y.encodeStateVector(this.#doc)));
  }

  take(data: unknown): void {
    const message = read(data);
    if (!message) return;
    try {
      this.#deal(message);
    } catch (error) {
      // From a newer server or another client: it must not harm anything else.
      report(error);
    }
  }

  say(awarenessUpdate: Uint8Array): void {
    this.#send(awarenessMessage(awarenessUpdate));
  }

  /** The next connection brings over what is unsaved. */
  lose(): void {
    this.#forget();
    this.#mayWrite = true;
    this.#server = undefined;
    if (!this.#synced) return;
    this.#synced = false;
    this.#hooks.onChange();
  }

  readonly flush = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const gathered = this.#gathered;
    if (gathered.length === 0) return;
    this.#gathered = [];
    this.#bringOver(Y.mergeUpdates(gathered));
    this.#hooks.people.tell();
  };

  end(): void {
    this.#doc.off("update", this.#changed);
    this.#forget();
  }

  #deal(message: Message): void {
    const { people } = this.#hooks;
    if (message.kind === "state") {
      this.#hooks.link()?.accepted(Date.now());
      this.#serverHas(message.body);
    } else if (message.kind === "missing") this.#join(message.body);
    else if (message.kind === "update") this.#receive(message.body);
    else if (message.kind === "awareness") people.receive(message.body);
    else if (message.kind === "ask-awareness") people.repeat();
    else this.#deny();
  }

  /** The server has said what it has. */
  #serverHas(stateVector: Uint8Array): void {
    if (this.#synced) this.#send(missingMessage(Y.encodeStateAsUpdate(this.#doc, stateVector)));
    else this.#server = new ServerState(stateVector);
  }

  /** The server has sent what is missing here. */
  #join(update: Uint8Array): void {
    const isFirst = !this.#synced;
    const server = isFirst ? this.#server : undefined;
    const wasEmpty = isEmpty(this.#doc);
    // Reading it costs time: where nothing was, nothing can be unsaved.
    if (!wasEmpty) server?.add(update);
    this.#synced = true;
    Y.applyUpdate(this.#doc, update, this);
    if (server && !wasEmpty) this.#bring(server.lackOf(this.#doc));
    this.#judge();
    if (isFirst) this.#hooks.people.introduce();
  }

  /** The server has sent a change of somebody else, or one of this client that is durable now. */
  #receive(update: Uint8Array): void {
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
  #deny(): void {
    this.#mayWrite = false;
    this.#forget();
    this.#hooks.onTrouble(READ_ONLY);
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
    if (lack) this.#bringOver(lack);
  }

  #bringOver(update: Uint8Array): void {
    this.#unanswered.push(update);
    this.#send(updateMessage(update));
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

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
