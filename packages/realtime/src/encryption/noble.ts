/** Encryption without WebCrypto, as in React Native. The app installs `@noble/ciphers` and `@noble/hashes`. */

import { gcm } from "@noble/ciphers/aes.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { OptionError } from "../core/option-error.ts";
import type { Primitives } from "./primitives.ts";

export type { Primitives };

/**
 * The option `crypto` where there is no WebCrypto. It needs `crypto.getRandomValues`, which
 * `react-native-get-random-values` brings. It is slower than `react-native-quick-crypto`, and, being JavaScript, can't
 * promise that an operation takes the same time for every key.
 */
export function noble(): Primitives {
  const source = globalThis.crypto;
  if (typeof source?.getRandomValues !== "function")
    throw new OptionError(
      "crypto",
      "as noble() needs `crypto.getRandomValues`, which `react-native-get-random-values` brings",
    );
  return {
    random: (length) => source.getRandomValues(new Uint8Array(length)),
    hkdf: async (key, salt, info, length) => hkdf(sha256, key, salt, info, length),
    async aesGcm(key) {
      return {
        seal: async (nonce, data, plaintext) => gcm(key, nonce, data).encrypt(plaintext),
        open: async (nonce, data, ciphertext) => gcm(key, nonce, data).decrypt(ciphertext),
      };
    },
    hmac: async (key) => ({ sign: async (data) => hmac(sha256, key, data) }),
  };
}
