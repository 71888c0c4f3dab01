/** Keys from the app's own API. */

import { fromBase64url } from "./base64.ts";
import { EpochKeyError, keyBytes } from "./epoch-key-error.ts";
import { type EpochKeys, type EpochKeysOptions, epochKeys } from "./keys.ts";

/** What the app's API answers. */
export interface FetchedKey {
  readonly epoch: number;
  /** The 32 bytes, or they in base64url or base64. */
  readonly key: string | Uint8Array;
}

/** Fetches the key of an epoch, or the current one. Null if it is not there. */
export type FetchKey = (projectId: string, epoch: number | "current") => Promise<FetchedKey | null>;

/** Options of {@link appKeys}. */
export interface AppKeysOptions extends EpochKeysOptions {
  readonly fetchKey: FetchKey;
}

/** Keys that the app's API hands to those who may have them. */
export function appKeys({ fetchKey, ...options }: AppKeysOptions): EpochKeys {
  return epochKeys(
    {
      async get(projectId, epoch) {
        const fetched = await fetchKey(projectId, epoch);
        if (!fetched) return null;
        if (fetched.epoch === epoch) return bytesOf(fetched.key);
        throw new EpochKeyError(`fetchKey has answered with another epoch than ${epoch}.`);
      },
      async current(projectId) {
        const fetched = await fetchKey(projectId, "current");
        return fetched ? { epoch: fetched.epoch, key: bytesOf(fetched.key) } : null;
      },
    },
    options,
  );
}

function bytesOf(key: string | Uint8Array): Uint8Array {
  if (typeof key !== "string") return keyBytes(key);
  const base64url = key.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const bytes = fromBase64url(base64url);
  if (bytes) return bytes;
  throw new EpochKeyError("fetchKey has answered with a key that is not base64.");
}
