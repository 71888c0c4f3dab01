/** The messages of an encrypted document on the wire (P14.8), written by hand, like those of `yjs-wire.ts`. */

import type { DocumentSocket, SharedDocument, SocketOptions } from "./document.ts";
import { varUint } from "./yjs-wire.ts";

/** The first byte of a message. */
export const SNAPSHOT = "11";
export const ENTRIES = "12";
export const CURRENT = "13";
export const KEPT = "15";
export const AWARENESS = "17";
export const REFUSED = "18";
export const KEY_EPOCH = "19";

/** The nonce and the tag around the shortest content. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface Entry {
  seq: number;
  sender: string;
  sealed: Buffer;
}

export interface Current {
  newest: number;
  upto: number;
  epoch: number;
  floor: number;
  mayWrite: boolean;
  log: number;
  isAnswer: boolean;
}

/** Bytes that look encrypted. The server can't tell. */
export function sealed(content: string | Uint8Array, epoch = 1): Buffer {
  const body = Buffer.from(content as string);
  const head = Buffer.concat([Buffer.of(1), varUint(epoch), Buffer.alloc(NONCE_BYTES, 0xaa)]);
  return Buffer.concat([head, body, Buffer.alloc(TAG_BYTES, 0xbb)]);
}

/** What {@link sealed} was made of. */
export function contentOf(bytes: Uint8Array): string {
  const reader = new Reader(bytes);
  reader.bytes(1);
  reader.number();
  const rest = reader.rest();
  return rest.subarray(NONCE_BYTES, rest.length - TAG_BYTES).toString();
}

export const catchUp = (since = 0) => Buffer.concat([Buffer.of(0x10), varUint(since)]);

export const update = (id: number, bytes: Uint8Array) =>
  Buffer.concat([Buffer.of(0x14), varUint(id), varBytes(bytes)]);

export const putSnapshot = (id: number, base: number, upto: number, bytes: Uint8Array) =>
  Buffer.concat([Buffer.of(0x16), ...[id, base, upto].map(varUint), varBytes(bytes)]);

export const awareness = (bytes: Uint8Array) => Buffer.concat([Buffer.of(0x17), varBytes(bytes)]);

/** The entries in a frame. */
export function entriesOf(frame: Uint8Array): Entry[] {
  const reader = new Reader(frame.subarray(1));
  const entries: Entry[] = [];
  while (!reader.isAtEnd)
    entries.push({ seq: reader.number(), sender: reader.text(), sealed: reader.varBytes() });
  return entries;
}

export function currentOf(frame: Uint8Array): Current {
  const reader = new Reader(frame.subarray(1));
  const [newest, upto, epoch, floor, mayWrite, log, isAnswer] = Array.from({ length: 7 }, () =>
    reader.number(),
  ) as [number, number, number, number, number, number, number];
  reader.end();
  return { newest, upto, epoch, floor, mayWrite: mayWrite === 1, log, isAnswer: isAnswer === 1 };
}

export function keptOf(frame: Uint8Array): { id: number; seq: number } {
  const reader = new Reader(frame.subarray(1));
  const kept = { id: reader.number(), seq: reader.number() };
  reader.end();
  return kept;
}

export function refusedOf(frame: Uint8Array): { id: number; code: string; number: number } {
  const reader = new Reader(frame.subarray(1));
  const refused = { id: reader.number(), code: reader.text(), number: reader.number() };
  reader.end();
  return refused;
}

export function snapshotPartOf(frame: Uint8Array) {
  const reader = new Reader(frame.subarray(1));
  const [upto, part, parts] = [reader.number(), reader.number(), reader.number()];
  const found = { upto, part, parts, sender: reader.text(), bytes: reader.varBytes() };
  reader.end();
  return found;
}

export function awarenessOf(frame: Uint8Array) {
  const reader = new Reader(frame.subarray(1));
  const said: { connection: string; sender: string; sealed: Buffer }[] = [];
  while (!reader.isAtEnd)
    said.push({ connection: reader.text(), sender: reader.text(), sealed: reader.varBytes() });
  return said;
}

export function keyEpochOf(frame: Uint8Array): number {
  const reader = new Reader(frame.subarray(1));
  const floor = reader.number();
  reader.end();
  return floor;
}

/** Opens an encrypted document. */
export async function openSealed(
  shared: SharedDocument,
  query: Record<string, string> = {},
  options?: SocketOptions,
): Promise<DocumentSocket> {
  return shared.connect({ e2e: "1", ...query }, options).opened();
}

/** Everything after an entry, as a client gets it. */
export interface CaughtUp {
  snapshot: { upto: number; sender: string; sealed: Buffer } | undefined;
  entries: Entry[];
  current: Current;
}

/** Catches up. What came unread before counts as read. */
export async function caughtUp(socket: DocumentSocket, since = 0): Promise<CaughtUp> {
  const start = socket.frames.length;
  socket.send(catchUp(since));
  let end: number;
  // Others are told of a new log, an epoch, or a snapshot, whenever it comes.
  do end = socket.frames.indexOf(await socket.next(CURRENT));
  while (end < start || !currentOf(socket.frames[end] as Buffer).isAnswer);
  const frames = socket.frames.slice(start, end);
  const parts = frames.filter((frame) => frame[0] === 0x11).map(snapshotPartOf);
  const [first] = parts;
  const sealedParts = Buffer.concat(parts.map(({ bytes }) => bytes));
  return {
    snapshot: first && { upto: first.upto, sender: first.sender, sealed: sealedParts },
    entries: frames.filter((frame) => frame[0] === 0x12).flatMap(entriesOf),
    current: currentOf(socket.frames[end] as Buffer),
  };
}

function varBytes(bytes: Uint8Array): Buffer {
  return Buffer.concat([varUint(bytes.length), bytes]);
}

class Reader {
  #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.#bytes.length === 0;
  }

  end(): void {
    if (!this.isAtEnd) throw new Error(`more than one message: ${this.#bytes.toString("hex")}`);
  }

  rest(): Buffer {
    return this.#bytes;
  }

  bytes(length: number): Buffer {
    if (length > this.#bytes.length) throw new Error("the frame is too short");
    const bytes = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return bytes;
  }

  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.bytes(1)[0] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  varBytes(): Buffer {
    return this.bytes(this.number());
  }

  text(): string {
    return this.varBytes().toString();
  }
}
