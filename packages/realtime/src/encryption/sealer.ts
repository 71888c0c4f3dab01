/** Encrypts and decrypts with the keys of a project's senders. */

import { toBase64url } from "./base64.ts";
import { utf8 } from "./bytes.ts";
import {
  associatedData,
  type Context,
  isEpoch,
  KEY_BYTES,
  placeInfo,
  senderInfo,
} from "./context.ts";
import { NONCE_BYTES, type Sealed, TAG_BYTES } from "./envelope.ts";
import type { KeySource } from "./key-source.ts";
import { Lru } from "./lru.ts";
import type { Aead, Mac, Primitives } from "./primitives.ts";
import { UndecryptableError } from "./undecryptable.ts";

const NO_SALT = new Uint8Array();
const PLACE_BYTES = 16;
const ID_BYTES = 16;
/** The senders of a few large projects, and a few epochs. */
const DERIVED_KEYS = 1_000;

/** Where the epoch keys come from, and how to have it asked anew. */
interface Keys extends KeySource {
  forget(projectId: string): void;
}

/** Seals and opens messages, each in its {@link Context}. */
export class Sealer {
  readonly #keys: Keys;
  readonly #primitives: Primitives;
  readonly #senderKeys = new Lru<Aead>(DERIVED_KEYS);
  readonly #placeKeys = new Lru<Mac>(DERIVED_KEYS);

  constructor(keys: Keys, primitives: Primitives) {
    this.#keys = keys;
    this.#primitives = primitives;
  }

  /**
   * Encrypts under the current epoch, which is fetched anew if it is below `minEpoch`. Rejects with an
   * {@link UndecryptableError}, `no_key`, if there is none, or none that high.
   */
  async seal(context: Context, plaintext: Uint8Array, minEpoch = 0): Promise<Sealed> {
    const { epoch, key } = await this.#current(context.projectId, minEpoch);
    const aead = await this.#senderKey(epoch, key, context);
    const nonce = this.#primitives.random(NONCE_BYTES);
    const ciphertext = await aead.seal(nonce, associatedData(context, epoch), plaintext);
    return { epoch, nonce, ciphertext };
  }

  /** Decrypts what came in this context. Rejects with an {@link UndecryptableError}, and nothing else. */
  async open(context: Context, { epoch, nonce, ciphertext }: Sealed): Promise<Uint8Array> {
    if (!isEpoch(epoch) || nonce.length !== NONCE_BYTES || ciphertext.length < TAG_BYTES)
      throw new UndecryptableError("malformed", epoch);
    const key = await this.#keyOf(context.projectId, epoch);
    try {
      const aead = await this.#senderKey(epoch, key, context);
      return await aead.open(nonce, associatedData(context, epoch), ciphertext);
    } catch (cause) {
      throw new UndecryptableError("damaged", epoch, { cause });
    }
  }

  /** A name for an event or a session, which nobody else has: 16 random bytes. */
  randomId(): string {
    return toBase64url(this.#primitives.random(ID_BYTES));
  }

  /** What the server gets to see instead of a place. Rejects with an {@link UndecryptableError} without the key. */
  async placeTag(projectId: string, epoch: number, at: string): Promise<string> {
    const key = await this.#keyOf(projectId, epoch);
    const mac = await this.#placeKeys.get(JSON.stringify([epoch, projectId]), async () =>
      this.#primitives.hmac(await this.#derive(key, placeInfo(epoch, projectId))),
    );
    return toBase64url((await mac.sign(utf8(at))).subarray(0, PLACE_BYTES));
  }

  async #current(projectId: string, minEpoch: number) {
    const known = await this.#asked(minEpoch, () => this.#keys.current(projectId));
    if (known && known.epoch >= minEpoch) return known;
    if (minEpoch > 0) {
      this.#keys.forget(projectId);
      const newer = await this.#asked(minEpoch, () => this.#keys.current(projectId));
      if (newer && newer.epoch >= minEpoch) return newer;
    }
    throw new UndecryptableError("no_key", minEpoch || undefined);
  }

  async #keyOf(projectId: string, epoch: number): Promise<Uint8Array> {
    const key = await this.#asked(epoch, () => this.#keys.get(projectId, epoch));
    if (!key) throw new UndecryptableError("no_key", epoch);
    return key;
  }

  /** A source that fails has no key (yet), either. */
  async #asked<Answer>(epoch: number, ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (cause) {
      throw new UndecryptableError("no_key", epoch || undefined, { cause });
    }
  }

  #senderKey(epoch: number, key: Uint8Array, { projectId, sender }: Context): Promise<Aead> {
    return this.#senderKeys.get(JSON.stringify([epoch, projectId, sender]), async () =>
      this.#primitives.aesGcm(await this.#derive(key, senderInfo(epoch, projectId, sender))),
    );
  }

  #derive(key: Uint8Array, info: Uint8Array): Promise<Uint8Array> {
    return this.#primitives.hkdf(key, NO_SALT, info, KEY_BYTES);
  }
}
