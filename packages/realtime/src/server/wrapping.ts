/** Epoch keys at rest: encrypted under a wrapping key that the database never sees. */

import { EpochKeyError } from "./error.ts";

/** An epoch key as a database may hold it. */
export interface Wrapped {
  /** Base64 of nonce, ciphertext and tag. */
  wrapped: string;
  /** Which wrapping key it is under. */
  wrapping_key: string;
}

/** The row that an epoch key belongs to. */
export interface KeyPlace {
  projectId: string;
  epoch: number;
}

interface WrappingKey {
  id: string;
  key: CryptoKey;
}

const NAME = "EPOCH_WRAPPING_KEYS";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const ID_BYTES = 6;
const LABEL = "validiant-realtime epoch key at rest v1\0";
const ID_LABEL = "validiant-realtime wrapping key id v1\0";

/** The wrapping keys: the first one encrypts, and each of them decrypts what is under it. */
export class WrappingKeys {
  readonly #keys: Promise<WrappingKey[]>;

  /** Fails at once if there is none, or if one is not a key. The message never quotes a value. */
  constructor(setting: string | undefined) {
    const texts = setting?.split(/[\s,]+/).filter(Boolean) ?? [];
    if (texts.length === 0) throw new EpochKeyError("not_set_up", `${NAME} is not set`);
    this.#keys = Promise.all(texts.map(readKey).map(importKey));
  }

  /** The id of the key that encrypts. */
  async currentId(): Promise<string> {
    return (await this.#first()).id;
  }

  /** Encrypts an epoch key for its row, and for no other. */
  async wrap(place: KeyPlace, epochKey: Uint8Array<ArrayBuffer>): Promise<Wrapped> {
    const { id, key } = await this.#first();
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const sealed = await crypto.subtle.encrypt(algorithm(iv, place), key, epochKey);
    return { wrapped: toBase64(join(iv, new Uint8Array(sealed))), wrapping_key: id };
  }

  /** The epoch key of a row. Fails if it was changed, comes from another row, or its wrapping key is not here. */
  async unwrap(place: KeyPlace, { wrapped, wrapping_key }: Wrapped): Promise<Uint8Array> {
    const found = (await this.#keys).find(({ id }) => id === wrapping_key);
    const where = `Epoch ${place.epoch} of ${place.projectId}`;
    if (!found)
      throw new EpochKeyError(
        "unknown_wrapping_key",
        `${where} is under the wrapping key ${wrapping_key}, which is not in ${NAME}`,
      );
    try {
      const bytes = fromBase64(wrapped);
      const iv = bytes.slice(0, NONCE_BYTES);
      const sealed = bytes.slice(NONCE_BYTES);
      return new Uint8Array(await crypto.subtle.decrypt(algorithm(iv, place), found.key, sealed));
    } catch (cause) {
      const message = `${where} does not decrypt: its row was changed, or is another one's`;
      throw new EpochKeyError("damaged", message, { cause });
    }
  }

  async #first(): Promise<WrappingKey> {
    const [first] = await this.#keys;
    return first as WrappingKey;
  }
}

function readKey(text: string): Uint8Array<ArrayBuffer> {
  const bytes = /^[\w+/-]{43}=?$/.test(text) ? fromBase64(text) : undefined;
  if (bytes?.length === KEY_BYTES) return bytes;
  const what =
    "must be one or more keys of 32 bytes in base64, as `openssl rand -base64 32` prints";
  throw new EpochKeyError("not_set_up", `${NAME} ${what}`);
}

async function importKey(bytes: Uint8Array<ArrayBuffer>): Promise<WrappingKey> {
  const named = join(utf8(ID_LABEL), bytes);
  const hash = await crypto.subtle.digest("SHA-256", named);
  const id = toBase64(new Uint8Array(hash, 0, ID_BYTES));
  const usages: KeyUsage[] = ["encrypt", "decrypt"];
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, usages);
  return { id, key };
}

/** The associated data bind a wrapped key to its row. The epoch comes first, so nothing is ambiguous. */
function algorithm(iv: Uint8Array<ArrayBuffer>, { projectId, epoch }: KeyPlace): AesGcmParams {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, BigInt(epoch));
  const additionalData = join(utf8(LABEL), number, utf8(projectId));
  return { name: "AES-GCM", iv, additionalData };
}

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Base64url without padding. */
export function toBase64(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replace(/[+/=]/g, (char) => ({ "+": "-", "/": "_" })[char] ?? "");
}

/** Of either alphabet. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const standard = text.replace(/[-_]/g, (char) => (char === "-" ? "+" : "/"));
  return Uint8Array.from(atob(standard), (char) => char.charCodeAt(0));
}
