/** A document on a connection that recovers. */

import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { Emitter, report, type Unsubscribe } from "../core/emitter.ts";
import { inTime } from "../core/in-time.ts";
import { Link } from "../core/link.ts";
import { checkSignIn, stoppedBy } from "../core/options.ts";
import { documentPlaceOf, type Place } from "../core/place.ts";
import { type Cause, CLOSED, CONNECTING, isOver, type RealtimeStatus } from "../core/status.ts";
import { AwarenessSync } from "./awareness.ts";
import type { DocumentEvents } from "./events.ts";
import { onLeaving } from "./leaving.ts";
import type { DocumentMode, ModeHooks } from "./mode.ts";
import type { DocumentOptions, Persistence } from "./options.ts";
import { Replica } from "./replica.ts";
import { ServerState } from "./server-state.ts";
import { advice, inWords, OTHER_USER, READ_ONLY } from "./words.ts";

/** A storage that takes longer than this to load must not hold up the connection. */
const LOADING_MS = 3_000;
const { applyUpdate, encodeStateAsUpdate, mergeUpdates } = Y;

/**
 * Keeps a Yjs document the same as the one on the server, through lost networks, sleep, server restarts
 * and expired tokens. Connects at once and never throws: with invalid options the status is `stopped`.
 *
 * ```ts
 * const provider = new DocumentProvider({ host: "localhost:1999", projectId: "p1", docId: "t1", getToken });
 * provider.doc.getText("notes").insert(0, "Hello");
 * provider.on("saved", (saved) => show(saved ? "Saved" : "Saving…"));
 * ```
 */
export class DocumentProvider {
  readonly doc: Y.Doc;
  /** Who else is here: give it to an editor, which shows the others' carets. */
  readonly awareness: Awareness;
  /** Resolves once the document has everything that the server had: then it is safe to show it as it is. */
  readonly whenSynced: Promise<void>;
  readonly #options: DocumentOptions;
  readonly #emitter = new Emitter();
  readonly #people: AwarenessSync;
  readonly #hooks: ModeHooks;
  readonly #stopLeaving: Unsubscribe;
  #link: Link | undefined;
  #mode: DocumentMode;
  #status = CONNECTING;
  #synced = false;
  #saved: boolean;
  #trouble: Cause | undefined;
  /** Counts up with each connect and disconnect. */
  #life = 0;
  #isDestroyed = false;

  constructor(options: DocumentOptions) {
    this.#options = options;
    this.doc = options?.doc ?? new Y.Doc();
    this.awareness = options?.awareness ?? new Awareness(this.doc);
    this.whenSynced = new Promise((resolve) => {
      const off = this.#emitter.on("synced", () => {
        off();
        resolve();
      });
    });
    this.#people = new AwarenessSync(this.awareness, {
      send: (update) => this.#mode.say(update),
      isTextWaiting: () => this.#mode.isGathering,
    });
    this.#hooks = {
      ...{ options, doc: this.doc, people: this.#people },
      yjs: { applyUpdate, encodeStateAsUpdate, mergeUpdates, ServerState },
      link: () => this.#link,
      onChange: () => this.#modeChanged(),
      onTrouble: (cause) => this.#hasTrouble(cause),
      onStatus: (status) => this.#say(status),
      emit: (type, value) => this.#emitter.emit(type, value),
    };
    this.#mode = new Replica(this.#hooks);
    this.#saved = this.#mode.saved;
    this.#stopLeaving = onLeaving(this.flush);
    this.doc.on("destroy", this.destroy);
    this.connect();
  }

  /** The status of the connection. A new object on each change. */
  get status(): RealtimeStatus {
    return this.#status;
  }

  /** Whether this connection has brought everything that the server had. False while there is none. */
  get synced(): boolean {
    return this.#synced;
  }

  /**
   * Whether everything in the document is durable on the server: no crash there can take it away. It
   * stays true while the connection is lost, until somebody changes the document.
   */
  get saved(): boolean {
    return this.#saved;
  }

  /**
   * How many parts of an encrypted document can't be read, because their key is not there yet. When they
   * can be, `synced` comes once more.
   */
  get undecryptable(): number {
    return this.#mode.undecryptable ?? 0;
  }

  /** What keeps this client from working: it may only read, or it has stopped. */
  get error(): Cause | undefined {
    return this.#status.state === "stopped" ? this.#status : this.#trouble;
  }

  /** Calls `handler` each time. If it throws, the error is reported as an uncaught error. */
  on<T extends keyof DocumentEvents>(
    type: T,
    handler: (value: DocumentEvents[T]) => unknown,
  ): Unsubscribe {
    return this.#emitter.on(type, handler);
  }

  /** Connects again after `disconnect()`. */
  connect(): void {
    if (this.#link || this.#isDestroyed) return;
    this.#life += 1;
    this.#say(CONNECTING);
    const { persistence, encryption } = this.#options ?? {};
    if (persistence || encryption) void this.#prepare();
    else this.#open();
  }

  /** Leaves the document. It can still be changed, and `connect()` brings it over. */
  disconnect(): void {
    this.#life += 1;
    this.flush();
    const link = this.#link;
    this.#link = undefined;
    const sending = this.#mode.sending?.();
    if (sending) void sending.then(() => link?.close());
    else link?.close();
    this.#statusChanged(CLOSED);
  }

  /** Connects now, with a fresh token, even after the client has stopped. Not after `disconnect()`. */
  reconnect(): void {
    this.#link?.reconnect();
  }

  /**
   * Checks at once that the connection still works. A page does this by itself. Call it in React Native
   * when the app comes back from the background.
   */
  check(): void {
    this.#link?.check();
  }

  /** Sends at once what waits. A page does this by itself when it loses the focus or is hidden. */
  readonly flush = (): void => {
    this.#mode.flush();
  };

  /** Leaves for good. The document stays as it is; an awareness that was not passed in ends. */
  readonly destroy = (): void => {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.flush();
    if (!this.#options?.awareness) this.awareness.destroy();
    this.disconnect();
    this.doc.off("destroy", this.destroy);
    this.#stopLeaving();
    this.#people.end();
    this.#mode.end();
  };

  /** See {@link Link.look}. */
  async look(): Promise<void> {
    await this.#link?.look();
  }

  async #prepare(): Promise<void> {
    const life = this.#life;
    const { persistence, encryption } = this.#options;
    if (persistence) await loaded(persistence);
    // Once encrypted, always: what this client knows of the document is in there.
    const isPlain = this.#mode instanceof Replica;
    const mode =
      isPlain && (await encryption?.keys.openDocument(this.#hooks, () => life === this.#life));
    if (life !== this.#life) return;
    if (mode) {
      this.#mode.end();
      this.#mode = mode;
      this.#modeChanged();
    }
    this.#open();
  }

  #open(): void {
    try {
      this.#link = this.#linkTo(placeIn(this.#options));
      if (isOver(this.#status)) this.#link.close();
    } catch (cause) {
      this.#say(stoppedBy(cause));
    }
  }

  #linkTo(place: Place): Link {
    const { getToken, user, WebSocket } = this.#options;
    const life = this.#life;
    const isCurrent = () => life === this.#life;
    const link: Link = new Link(place, getToken ?? undefined, WebSocket ?? undefined, {
      query: () => ({ userId: user?.id, userName: user?.name, ...this.#mode.query }),
      onOpen: () => {
        this.#people.connect();
        this.#mode.open((message) => link.send(message));
      },
      onData: (data) => isCurrent() && this.#mode.take(data),
      onStatus: (status) => isCurrent() && this.#statusChanged(status),
      onOtherUser: () => link.end(OTHER_USER),
      advice,
      inWords: (said) => inWords(said, this.#mode.words),
    });
    return link;
  }

  #statusChanged(status: RealtimeStatus): void {
    if (status.state === "online") this.#trouble = undefined;
    else {
      this.#mode.lose();
      this.#people.lose();
      // A fresh token makes another connection at once: nobody has to vanish for that.
      if (status.state !== "connecting") this.#people.forgetOthers();
    }
    this.#say(status);
  }

  #hasTrouble(cause: Cause): void {
    this.#trouble = cause;
    if (cause === READ_ONLY) this.#emit("denied", cause.reason);
    this.#emit("error", cause);
  }

  #modeChanged(): void {
    const { synced, saved } = this.#mode;
    const isSynced = synced !== this.#synced;
    const isSaved = saved !== this.#saved;
    this.#synced = synced;
    this.#saved = saved;
    if (isSynced) this.#emit("synced", synced);
    if (isSaved) this.#emit("saved", saved);
  }

  #say(status: RealtimeStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#emit("status", status);
    if (status.state === "stopped") this.#emit("error", status);
  }

  #emit<T extends keyof DocumentEvents>(type: T, value: DocumentEvents[T]): void {
    this.#emitter.emit(type, value);
  }
}

/** Resolves once the storage has loaded, has failed, or takes too long. */
async function loaded({ whenSynced }: Persistence): Promise<void> {
  try {
    await inTime(LOADING_MS, whenSynced);
  } catch (error) {
    // Without what was kept here, the server's copy is still there.
    report(error);
  }
}

/** Where to connect with these options. Fails with an `OptionError`. */
function placeIn(options: DocumentOptions | undefined): Place {
  const place = documentPlaceOf(options?.host, options?.projectId, options?.docId);
  checkSignIn(options);
  return place;
}
