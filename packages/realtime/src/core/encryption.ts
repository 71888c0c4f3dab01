/** The option that encrypts. */

import type { EpochKeys } from "../encryption/keys.ts";

/** The option `encryption`. */
export interface Encryption {
  /** Where the keys come from: `appKeys({ fetchKey })` of `@validiant/realtime/encryption`. */
  keys: EpochKeys;
  /**
   * The types of events that may come unencrypted although the project is encrypted. Any other that does is
   * `undecryptable`.
   */
  plaintextEvents?: readonly string[] | undefined;
}
