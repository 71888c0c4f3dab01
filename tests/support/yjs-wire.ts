/** The messages of a document on the wire (P13.3), written by hand: a library would have the same mistakes as a client. */

/** The first bytes of a message. */
export const STEP_1 = "00 00";
export const STEP_2 = "00 01";
export const UPDATE = "00 02";
export const AWARENESS = "01";
export const DENIED = "02 00";

export interface AwarenessEntry {
  id: number;
  clock: number;
  /** Null: the client is gone. */
  state: Record<string, unknown> | null;
}

export const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

export const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString("hex")
    .replace(/(..)(?=.)/g, "$1 ");

export const step1 = (stateVector: Uint8Array) => message(STEP_1, stateVector);
export const step2 = (update: Uint8Array) => message(STEP_2, update);
export const updateMessage = (update: Uint8Array) => message(UPDATE, update);
export const QUERY_AWARENESS = Buffer.of(3);
export const EMPTY_STATE_VECTOR = Buffer.of(0);
export const EMPTY_UPDATE = Buffer.of(0, 0);

/** Asks for everything: its answer is there when the server is done with all that came before it. */
export const ASK_FOR_ALL = step1(EMPTY_STATE_VECTOR);

export function awarenessMessage(...entries: AwarenessEntry[]): Buffer {
  const each = entries.map(({ id, clock, state }) =>
    Buffer.concat([varUint(id), varUint(clock), varBytes(Buffer.from(JSON.stringify(state)))]),
  );
  return message(AWARENESS, Buffer.concat([varUint(entries.length), ...each]));
}

function message(head: string, body: Uint8Array): Buffer {
  return Buffer.concat([bytesOf(head), varBytes(body)]);
}

function varBytes(bytes: Uint8Array): Buffer {
  return Buffer.concat([varUint(bytes.length), bytes]);
}

/** Seven bits a byte, the low ones first; more follow after a byte with the highest bit. */
export function varUint(number: number): Buffer {
  const bytes: number[] = [];
  let rest = number;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push(0x80 | (rest % 0x80));
  return Buffer.of(...bytes, rest);
}

export const isOf = (frame: Uint8Array, head: string): boolean =>
  hexOf(frame.subarray(0, 2)).startsWith(head);

/** The state vector or the update of a sync message; fails unless it is exactly one message. */
export function bodyOf(frame: Uint8Array, head: string): Buffer {
  if (!isOf(frame, head)) throw new Error(`${hexOf(frame.subarray(0, 40))} is no ${head}`);
  const reader = new Reader(frame, bytesOf(head).length);
  const body = reader.bytes();
  reader.end();
  return body;
}

/** The entries of an awareness message; fails unless it is exactly one message. */
export function entriesOf(frame: Uint8Array): AwarenessEntry[] {
  const reader = new Reader(bodyOf(frame, AWARENESS));
  const entries: AwarenessEntry[] = [];
  for (let left = reader.uint(); left > 0; left -= 1) {
    const [id, clock] = [reader.uint(), reader.uint()];
    entries.push({ id, clock, state: JSON.parse(reader.bytes().toString()) });
  }
  reader.end();
  return entries;
}

/** The reason why a message was ignored (P13.2). */
export function denialOf(frame: Uint8Array): string {
  return bodyOf(frame, DENIED).toString();
}

class Reader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#at = at;
  }

  uint(): number {
    let [number, place] = [0, 1];
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new Error("the message ends too early");
      this.#at += 1;
      number += (byte & 0x7f) * place;
      if (byte < 0x80) return number;
      place *= 0x80;
    }
  }

  bytes(): Buffer {
    const length = this.uint();
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    if (bytes.length < length) throw new Error("the message ends too early");
    this.#at += length;
    return bytes;
  }

  end(): void {
    const rest = this.#bytes.length - this.#at;
    if (rest > 0) throw new Error(`${rest} bytes after the message`);
  }
}
