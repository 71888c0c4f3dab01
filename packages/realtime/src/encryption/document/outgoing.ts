/** The changes of this client: gathered, encrypted, sent, and repeated until the server has kept them. */

import { inTime } from "../../core/in-time.ts";
import type { SealedPart } from "./crypt.ts";
import type { Line } from "./line.ts";
import { updateMessage } from "./wire.ts";

/** For how long changes are gathered into one. Keystrokes are many, and each message costs. */
const GATHER_MS = 300;
/** More than this is encrypted only when it is sent. */
const PREPARED_BYTES = 16_384;
/** Who leaves waits for so long for what is being encrypted. */
const LEAVING_MS = 2_000;

/** What this asks its document, and tells it. */
export interface OutgoingHooks {
  seal(update: Uint8Array): Promise<SealedPart>;
  merge(updates: Uint8Array[]): Uint8Array;
  /** `isDone` may have changed. */
  onChange(): void;
  /** A change has been sent. */
  onSent(): void;
  /** A change is kept, under this number. */
  onKept(seq: number, part: SealedPart): void;
  /** There is no key to encrypt with. */
  onStuck(error: unknown): void;
}

/** What was sent, and is not known to be kept. */
interface Sent {
  readonly update: Uint8Array;
  readonly part: SealedPart;
}

/** The first of the gathered changes, encrypted already. */
interface Prepared extends Sent {
  readonly gathered: readonly Uint8Array[];
  readonly count: number;
}

export class Outgoing {
  readonly #hooks: OutgoingHooks;
  /** Undefined while changes can't be sent. */
  #line: Line | undefined;
  /** A new array with each flush. */
  #gathered: Uint8Array[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #prepared: Prepared | undefined;
  #isPreparing = false;
  readonly #sealing = new Set<Promise<void>>();
  readonly #sent = new Map<number, Sent>();
  #isStuck = false;

  constructor(hooks: OutgoingHooks) {
    this.#hooks = hooks;
  }

  /** Whether everything is kept. */
  get isDone(): boolean {
    return !this.isWaiting && this.#sent.size === 0;
  }

  /** Whether changes wait to be sent. */
  get isWaiting(): boolean {
    return this.#gathered.length > 0 || this.#sealing.size > 0;
  }

  /** Whether there was no key to encrypt with. */
  get isStuck(): boolean {
    return this.#isStuck;
  }

  /** This client has made a change. */
  add(update: Uint8Array): void {
    this.#gathered.push(update);
    if (!this.#line) return;
    this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
    this.#prepare();
  }

  /** Everything that is to be sent is this. */
  replace(update: Uint8Array | undefined): void {
    this.#gathered = update ? [update] : [];
  }

  /** Changes can be sent on this connection: those that wait go out at once. */
  open(line: Line): void {
    this.#line = line;
    this.#isStuck = false;
    this.flush();
  }

  /** There may be a key now. */
  retry(): void {
    if (!this.#isStuck) return;
    this.#isStuck = false;
    this.flush();
  }

  /** The connection is gone. What is not known to be kept goes out again on the next one. */
  lose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#line = undefined;
    this.#putBack(...[...this.#sent.values()].map(({ update }) => update));
    this.#sent.clear();
  }

  /** Sends now what waits. What is encrypted already goes out before this returns. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const gathered = this.#gathered;
    if (!this.#line || this.#isStuck || gathered.length === 0) return;
    const prepared = this.#prepared?.gathered === gathered ? this.#prepared : undefined;
    this.#gathered = [];
    this.#prepared = undefined;
    if (prepared) this.#dispatch(this.#line, prepared);
    const rest = gathered.slice(prepared?.count ?? 0);
    if (rest.length > 0) this.#seal(this.#line, this.#hooks.merge(rest));
  }

  /** Resolves once what was flushed has been sent, or takes too long. Undefined if it has. */
  sending(): Promise<unknown> | undefined {
    if (this.#sealing.size === 0) return undefined;
    return inTime(LEAVING_MS, Promise.all(this.#sealing));
  }

  /** The server has kept this message. */
  kept(id: number, seq: number): void {
    const sent = this.#sent.get(id);
    this.#sent.delete(id);
    if (sent) this.#hooks.onKept(seq, sent.part);
  }

  /** The server has not taken this message. It is repeated at once if it was under an older epoch than this. */
  refused(id: number, floor: number): void {
    const sent = this.#sent.get(id);
    if (!sent) return;
    this.#sent.delete(id);
    this.#putBack(sent.update);
    if (sent.part.epoch < floor) this.flush();
  }

  #seal(line: Line, update: Uint8Array): void {
    const sealing = this.#sealed(line, update).finally(() => {
      this.#sealing.delete(sealing);
      this.#hooks.onChange();
      this.#hooks.onSent();
    });
    this.#sealing.add(sealing);
  }

  async #sealed(line: Line, update: Uint8Array): Promise<void> {
    try {
      this.#dispatch(line, { update, part: await this.#hooks.seal(update) });
    } catch (error) {
      this.#isStuck = true;
      this.#putBack(update);
      this.#hooks.onStuck(error);
    }
  }

  #dispatch(line: Line, { update, part }: Sent): void {
    const id = line.nextId();
    if (line === this.#line) this.#sent.set(id, { update, part });
    // The connection was left, or lost, meanwhile.
    else this.#putBack(update);
    line.send(updateMessage(id, part.bytes));
    this.#hooks.onSent();
  }

  /**
   * Encrypts what has been gathered so far. Encryption takes a moment, which a page that is closed does
   * not have any more.
   */
  #prepare(): void {
    const gathered = this.#gathered;
    const count = gathered.length;
    const bytes = gathered.reduce((sum, { length }) => sum + length, 0);
    if (this.#isPreparing || this.#isStuck || bytes > PREPARED_BYTES) return;
    this.#isPreparing = true;
    const update = this.#hooks.merge(gathered.slice());
    const done = (part?: SealedPart) => {
      this.#isPreparing = false;
      if (gathered !== this.#gathered) return;
      if (part) this.#prepared = { gathered, count, update, part };
      if (part && gathered.length > count) this.#prepare();
    };
    this.#hooks.seal(update).then(done, () => done());
  }

  #putBack(...updates: Uint8Array[]): void {
    if (updates.length > 0) this.#gathered = [...updates, ...this.#gathered];
  }
}
