/** Opens what has come, without waiting for long for a key. */

import { inTime } from "../core/in-time.ts";
import type { Context } from "./context.ts";
import { readEnvelope, type Sealed } from "./envelope.ts";
import type { Keyring } from "./keyring.ts";
import type { ProjectMode } from "./project-mode.ts";
import { KEY_PATIENCE_MS } from "./retry.ts";
import { UndecryptableError } from "./undecryptable.ts";

export class Opener {
  readonly #keys: Keyring;
  readonly #projectId: string;
  readonly #mode: ProjectMode;
  readonly #isAwaited: (epoch: number) => boolean;

  /** @param isAwaited whether something is waiting for the key of this epoch already */
  constructor(
    keys: Keyring,
    projectId: string,
    mode: ProjectMode,
    isAwaited: (epoch: number) => boolean,
  ) {
    this.#keys = keys;
    this.#projectId = projectId;
    this.#mode = mode;
    this.#isAwaited = isAwaited;
  }

  /**
   * Reads an envelope. Undefined if it is none. Fails with an {@link UndecryptableError} if it is one of another
   * version. Where nothing is encrypted, that may as well be something of the app.
   */
  envelopeIn(payload: unknown): ReturnType<typeof readEnvelope> {
    try {
      return readEnvelope(payload);
    } catch (error) {
      if (this.#mode.isEncrypted === false) return undefined;
      throw error;
    }
  }

  /**
   * The plaintext. Undefined if there is no key (yet). Fails with an {@link UndecryptableError} if it can't be opened.
   *
   * @param isAgain it has waited for the key itself
   */
  async open(
    context: Omit<Context, "projectId">,
    sealed: Sealed,
    isAgain: boolean,
  ): Promise<Uint8Array | undefined> {
    if (!isAgain && this.#isAwaited(sealed.epoch)) return undefined;
    try {
      const all = { ...context, projectId: this.#projectId };
      const bytes = await inTime(KEY_PATIENCE_MS, this.#keys.sealer.open(all, sealed));
      if (bytes) this.#mode.proves(sealed.epoch);
      return bytes;
    } catch (error) {
      if (error instanceof UndecryptableError && error.reason === "no_key") return undefined;
      throw error;
    }
  }

  /** Whether the project is encrypted. Undefined if that can't be found out (yet). */
  async isEncrypted(): Promise<boolean | undefined> {
    if (this.#mode.isEncrypted === undefined && !this.#isAwaited(0))
      await inTime(KEY_PATIENCE_MS, this.#mode.ask());
    return this.#mode.isEncrypted;
  }
}
