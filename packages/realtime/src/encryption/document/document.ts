/** A document of which the server sees nothing: it stores and numbers what clients have encrypted (P14.7 to P14.9). */

import { report, type Unsubscribe } from "../../core/emitter.ts";
import { isEmpty } from "../../yjs/empty.ts";
import type { DocumentMode, ModeHooks, Send } from "../../yjs/mode.ts";
import type { ServerState } from "../../yjs/server-state.ts";
import { READ_ONLY } from "../../yjs/words.ts";
import { concat, varUint } from "../bytes.ts";
import type { Keyring } from "../keyring.ts";
import { Retry } from "../retry.ts";
import { senderOf } from "../sender.ts";
import { Carets } from "./carets.ts";
import { Crypt, type SealedPart } from "./crypt.ts";
import { Incoming } from "./incoming.ts";
import { Line } from "./line.ts";
import { Outgoing } from "./outgoing.ts";
import { Snapshots } from "./snapshots.ts";
import {
  type Current,
  catchUpMessage,
  type Message,
  type Refusal,
  readMessage,
  stateMessage,
} from "./wire.ts";

/** What a client says of itself may have so many bytes. */
const STATE_BYTES = 2_048;
/** Nothing, as a state vector. */
const NOTHING = Uint8Array.of(0);

const NO_KEY = "This client has no key to encrypt changes with.";

export class EncryptedDocument implements DocumentMode {
  readonly words = {
    encryption:
      "This document has content that is not encrypted, so it can't be opened encrypted (`encryption`).",
  };
  readonly #keys: Keyring;
  readonly #hooks: ModeHooks;
  readonly #crypt: Crypt;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  readonly #snapshots: Snapshots;
  readonly #carets: Carets;
  readonly #retry = new Retry(() => this.#tryAgain());
  readonly #unsubscribe: Unsubscribe;
  /** What has come is dealt with one after the other. */
  #inbox = Promise.resolve();
  /** What this client says of itself is sent in order. */
  #saying = Promise.resolve();
  #line: Line | undefined;
  /** Whether anything has come on this connection. */
  #isAccepted = false;
  #synced = false;
  #mayWrite = true;
  /** Whether the app was told that there is no key to encrypt with. */
  #isTold = false;
  /** What this client says of itself could not be encrypted. */
  #isUnsaid = false;
  #isEnded = false;
  /** When the log was begun, as the server said. */
  #began = 0;
  /** The newest epoch that there is a key for. */
  #epoch = 0;
  /** What the server has, while that is to be compared with what is here. */
  #server: ServerState | undefined;

  constructor(keys: Keyring, hooks: ModeHooks) {
    const { doc, people, yjs } = hooks;
    const { projectId, docId, getToken } = hooks.options;
    this.#keys = keys;
    this.#hooks = hooks;
    this.#crypt = new Crypt(keys.sealer, projectId, docId, () => this.#sender());
    this.#incoming = new Incoming(this.#crypt, {
      apply: (updates) => this.#apply(updates),
      onEntry: ({ seq, bytes }, epoch) => this.#snapshots.log(seq, bytes.length, epoch),
      onSnapshot: (upto, epoch, bytes) => this.#snapshots.read(upto, epoch, bytes),
      onUnreadable: (reason, epoch, { seq, sender }) =>
        hooks.emit("undecryptable", { reason, epoch: epoch ?? null, seq, sender }),
    });
    this.#outgoing = new Outgoing({
      seal: (update) => this.#crypt.seal("doc", update),
      merge: yjs.mergeUpdates,
      onChange: () => hooks.onChange(),
      onSent: () => people.tell(),
      onKept: (seq, part) => this.#kept(seq, part),
      onStuck: (cause) => this.#stuck(cause),
    });
    this.#snapshots = new Snapshots({
      canReplace: () => this.#synced && this.#mayWrite && this.#incoming.isWhole,
      since: () => this.#incoming.since,
      epoch: () => this.#epoch,
      encode: () => yjs.encodeStateAsUpdate(doc),
      seal: (upto, update) => this.#crypt.seal("snapshot", concat(varUint(upto), update)),
    });
    this.#carets = new Carets(this.#crypt, {
      ...{ people, ownId: doc.clientID, hasToken: !!getToken },
      onUnreadable: (reason, epoch, sender) =>
        hooks.emit("undecryptable", { reason, epoch: epoch ?? null, sender }),
    });
    if (!isEmpty(doc)) this.#server = new yjs.ServerState(NOTHING);
    doc.on("update", this.#changed);
    this.#unsubscribe = keys.subscribe((project = projectId) => {
      if (project === projectId) this.#tryAgain();
    });
  }

  get synced(): boolean {
    return this.#synced;
  }

  get saved(): boolean {
    return this.#outgoing.isDone && !this.#server;
  }

  get undecryptable(): number {
    return this.#incoming.held;
  }

  get isGathering(): boolean {
    return this.#outgoing.isWaiting;
  }

  /** The user is named even where the server believes no token, so that both know who this is. */
  get query(): Record<string, string> {
    const userId = this.#userId();
    return userId === undefined ? { e2e: "1" } : { e2e: "1", userId };
  }

  open(send: Send): void {
    const line = new Line(send);
    this.#line = line;
    this.#isAccepted = false;
    this.#later(() => {
      this.#incoming.open();
      this.#carets.open();
      line.send(catchUpMessage(this.#incoming.since));
    });
  }

  take(data: unknown): void {
    const message = readMessage(data);
    const line = this.#line;
    if (!message || !line) return;
    if (!this.#isAccepted) this.#hooks.link()?.accepted(Date.now());
    this.#isAccepted = true;
    this.#later(() => this.#deal(message, line));
  }

  say(awarenessUpdate: Uint8Array): void {
    const line = this.#line;
    if (!line) return;
    this.#saying = this.#saying.then(() => this.#say(awarenessUpdate, line));
  }

  lose(): void {
    this.#line = undefined;
    this.#mayWrite = true;
    this.#outgoing.lose();
    this.#snapshots.lose();
    if (!this.#synced) return;
    this.#synced = false;
    this.#hooks.onChange();
  }

  flush(): void {
    this.#outgoing.flush();
  }

  sending(): Promise<unknown> | undefined {
    return this.#outgoing.sending();
  }

  end(): void {
    this.#isEnded = true;
    this.#hooks.doc.off("update", this.#changed);
    this.#unsubscribe();
    this.#retry.reset();
    this.#line = undefined;
    this.#outgoing.lose();
    this.#snapshots.lose();
  }

  readonly #changed = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) return;
    const wasSaved = this.saved;
    this.#outgoing.add(update);
    if (this.#synced && !this.#mayWrite) this.#hooks.onTrouble(READ_ONLY);
    if (wasSaved) this.#hooks.onChange();
  };

  #userId(): string | undefined {
    const { link, options } = this.#hooks;
    return (link()?.userId ?? options.user?.id) || undefined;
  }

  #sender(): string {
    const connectionId = this.#hooks.link()?.id ?? "";
    return senderOf({ userId: this.#userId() ?? null, connectionId }) ?? "";
  }

  #later(work: () => unknown): void {
    this.#inbox = this.#inbox
      .then(() => (this.#isEnded ? undefined : work()))
      .then(() => {}, report);
  }

  async #deal(message: Message, line: Line): Promise<void> {
    if (message.kind === "entries") await this.#incoming.entries(message.entries);
    else if (message.kind === "snapshot") await this.#incoming.snapshot(message);
    else if (line === this.#line) await this.#dealNow(message, line);
    this.#look();
  }

  /** Messages that concern only the connection on which they came. */
  async #dealNow(message: Message, line: Line): Promise<void> {
    if (message.kind === "current") this.#current(message, line);
    else if (message.kind === "kept") this.#answered(message.id, message.seq);
    else if (message.kind === "states") await this.#carets.take(message.states);
    else if (message.kind === "refused") this.#refused(message, line);
    else if (message.kind === "floor") this.#raise(message.floor);
  }

  #current(message: Current, line: Line): void {
    const { newest, floor, mayWrite, began } = message;
    const { since } = this.#incoming;
    const isOther = since > 0 && this.#began > 0 && began !== this.#began;
    this.#began = began;
    this.#raise(floor);
    if (newest < since || isOther) {
      this.#reset();
      line.send(catchUpMessage(0));
      return;
    }
    this.#mayWrite = mayWrite;
    this.#snapshots.current(message);
    if (!message.isAnswer || this.#synced) return;
    this.#incoming.caughtUp(newest);
    this.#join(line);
  }

  #join(line: Line): void {
    if (this.#server) this.#outgoing.replace(this.#server.lackOf(this.#hooks.doc));
    this.#server = undefined;
    this.#synced = true;
    if (this.#mayWrite) this.#outgoing.open(line);
    else if (!this.#outgoing.isDone) this.#hooks.onTrouble(READ_ONLY);
    this.#snapshots.open(line);
    this.#learnEpoch();
    this.#hooks.people.introduce();
    this.#hooks.onChange();
  }

  #answered(id: number, seq: number): void {
    if (!this.#snapshots.kept(id)) this.#outgoing.kept(id, seq);
    this.#hooks.onChange();
  }

  #kept(seq: number, { epoch, bytes }: SealedPart): void {
    this.#isTold = false;
    this.#incoming.own(seq);
    this.#snapshots.log(seq, bytes.length, epoch);
  }

  #refused({ id, code, number }: Refusal, line: Line): void {
    if (code === "stale_key_epoch") this.#raise(number);
    else if (code !== "snapshot_stale") this.#deny();
    if (id === 0) this.#hooks.people.repeat();
    // What is newer comes, and then the decision is made again.
    else if (this.#snapshots.refused(id)) line.send(catchUpMessage(this.#incoming.since));
    else this.#outgoing.refused(id, this.#crypt.floor);
  }

  #deny(): void {
    this.#mayWrite = false;
    this.#outgoing.lose();
    this.#hooks.onTrouble(READ_ONLY);
  }

  #raise(floor: number): void {
    if (floor <= this.#crypt.floor) return;
    this.#crypt.floor = floor;
    if (floor > this.#epoch) this.#keys.refresh(this.#hooks.options.projectId);
  }

  /** The server may have lost what it had, so what is here has to be compared with what it has. */
  #reset(): void {
    this.#synced = false;
    this.#incoming.reset();
    this.#snapshots.reset();
    this.#server = new this.#hooks.yjs.ServerState(NOTHING);
  }

  /** Applies these, and says for each whether it was an update. */
  #apply(updates: readonly Uint8Array[]): boolean[] {
    const { doc, yjs } = this.#hooks;
    const one = (update: Uint8Array) => {
      try {
        yjs.applyUpdate(doc, update, this);
        this.#server?.add(update);
        return true;
      } catch {
        return false;
      }
    };
    let applied: boolean[] = [];
    try {
      doc.transact(() => {
        applied = updates.map(one);
      }, this);
    } catch (error) {
      // Thrown by a handler of the app.
      report(error);
    }
    return applied;
  }

  async #say(update: Uint8Array, line: Line): Promise<void> {
    try {
      const { bytes } = await this.#crypt.seal("awareness", update);
      if (line === this.#line && bytes.length <= STATE_BYTES) line.send(stateMessage(bytes));
    } catch {
      this.#isUnsaid = true;
      this.#retry.later();
    }
  }

  #stuck(cause: unknown): void {
    if (!this.#isTold) this.#hooks.onTrouble({ reason: NO_KEY, cause });
    this.#isTold = true;
    this.#retry.later();
  }

  /** There may be new keys. */
  #tryAgain(): void {
    this.#learnEpoch();
    this.#later(async () => {
      await this.#readHeld();
      await this.#carets.retry();
      this.#outgoing.retry();
      if (this.#isUnsaid) this.#hooks.people.repeat();
      this.#isUnsaid = false;
      this.#look();
    });
  }

  async #readHeld(): Promise<void> {
    const { held } = this.#incoming;
    await this.#incoming.retry();
    if (this.#synced && this.#incoming.held < held) this.#hooks.emit("synced", true);
  }

  #learnEpoch(): void {
    this.#keys.current(this.#hooks.options.projectId).then(
      (current) => {
        this.#epoch = Math.max(this.#epoch, current?.epoch ?? 0);
        this.#snapshots.consider();
      },
      // It is not there yet.
      () => {},
    );
  }

  #look(): void {
    this.#snapshots.consider();
    if (this.#incoming.held > 0 || this.#outgoing.isStuck) this.#retry.later();
    else this.#retry.reset();
  }
}
