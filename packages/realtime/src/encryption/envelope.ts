/** An encrypted message as JSON and as bytes. */

import { fromBase64url, toBase64url } from "./base64.ts";
import { concat, readVarUint, utf8, varUint } from "./bytes.ts";
import { isEpoch } from "./context.ts";
import { UndecryptableError } from "./undecryptable.ts";

/** An encrypted message. */
export interface Sealed {
  readonly epoch: number;
  readonly nonce: Uint8Array;
  /** With the tag behind it. */
  readonly ciphertext: Uint8Array;
}

/** It as an object for JSON. */
export interface Envelope {
  readonly e2e: 1;
  readonly k: number;
  readonly n: string;
  readonly c: string;
  /** `b:<name>`, of a backend. */
  readonly by?: string;
}

export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
/** More than any server lets through. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_CHARACTERS = Math.ceil((MAX_BYTES * 4) / 3);
const NONCE_CHARACTERS = 16;
const TAG_CHARACTERS = 22;
const MAX_NAME_BYTES = 64;
const VERSION = 1;

/** The envelope of a message, and `by`, the sender, of a backend's. `JSON.stringify` makes of it what the server reads. */
export function envelopeOf({ epoch, nonce, ciphertext }: Sealed, by?: string): Envelope {
  const envelope = { e2e: 1, k: epoch, n: toBase64url(nonce), c: toBase64url(ciphertext) } as const;
  return by === undefined ? envelope : { ...envelope, by };
}

/** The envelope of a message as the text of a payload. */
export const toEnvelope = (sealed: Sealed, by?: string): string =>
  JSON.stringify(envelopeOf(sealed, by));

/**
 * Reads a payload. Undefined if it is no envelope at all, so not encrypted. Throws an {@link UndecryptableError} if it is
 * one that this version can't read.
 */
export function readEnvelope(payload: unknown): (Sealed & { readonly by?: string }) | undefined {
  if (typeof payload !== "object" || payload === null) return undefined;
  const { e2e, k, n, c, by } = payload as Record<string, unknown>;
  if (typeof e2e !== "number") return undefined;
  if (e2e !== 1 || !isEpoch(k)) throw new UndecryptableError("malformed");
  const nonce = decode(n, NONCE_CHARACTERS, NONCE_CHARACTERS);
  const ciphertext = decode(c, TAG_CHARACTERS, MAX_CHARACTERS);
  if (!nonce || !ciphertext) throw new UndecryptableError("malformed", k);
  if (by === undefined) return { epoch: k, nonce, ciphertext };
  if (!isBackend(by)) throw new UndecryptableError("malformed", k);
  return { epoch: k, nonce, ciphertext, by };
}

function decode(text: unknown, min: number, max: number): Uint8Array | undefined {
  const fits = typeof text === "string" && text.length >= min && text.length <= max;
  return fits ? fromBase64url(text) : undefined;
}

/** Whether this can be the sender that a backend is. */
export function isBackend(sender: unknown): sender is string {
  if (typeof sender !== "string" || !sender.startsWith("b:")) return false;
  const bytes = utf8(sender.slice(2, 2 + MAX_NAME_BYTES + 1)).length;
  return bytes >= 1 && bytes <= MAX_NAME_BYTES;
}

/** A message as bytes, for a document. */
export function toBytes({ epoch, nonce, ciphertext }: Sealed): Uint8Array {
  return concat(Uint8Array.of(VERSION), varUint(epoch), nonce, ciphertext);
}

/** Reads a message of a document. Throws an {@link UndecryptableError} if this version can't read it. */
export function readBytes(bytes: Uint8Array): Sealed {
  const epoch = bytes[0] === VERSION ? readVarUint(bytes, 1) : undefined;
  if (!epoch || !isEpoch(epoch.number)) throw new UndecryptableError("malformed");
  const body = bytes.subarray(epoch.end);
  if (body.length < NONCE_BYTES + TAG_BYTES || body.length > MAX_BYTES)
    throw new UndecryptableError("malformed", epoch.number);
  const [nonce, ciphertext] = [body.subarray(0, NONCE_BYTES), body.subarray(NONCE_BYTES)];
  return { epoch: epoch.number, nonce, ciphertext };
}
