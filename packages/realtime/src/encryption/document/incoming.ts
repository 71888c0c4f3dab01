/** What the server sends of a document: decrypted, put together in order, and held while there is no key. */

import type { UndecryptableError } from "../undecryptable.ts";
import type { Crypt, Opened } from "./crypt.ts";
import { type Entry, Reader, type SnapshotPart } from "./wire.ts";

/** What this asks its document, and tells it. */
export interface IncomingHooks {
  /** Applies these, and says for each whether it was an update. */
  apply(updates: readonly Uint8Array[]): boolean[];
  /** A change was read. */
  onEntry(entry: Entry, epoch: number | undefined): void;
  /** A snapshot was read. */
  onSnapshot(upto: number, epoch: number, bytes: number): void;
  /** Something can't be read. */
  onUnreadable(reason: UndecryptableError["reason"], epoch: number | undefined, entry: Entry): void;
}

/** A snapshot has the form of an entry. */
type Snapshot = Entry;

export class Incoming {
  readonly #crypt: Crypt;
  readonly #hooks: IncomingHooks;
  #since = 0;
  /** The changes that have come before everything was there, in any order. */
  #early: Set<number> | undefined = new Set();
  /** By number: those for which there is no key. */
  readonly #held = new Map<number, Entry>();
  #heldSnapshot: Snapshot | undefined;
  /** Up to this change, something may be missing for good. */
  #damagedUpto = 0;
  /** The parts of a snapshot that have come. */
  #parts: SnapshotPart[] = [];

  constructor(crypt: Crypt, hooks: IncomingHooks) {
    this.#crypt = crypt;
    this.#hooks = hooks;
  }

  /** Everything up to this change has been dealt with. The server sends only what came after it. */
  get since(): number {
    return this.#since;
  }

  /** How many parts wait for a key. */
  get held(): number {
    return this.#held.size + (this.#heldSnapshot ? 1 : 0);
  }

  /** Whether everything up to `since` is in the document, as far as it can ever be. */
  get isWhole(): boolean {
    return this.held === 0 && this.#damagedUpto === 0;
  }

  /** A change of this client has this number. */
  own(seq: number): void {
    this.#since = Math.max(this.#since, seq);
  }

  /** There is another connection, or everything is asked for again. */
  open(): void {
    this.#parts = [];
    this.#early = new Set();
  }

  /** Everything up to this change has come. From here on, changes come in order. */
  caughtUp(newest: number): void {
    this.own(newest);
    this.#early = undefined;
  }

  /** The server may have lost what it had. */
  reset(): void {
    this.open();
    this.#since = 0;
    this.#held.clear();
    this.#heldSnapshot = undefined;
    this.#damagedUpto = 0;
  }

  /** Changes have come. */
  async entries(entries: readonly Entry[]): Promise<void> {
    const news = entries.filter(({ seq }) => seq > this.#since && !this.#early?.has(seq));
    await this.#read(news);
    for (const { seq } of news) {
      if (this.#early) this.#early.add(seq);
      else this.own(seq);
    }
  }

  /** A part of a snapshot has come. */
  async snapshot(part: SnapshotPart): Promise<void> {
    const { upto, parts, sender } = part;
    if (this.#parts[0]?.upto !== upto) this.#parts = [];
    this.#parts.push(part);
    if (this.#parts.length < parts) return;
    const bytes = joined(this.#parts);
    this.#parts = [];
    if (upto > this.#since) await this.#take({ seq: upto, sender, bytes });
  }

  /** There may be new keys. */
  async retry(): Promise<void> {
    if (this.#heldSnapshot) await this.#take(this.#heldSnapshot);
    if (this.#held.size > 0) await this.#read([...this.#held.values()]);
  }

  async #read(entries: readonly Entry[]): Promise<void> {
    const opened = await Promise.all(
      entries.map(({ sender, bytes }) => this.#crypt.open("doc", sender, bytes)),
    );
    const updates = opened.flatMap((each) => ("plaintext" in each ? [each.plaintext] : []));
    const applied = this.#hooks.apply(updates);
    for (const [index, entry] of entries.entries()) {
      const each = opened[index] as Opened;
      if ("error" in each) this.#unread(entry, each.error);
      else this.#entryRead(entry, each.epoch, applied.shift() === true);
    }
  }

  #entryRead(entry: Entry, epoch: number, isUpdate: boolean): void {
    this.#held.delete(entry.seq);
    this.#hooks.onEntry(entry, epoch);
    if (!isUpdate) this.#hooks.onUnreadable("malformed", epoch, entry);
  }

  #unread(entry: Entry, { reason, epoch }: UndecryptableError): void {
    const isNew = !this.#held.has(entry.seq);
    if (reason === "no_key") this.#held.set(entry.seq, entry);
    // Garbage for good: nobody can read it, so it is not waited for.
    else this.#held.delete(entry.seq);
    if (isNew) this.#hooks.onEntry(entry, undefined);
    if (isNew || reason !== "no_key") this.#hooks.onUnreadable(reason, epoch, entry);
  }

  async #take(snapshot: Snapshot): Promise<void> {
    const { seq: upto, sender, bytes } = snapshot;
    const opened = await this.#crypt.open("snapshot", sender, bytes);
    const isNew = this.#heldSnapshot?.seq !== upto;
    this.#heldSnapshot = undefined;
    if (!("error" in opened)) {
      const { epoch, plaintext } = opened;
      if (this.#applySnapshot(upto, plaintext)) {
        this.#hooks.onSnapshot(upto, epoch, bytes.length);
        for (const seq of this.#held.keys()) if (seq <= upto) this.#held.delete(seq);
        if (this.#damagedUpto <= upto) this.#damagedUpto = 0;
      } else this.#damage(snapshot, "malformed", epoch);
    } else if (opened.error.reason === "no_key") {
      this.#heldSnapshot = snapshot;
      if (isNew) this.#hooks.onUnreadable("no_key", opened.error.epoch, snapshot);
    } else this.#damage(snapshot, opened.error.reason, opened.error.epoch);
    this.own(upto);
  }

  #damage(
    snapshot: Snapshot,
    reason: UndecryptableError["reason"],
    epoch: number | undefined,
  ): void {
    this.#damagedUpto = Math.max(this.#damagedUpto, snapshot.seq);
    this.#hooks.onUnreadable(reason, epoch, snapshot);
  }

  /** Whether it is an update, and stands for as much as the server says. */
  #applySnapshot(upto: number, plaintext: Uint8Array): boolean {
    const reader = new Reader(plaintext);
    try {
      return reader.number() === upto && this.#hooks.apply([reader.tail()])[0] === true;
    } catch {
      return false;
    }
  }
}

function joined(parts: readonly SnapshotPart[]): Uint8Array {
  const [only] = parts;
  if (only && parts.length === 1) return only.bytes;
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.bytes.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part.bytes, at);
    at += part.bytes.length;
  }
  return bytes;
}
