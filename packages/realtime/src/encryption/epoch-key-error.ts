/** What is no key. */

import { KEY_BYTES } from "./context.ts";

/** The source of keys has answered with something that is none, or not at all. The message never has a key in it. */
export class EpochKeyError extends Error {
  override readonly name = "EpochKeyError";
}

/** A copy of a key. Fails with an {@link EpochKeyError} if it can't be one. */
export function keyBytes(key: unknown): Uint8Array {
  if (!(key instanceof Uint8Array)) throw new EpochKeyError("A key is not a Uint8Array.");
  if (key.length !== KEY_BYTES)
    throw new EpochKeyError(`A key has ${key.length} bytes instead of ${KEY_BYTES}.`);
  return new Uint8Array(key);
}
