/** Epoch keys at rest: encrypted under a wrapping key that the database never sees. */

import { fromBase64url, toBase64url } from "../encryption/base64.ts";
import { concat, lp, u64be, utf8 } from "../encryption/bytes.ts";
import { type Aead, webPrimitives } from "../encryption/primitives.ts";
import { KeyStoreError } from "./error.ts";

/** An epoch key as a database may hold it. */
export interface Wrapped {
  /** Base64url of nonce, ciphertext and tag. */
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
  aead: Aead;
}

const NAME = "EPOCH_WRAPPING_KEYS";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const ID_BYTES = 6;
const AT_REST = utf8("validiant-realtime epoch key at rest v1\0");
const KEY_ID = utf8("validiant-realtime wrapping key id v1\0");
const NO_SALT = new Uint8Array();

/** The wrapping keys: the first one encrypts, and each of them decrypts what is under it. */
export class WrappingKeys {
  readonly #primitives = webPrimitives();
  readonly #keys: Promise<readonly WrappingKey[]>;

  /** Fails at once if there is none, or if one is not a key. The message never quotes a value. */
  constructor(setting: string | undefined) {
    const texts = setting?.split(/[\s,]+/).filter(Boolean) ?? [];
    if (texts.length === 0) throw new KeyStoreError("not_set_up", `${NAME} is not set`);
    this.#keys = Promise.all(texts.map(readKey).map((key) => this.#import(key)));
  }

  /** The id of the key that encrypts. */
  async currentId(): Promise<string> {
    return (await this.#first()).id;
  }

  /** Encrypts an epoch key for its row, and for no other. */
  async wrap(place: KeyPlace, epochKey: Uint8Array): Promise<Wrapped> {
    const { id, aead } = await this.#first();
    const nonce = this.#primitives.random(NONCE_BYTES);
    const sealed = await aead.seal(nonce, boundTo(place), epochKey);
    return { wrapped: toBase64url(concat(nonce, sealed)), wrapping_key: id };
  }

  /** The epoch key of a row. Fails if it was changed, is another row's, or its wrapping key is not here. */
  async unwrap(place: KeyPlace, { wrapped, wrapping_key }: Wrapped): Promise<Uint8Array> {
    const found = (await this.#keys).find(({ id }) => id === wrapping_key);
    const where = `Epoch ${place.epoch} of ${place.projectId}`;
    if (!found) {
      const message = `${where} is under the wrapping key ${wrapping_key}, which is not in ${NAME}`;
      throw new KeyStoreError("unknown_wrapping_key", message);
    }
    const bytes = fromBase64url(wrapped) ?? new Uint8Array();
    const [nonce, sealed] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES)];
    return found.aead.open(nonce, boundTo(place), sealed).catch((cause) => {
      const message = `${where} does not decrypt: its row was changed, or is another one's`;
      throw new KeyStoreError("damaged", message, { cause });
    });
  }

  async #first(): Promise<WrappingKey> {
    const [first] = await this.#keys;
    return first as WrappingKey;
  }

  /** Its id is derived from it, so there is none to choose. It tells nothing of the key. */
  async #import(key: Uint8Array): Promise<WrappingKey> {
    const id = await this.#primitives.hkdf(key, NO_SALT, KEY_ID, ID_BYTES);
    return { id: toBase64url(id), aead: await this.#primitives.aesGcm(key) };
  }
}

function readKey(text: string): Uint8Array {
  const base64url = text.replaceAll("+", "-").replaceAll("/", "_").replace(/=$/, "");
  const bytes = fromBase64url(base64url);
  if (bytes?.length === KEY_BYTES) return bytes;
  const what =
    "must be one or more keys of 32 bytes in base64, as `openssl rand -base64 32` prints";
  throw new KeyStoreError("not_set_up", `${NAME} ${what}`);
}

/** The associated data of a wrapped key. */
function boundTo({ projectId, epoch }: KeyPlace): Uint8Array {
  return concat(AT_REST, lp(projectId), u64be(epoch));
}
