/** Encrypts and decrypts what is in one document. */

import { inTime } from "../../core/in-time.ts";
import { readBytes, toBytes } from "../envelope.ts";
import { KEY_PATIENCE_MS } from "../retry.ts";
import type { Sealer } from "../sealer.ts";
import { UndecryptableError } from "../undecryptable.ts";

/** What is encrypted in a document. */
export type Part = "doc" | "snapshot" | "awareness";

/** Something encrypted, and under which epoch. */
export interface SealedPart {
  readonly epoch: number;
  readonly bytes: Uint8Array;
}

/** What could be decrypted, or why not. */
export type Opened =
  | { readonly epoch: number; readonly plaintext: Uint8Array }
  | { readonly error: UndecryptableError };

export class Crypt {
  readonly #sealer: Sealer;
  readonly #projectId: string;
  readonly #docId: string;
  /** Who this client is to the server. */
  readonly #sender: () => string;
  /** What is under an older epoch is refused. */
  floor = 0;

  constructor(sealer: Sealer, projectId: string, docId: string, sender: () => string) {
    this.#sealer = sealer;
    this.#projectId = projectId;
    this.#docId = docId;
    this.#sender = sender;
  }

  /** Rejects with an {@link UndecryptableError}, `no_key`, without a key that the server takes. */
  async seal(kind: Part, plaintext: Uint8Array): Promise<SealedPart> {
    const sealed = await this.#sealer.seal(
      this.#context(kind, this.#sender()),
      plaintext,
      this.floor,
    );
    return { epoch: sealed.epoch, bytes: toBytes(sealed) };
  }

  /** Never rejects. */
  async open(kind: Part, sender: string, bytes: Uint8Array): Promise<Opened> {
    try {
      const sealed = readBytes(bytes);
      const { epoch } = sealed;
      const opening = this.#sealer.open(this.#context(kind, sender), sealed);
      const plaintext = await inTime(KEY_PATIENCE_MS, opening);
      return plaintext ? { epoch, plaintext } : { error: new UndecryptableError("no_key", epoch) };
    } catch (error) {
      return {
        error: error instanceof UndecryptableError ? error : new UndecryptableError("malformed"),
      };
    }
  }

  #context(kind: Part, sender: string) {
    return { kind, projectId: this.#projectId, type: this.#docId, sender };
  }
}
