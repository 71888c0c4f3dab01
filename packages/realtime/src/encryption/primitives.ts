/** The cryptography that everything else is built on: WebCrypto, or another implementation of the same. */

import { OptionError } from "../core/option-error.ts";

/** A key for AES-GCM. Nonces have 12 bytes, and the tag, of 16 bytes, is behind the ciphertext. */
export interface Aead {
  seal(nonce: Uint8Array, data: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
  /** Rejects if the tag does not fit. */
  open(nonce: Uint8Array, data: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array>;
}

/** A key for HMAC-SHA-256. */
export interface Mac {
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** What this version needs of cryptography. */
export interface Primitives {
  /** Bytes that nobody can guess. */
  random(length: number): Uint8Array;
  /** HKDF-SHA-256 (RFC 5869). */
  hkdf(key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Promise<Uint8Array>;
  /** AES-256-GCM (NIST SP 800-38D) under a key of 32 bytes. */
  aesGcm(key: Uint8Array): Promise<Aead>;
  hmac(key: Uint8Array): Promise<Mac>;
}

/**
 * A WebCrypto: `globalThis.crypto`, or `react-native-quick-crypto` from 1.0.3 on. Each runtime and library declares it in
 * its own way, so that little can be asked of its type.
 */
export interface WebCrypto {
  getRandomValues(array: never): unknown;
  readonly subtle: object;
}

/** The part of it that is used. */
interface UsedWebCrypto {
  getRandomValues(array: Uint8Array): unknown;
  readonly subtle: Subtle;
}

interface Subtle {
  importKey(
    format: "raw",
    key: Uint8Array,
    algorithm: { name: string; hash?: string },
    extractable: boolean,
    usages: ("encrypt" | "decrypt" | "deriveBits" | "sign")[],
  ): Promise<unknown>;
  deriveBits(algorithm: HkdfAlgorithm, key: unknown, bits: number): Promise<ArrayBuffer>;
  encrypt(algorithm: GcmAlgorithm, key: unknown, data: Uint8Array): Promise<ArrayBuffer>;
  decrypt(algorithm: GcmAlgorithm, key: unknown, data: Uint8Array): Promise<ArrayBuffer>;
  sign(algorithm: { name: "HMAC" }, key: unknown, data: Uint8Array): Promise<ArrayBuffer>;
}

interface HkdfAlgorithm {
  name: "HKDF";
  hash: "SHA-256";
  salt: Uint8Array;
  info: Uint8Array;
}

interface GcmAlgorithm {
  name: "AES-GCM";
  iv: Uint8Array;
  additionalData: Uint8Array;
  tagLength: 128;
}

/** The option `crypto`: a WebCrypto, or what `noble()` returns. */
export type Crypto = WebCrypto | Primitives;

/** What to encrypt with. Fails if there is nothing. */
export function primitivesOf(crypto: Crypto | undefined): Primitives {
  return crypto && "aesGcm" in crypto ? crypto : webPrimitives(crypto);
}

/** By WebCrypto. Its keys can't be read out again. Fails where there is none. */
export function webPrimitives(
  crypto: WebCrypto | undefined = globalThis.crypto as WebCrypto | undefined,
): Primitives {
  if (!crypto?.subtle)
    throw new OptionError(
      "crypto",
      "is needed: there is no WebCrypto here. A page has it at https:// and on localhost. In React Native, give `react-native-quick-crypto` or `noble()`",
    );
  const used = crypto as UsedWebCrypto;
  const { subtle } = used;
  return {
    random(length) {
      const bytes = new Uint8Array(length);
      used.getRandomValues(bytes);
      return bytes;
    },
    async hkdf(key, salt, info, length) {
      const base = await subtle.importKey("raw", key, { name: "HKDF" }, false, ["deriveBits"]);
      const algorithm = { name: "HKDF", hash: "SHA-256", salt, info } as const;
      return new Uint8Array(await subtle.deriveBits(algorithm, base, 8 * length));
    },
    aesGcm: (key) => webAead(subtle, key),
    hmac: (key) => webMac(subtle, key),
  };
}

async function webAead(subtle: Subtle, bytes: Uint8Array): Promise<Aead> {
  const key = await subtle.importKey("raw", bytes, { name: "AES-GCM" }, false, [
    "encrypt",
    "decrypt",
  ]);
  const gcm = (iv: Uint8Array, additionalData: Uint8Array): GcmAlgorithm => ({
    ...{ name: "AES-GCM", iv, additionalData, tagLength: 128 },
  });
  return {
    async seal(nonce, data, plaintext) {
      return new Uint8Array(await subtle.encrypt(gcm(nonce, data), key, plaintext));
    },
    async open(nonce, data, ciphertext) {
      return new Uint8Array(await subtle.decrypt(gcm(nonce, data), key, ciphertext));
    },
  };
}

async function webMac(subtle: Subtle, bytes: Uint8Array): Promise<Mac> {
  const key = await subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return {
    async sign(data) {
      return new Uint8Array(await subtle.sign({ name: "HMAC" }, key, data));
    },
  };
}
