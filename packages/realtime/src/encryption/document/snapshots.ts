/** When this client replaces the snapshot of a document, so that nobody has to read a long log. */

import type { SealedPart } from "./crypt.ts";
import type { Line } from "./line.ts";
import { type Current, snapshotMessage } from "./wire.ts";

/** A log that is larger than this, and than the snapshot, is replaced. */
const LOG_BYTES = 65_536;
/** And so is one with more changes than this. */
const LOG_ENTRIES = 500;
/** Clients wait for a random time up to this, so that one of them does it for all. */
const SPREAD_MS = 5_000;

/** What this asks its document. */
export interface SnapshotHooks {
  /** Whether this client may replace it, and has everything. */
  canReplace(): boolean;
  /** The newest change that is in the document. */
  since(): number;
  /** The newest epoch that there is a key for. */
  epoch(): number;
  /** Everything in the document. */
  encode(): Uint8Array;
  seal(upto: number, update: Uint8Array): Promise<SealedPart>;
}

interface Present {
  readonly upto: number;
  readonly epoch: number;
  /** Undefined if this client has not seen it. */
  bytes: number | undefined;
}

/** A snapshot that was sent. */
interface Sent {
  readonly id: number;
  readonly present: Present;
}

interface Logged {
  readonly bytes: number;
  /** Undefined if it could not be read. */
  readonly epoch: number | undefined;
}

export class Snapshots {
  readonly #hooks: SnapshotHooks;
  #present: Present = { upto: 0, epoch: 0, bytes: 0 };
  /** The changes since the snapshot, by number. */
  readonly #log = new Map<number, Logged>();
  #line: Line | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isSealing = false;
  #sent: Sent | undefined;

  constructor(hooks: SnapshotHooks) {
    this.#hooks = hooks;
  }

  /** Everything that was asked for on this connection has come. */
  open(line: Line): void {
    this.#line = line;
    this.consider();
  }

  lose(): void {
    this.#line = undefined;
    this.#sent = undefined;
    this.#stop();
  }

  /** The server may have lost what it had. */
  reset(): void {
    this.#present = { upto: 0, epoch: 0, bytes: 0 };
    this.#log.clear();
  }

  /** There is this change. */
  log(seq: number, bytes: number, epoch: number | undefined): void {
    if (seq <= this.#present.upto) return;
    this.#log.set(seq, { bytes, epoch });
  }

  /** This snapshot was read. */
  read(upto: number, epoch: number, bytes: number): void {
    this.#is({ upto, epoch, bytes });
  }

  /** The server says which snapshot there is. */
  current({ upto, epoch }: Current): void {
    const present = this.#present;
    if (upto !== present.upto || epoch !== present.epoch)
      this.#is({ upto, epoch, bytes: undefined });
  }

  /** The server has taken this message. Returns false if it is no snapshot. */
  kept(id: number): boolean {
    if (this.#sent?.id !== id) return false;
    this.#is(this.#sent.present);
    this.#sent = undefined;
    return true;
  }

  /** The server has not taken this message. Returns false if it is no snapshot. */
  refused(id: number): boolean {
    if (this.#sent?.id !== id) return false;
    this.#sent = undefined;
    return true;
  }

  /** Things have changed: decides whether to replace the snapshot. */
  consider(): void {
    if (!this.#isDue()) this.#stop();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => void this.#put(), Math.random() * SPREAD_MS);
    }
  }

  #isDue(): boolean {
    if (!this.#line || this.#isSealing || this.#sent || !this.#hooks.canReplace()) return false;
    const logged = [...this.#log.values()];
    if (logged.length > LOG_ENTRIES) return true;
    const bytes = logged.reduce((sum, each) => sum + each.bytes, 0);
    if (bytes > LOG_BYTES && bytes > this.#presentBytes()) return true;
    const { upto, epoch } = this.#present;
    const epochs = logged.map((each) => each.epoch ?? Number.POSITIVE_INFINITY);
    return Math.min(upto > 0 ? epoch : Number.POSITIVE_INFINITY, ...epochs) < this.#hooks.epoch();
  }

  /** About as large as it would be if this client had made it. */
  #presentBytes(): number {
    this.#present.bytes ??= this.#hooks.encode().length;
    return this.#present.bytes;
  }

  async #put(): Promise<void> {
    this.#timer = undefined;
    const line = this.#line;
    const base = this.#present.upto;
    if (!line || !this.#isDue()) return;
    const upto = this.#hooks.since();
    const part = await this.#sealed(upto);
    if (!part || line !== this.#line) return;
    if (base !== this.#present.upto) return this.consider();
    const id = line.nextId();
    this.#sent = { id, present: { upto, epoch: part.epoch, bytes: part.bytes.length } };
    line.send(snapshotMessage(id, base, upto, part.bytes));
  }

  /** Undefined without a key: there will be another occasion. */
  async #sealed(upto: number): Promise<SealedPart | undefined> {
    this.#isSealing = true;
    try {
      return await this.#hooks.seal(upto, this.#hooks.encode());
    } catch {
      return undefined;
    } finally {
      this.#isSealing = false;
    }
  }

  #is(present: Present): void {
    this.#present = present;
    for (const seq of this.#log.keys()) if (seq <= present.upto) this.#log.delete(seq);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
