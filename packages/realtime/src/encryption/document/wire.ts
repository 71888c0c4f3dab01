/** The messages of an encrypted document (P14.8), one in each frame. */

import { concat, readVarUint, textOf, utf8, varUint } from "../bytes.ts";

/** A change, as the server stores and passes it on. */
export interface Entry {
  readonly seq: number;
  /** Who it is from, as the server says: `u:<userId>` or `c:<connectionId>`. */
  readonly sender: string;
  readonly bytes: Uint8Array;
}

/** A part of a snapshot. */
export interface SnapshotPart {
  readonly kind: "snapshot";
  /** The last change that is in it. */
  readonly upto: number;
  /** Counts from 0 up to, and without, `parts`. */
  readonly part: number;
  readonly parts: number;
  readonly sender: string;
  readonly bytes: Uint8Array;
}

/** How things are. */
export interface Current {
  readonly kind: "current";
  /** The newest change. */
  readonly newest: number;
  /** The last change in the present snapshot. 0 if there is none. */
  readonly upto: number;
  /** Its epoch. */
  readonly epoch: number;
  readonly floor: number;
  readonly mayWrite: boolean;
  /** When the log was begun: a document that was deleted has another one. 0 if it is empty. */
  readonly began: number;
  /** Whether everything that was asked for has been sent. Otherwise it is said to all. */
  readonly isAnswer: boolean;
}

/** What a connection says of itself. Empty if it is gone. */
export interface State {
  readonly connection: string;
  readonly sender: string;
  readonly bytes: Uint8Array;
}

/** The server does not take a message. */
export interface Refusal {
  readonly kind: "refused";
  /** Which one: 0 for what this client says of itself. */
  readonly id: number;
  readonly code: string;
  /** The floor, or the last change in the present snapshot. */
  readonly number: number;
}

/** A message of the server. */
export type Message =
  | SnapshotPart
  | { readonly kind: "entries"; readonly entries: readonly Entry[] }
  | Current
  | { readonly kind: "kept"; readonly id: number; readonly seq: number }
  | { readonly kind: "states"; readonly states: readonly State[] }
  | Refusal
  | { readonly kind: "floor"; readonly floor: number };

type Bytes = Uint8Array<ArrayBuffer>;

/** Asks for everything after this change. */
export const catchUpMessage = (since: number): Bytes => message(0x10, varUint(since));

/** A change. */
export const updateMessage = (id: number, sealed: Uint8Array): Bytes =>
  message(0x14, varUint(id), varBytes(sealed));

/** A snapshot, in place of the one that ends at `base`. */
export const snapshotMessage = (
  id: number,
  base: number,
  upto: number,
  sealed: Uint8Array,
): Bytes => message(0x16, varUint(id), varUint(base), varUint(upto), varBytes(sealed));

/** What this client says of itself. */
export const stateMessage = (sealed: Uint8Array): Bytes => message(0x17, varBytes(sealed));

/** Reads a frame. Undefined if it is text, or no message that this client knows. */
export function readMessage(data: unknown): Message | undefined {
  if (typeof data === "string") return undefined;
  const reader = new Reader(new Uint8Array(data as ArrayBuffer), 1);
  const read = READERS[reader.first];
  try {
    return read?.(reader);
  } catch {
    // It ends too early.
    return undefined;
  }
}

const READERS: Record<number, (reader: Reader) => Message> = {
  17: (reader) => ({
    kind: "snapshot",
    upto: reader.number(),
    part: reader.number(),
    parts: reader.number(),
    sender: reader.text(),
    bytes: reader.bytes(),
  }),
  18: (reader) => ({
    kind: "entries",
    entries: reader.rest(() => ({
      seq: reader.number(),
      sender: reader.text(),
      bytes: reader.bytes(),
    })),
  }),
  19: (reader) => ({
    kind: "current",
    newest: reader.number(),
    upto: reader.number(),
    epoch: reader.number(),
    floor: reader.number(),
    mayWrite: reader.number() === 1,
    began: reader.number(),
    isAnswer: reader.number() === 1,
  }),
  21: (reader) => ({ kind: "kept", id: reader.number(), seq: reader.number() }),
  23: (reader) => ({
    kind: "states",
    states: reader.rest(() => ({
      connection: reader.text(),
      sender: reader.text(),
      bytes: reader.bytes(),
    })),
  }),
  24: (reader) => ({
    kind: "refused",
    id: reader.number(),
    code: reader.text(),
    number: reader.number(),
  }),
  25: (reader) => ({ kind: "floor", floor: reader.number() }),
};

/** Reads numbers, bytes and texts, one after the other. Fails at the end. */
export class Reader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, start = 0) {
    this.#bytes = bytes;
    this.#at = start;
  }

  get first(): number {
    return this.#bytes[0] ?? -1;
  }

  number(): number {
    const read = readVarUint(this.#bytes, this.#at);
    if (!read) throw new RangeError("There is no number.");
    this.#at = read.end;
    return read.number;
  }

  bytes(): Uint8Array {
    const length = this.number();
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError("It ends too early.");
    return this.#bytes.subarray(start, this.#at);
  }

  text(): string {
    return textOf(this.bytes());
  }

  /** What is behind it, until the end. */
  tail(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  /** Reads as many of them as there are. */
  rest<Item>(read: () => Item): Item[] {
    const items: Item[] = [];
    while (this.#at < this.#bytes.length) items.push(read());
    return items;
  }
}

/** Bytes with their length before them. */
export function varBytes(bytes: Uint8Array): Uint8Array {
  return concat(varUint(bytes.length), bytes);
}

/** A text with its length before it. */
export const varText = (text: string): Uint8Array => varBytes(utf8(text));

function message(first: number, ...parts: Uint8Array[]): Bytes {
  return concat(Uint8Array.of(first), ...parts) as Bytes;
}
