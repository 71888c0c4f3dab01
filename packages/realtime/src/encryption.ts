/** End-to-end encryption: where an app's keys come from. */

export {
  type AppKeysOptions,
  appKeys,
  type FetchedKey,
  type FetchKey,
} from "./encryption/app-keys.ts";
export { EpochKeyError } from "./encryption/epoch-key-error.ts";
export type { EpochKey, KeySource } from "./encryption/key-source.ts";
export {
  type EpochKeys,
  type EpochKeysOptions,
  epochKeys,
  generateEpochKey,
} from "./encryption/keys.ts";
export type { Crypto, Primitives, WebCrypto } from "./encryption/primitives.ts";
export { UndecryptableError, type UndecryptableReason } from "./encryption/undecryptable.ts";
