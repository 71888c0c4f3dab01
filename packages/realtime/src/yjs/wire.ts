/** The messages of a document: what y-protocols calls sync and awareness, one in each frame. */

/** The first bytes of each message. */
const STATE = [0, 0];
const MISSING = [0, 1];
const UPDATE = [0, 2];
const AWARENESS = [1];
const DENIED = [2, 0];
const ASK_AWARENESS = [3];

/** A message of the server. `body` is what its length announces: the rest of it is ignored. */
export type Message =
  | { kind: "state" | "missing" | "update" | "awareness"; body: Uint8Array }
  | { kind: "denied" | "ask-awareness" };

type Bytes = Uint8Array<ArrayBuffer>;

/** Says what this client has, so that the server sends what it lacks. */
export const stateMessage = (stateVector: Uint8Array): Bytes => message(STATE, stateVector);

/** Answers what the server has said that it has. */
export const missingMessage = (update: Uint8Array): Bytes => message(MISSING, update);

/** A change. The server sends it back once it is durable. */
export const updateMessage = (update: Uint8Array): Bytes => message(UPDATE, update);

/** What clients say of themselves. */
export const awarenessMessage = (update: Uint8Array): Bytes => message(AWARENESS, update);

/** Reads a frame. Undefined if it is text, or no message that this client knows. */
export function read(data: unknown): Message | undefined {
  if (typeof data === "string") return undefined;
  const bytes = new Uint8Array(data as ArrayBuffer);
  if (begins(bytes, DENIED)) return { kind: "denied" };
  if (begins(bytes, ASK_AWARENESS)) return { kind: "ask-awareness" };
  const [kind, start] =
    WITH_BODY.find(([, first]) => begins(bytes, first)) ?? ([undefined, []] as const);
  const body = kind && bodyAt(bytes, start.length);
  return body && { kind, body };
}

const WITH_BODY = [
  ["state", STATE],
  ["missing", MISSING],
  ["update", UPDATE],
  ["awareness", AWARENESS],
] as const;

function begins(bytes: Uint8Array, first: readonly number[]): boolean {
  return first.every((byte, index) => bytes[index] === byte);
}

function bodyAt(bytes: Uint8Array, start: number): Uint8Array | undefined {
  let length = 0;
  let at = start;
  for (let unit = 1; ; unit *= 128) {
    const byte = bytes[at++];
    if (byte === undefined) return undefined;
    length += (byte & 127) * unit;
    if (byte < 128) break;
  }
  return at + length <= bytes.length ? bytes.subarray(at, at + length) : undefined;
}

function message(start: readonly number[], body: Uint8Array): Bytes {
  const length: number[] = [];
  let rest = body.length;
  for (; rest > 127; rest = Math.floor(rest / 128)) length.push((rest & 127) | 128);
  const before = [...start, ...length, rest];
  const bytes = new Uint8Array(before.length + body.length);
  bytes.set(before);
  bytes.set(body, before.length);
  return bytes;
}
