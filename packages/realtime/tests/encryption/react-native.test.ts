/** React Native has no `crypto.subtle`, and in older versions neither `TextDecoder` nor `crypto` at all. */

import assert from "node:assert/strict";
import { type webcrypto as Node, webcrypto } from "node:crypto";
import { after, before, test } from "node:test";
import { textOf, utf8 } from "../../src/encryption/bytes.ts";
import { readEnvelope, type Sealed } from "../../src/encryption/envelope.ts";
import { epochKeys, generateEpochKey } from "../../src/encryption/keys.ts";
import { noble } from "../../src/encryption/noble.ts";
import type { Crypto } from "../../src/encryption/primitives.ts";
import { bytes, hex, VECTORS } from "./vectors.ts";

const LACKING = ["crypto", "TextDecoder"] as const;
const own = LACKING.map(
  (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
);
const [, vector] = VECTORS;

/** What `react-native-get-random-values` brings. */
const RANDOM = {
  getRandomValues: (array: Uint8Array<ArrayBuffer>) => webcrypto.getRandomValues(array),
};

function bring(crypto: object): void {
  Object.defineProperty(globalThis, "crypto", { value: crypto, configurable: true });
}

/** Opens another implementation's event. */
async function opens(crypto?: Crypto): Promise<void> {
  assert.ok(vector?.envelope);
  const key = bytes(vector.epochKey);
  const source = { get: async () => key, current: async () => null };
  const { sealer } = epochKeys(source, crypto ? { crypto } : {});
  const sealed = readEnvelope(JSON.parse(vector.envelope)) as Sealed;
  assert.equal(textOf(await sealer.open(vector, sealed)), vector.text);
}

before(() => {
  for (const name of LACKING) Reflect.deleteProperty(globalThis, name);
});

after(() => {
  for (const [name, descriptor] of own)
    if (descriptor) Object.defineProperty(globalThis, name, descriptor);
});

const isNamed = { name: "OptionError", option: "crypto" };

test("without the option crypto it is said what is missing", () => {
  assert.equal(typeof globalThis.crypto, "undefined");
  const source = { get: async () => null, current: async () => null };
  assert.throws(() => epochKeys(source), isNamed);
  assert.throws(() => generateEpochKey(), { ...isNamed, message: /quick-crypto/ });
  bring(RANDOM);
  assert.throws(() => epochKeys(source), isNamed);
});

test("noble() needs random values, and says so", () => {
  bring({});
  assert.throws(() => noble(), { ...isNamed, message: /react-native-get-random-values/ });
});

test("with noble() and random values everything works", async () => {
  bring(RANDOM);
  await opens(noble());
  assert.equal(generateEpochKey({ crypto: noble() }).length, 32);
});

/**
 * What is used of `react-native-quick-crypto` 1.1.7, with what it insists on: all five arguments of `importKey`, buffers
 * that are not shared, and lengths in whole bytes.
 */
function quickCrypto() {
  const { subtle } = webcrypto;
  const isBuffer = (data: unknown) =>
    ArrayBuffer.isView(data) && data.buffer instanceof ArrayBuffer;
  return {
    getRandomValues: RANDOM.getRandomValues,
    subtle: {
      importKey(...given: Parameters<Node.SubtleCrypto["importKey"]>) {
        assert.equal(given.length, 5);
        assert.ok(isBuffer(given[1]));
        return subtle.importKey(...given);
      },
      deriveBits(algorithm: Node.HkdfParams, key: Node.CryptoKey, length: number) {
        assert.ok(isBuffer(algorithm.salt) && isBuffer(algorithm.info) && length % 8 === 0);
        return subtle.deriveBits(algorithm, key, length);
      },
      encrypt: subtle.encrypt.bind(subtle),
      decrypt: subtle.decrypt.bind(subtle),
      sign: subtle.sign.bind(subtle),
    },
  };
}

test("with a WebCrypto of its own, as react-native-quick-crypto, everything works", async () => {
  Reflect.deleteProperty(globalThis, "crypto");
  const crypto = quickCrypto();
  await opens(crypto);
  const place = VECTORS.find(({ placeTag }) => placeTag);
  assert.ok(place?.at);
  const source = { get: async () => bytes(place.epochKey), current: async () => null };
  const { sealer } = epochKeys(source, { crypto });
  assert.equal(await sealer.placeTag(place.projectId, place.epoch, place.at), place.placeTag);
  assert.notEqual(hex(generateEpochKey({ crypto })), hex(generateEpochKey({ crypto })));
});

test("text is decoded as strictly as TextDecoder does it", () => {
  assert.equal(typeof globalThis.TextDecoder, "undefined");
  for (const text of ["Größe 🙂 \ufeff%41", "\ufeffWith a byte order mark", ""])
    assert.equal(textOf(utf8(text)), text);
  for (const wrong of ["ff", "c080", "eda080", "f8808080", "c3"])
    assert.throws(() => textOf(bytes(wrong)), wrong);
});
