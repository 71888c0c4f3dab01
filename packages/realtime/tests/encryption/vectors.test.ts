/** What another implementation has encrypted (docs/encryption.md, "Test vectors"), by WebCrypto and by noble. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { utf8 } from "../../src/encryption/bytes.ts";
import { associatedData, placeInfo, senderInfo } from "../../src/encryption/context.ts";
import {
  envelopeOf,
  readBytes,
  readEnvelope,
  type Sealed,
  toBytes,
  toEnvelope,
} from "../../src/encryption/envelope.ts";
import { epochKeys } from "../../src/encryption/keys.ts";
import { noble } from "../../src/encryption/noble.ts";
import { type Primitives, webPrimitives } from "../../src/encryption/primitives.ts";
import { bytes, hex, LABEL, VECTORS, type Vector } from "./vectors.ts";

const IMPLEMENTATIONS: Record<string, Primitives> = { WebCrypto: webPrimitives(), noble: noble() };
const NO_SALT = new Uint8Array();

const sealedIn = ({ epoch, nonce, ciphertext }: Vector): Sealed => ({
  ...{ epoch, nonce: bytes(nonce), ciphertext: bytes(ciphertext) },
});

/** The sealer of somebody who has this vector's key, and whose random bytes are its nonce. */
function sealerOf(vector: Vector, primitives: Primitives) {
  const key = bytes(vector.epochKey);
  const source = {
    get: async (_: string, epoch: number) => (epoch === vector.epoch ? key : null),
    current: async () => ({ epoch: vector.epoch, key }),
  };
  const random = () => bytes(vector.nonce);
  return epochKeys(source, { crypto: { ...primitives, random } }).sealer;
}

test("the vectors are of every kind", () => {
  const kinds = ["awareness", "client", "doc", "event", "presence", "snapshot"];
  assert.deepEqual([...new Set(VECTORS.map(({ kind }) => kind))].sort(), kinds);
  assert.equal(LABEL, hex(utf8("validiant-realtime e2e v1\0")));
});

test("those of docs/encryption.md are among them", () => {
  const page = readFileSync(new URL("../../../../docs/encryption.md", import.meta.url), "utf8");
  const blocks = page.slice(page.indexOf("## Test vectors")).match(/```[^`]+```/g) ?? [];
  assert.ok(blocks.length >= 4);
  for (const block of blocks) {
    const [, nonce] = /nonce +(\w+)/.exec(block) ?? [];
    const vector = VECTORS.find((each) => each.nonce === nonce);
    assert.ok(vector, `no vector with the nonce ${nonce}`);
    const { ciphertext, envelope = ciphertext, bytes = envelope } = vector;
    const result = block.includes("\nc  ") ? ciphertext : bytes;
    for (const what of [result, vector.text ?? vector.plaintext]) assert.ok(block.includes(what));
    const known = Object.values(vector).map(String);
    for (const [long] of block.matchAll(/\b[0-9a-f]{24,}\b/g))
      assert.ok(known.includes(long), long);
  }
});

for (const vector of VECTORS)
  describe(vector.name, () => {
    const { epoch, projectId, sender } = vector;
    test("the info and the associated data", () => {
      assert.equal(hex(senderInfo(epoch, projectId, sender)), vector.info);
      assert.equal(hex(associatedData(vector, epoch)), vector.aad);
    });
    for (const [name, primitives] of Object.entries(IMPLEMENTATIONS)) {
      test(`the sender's key, by ${name}`, async () => {
        const key = bytes(vector.epochKey);
        const derived = await primitives.hkdf(key, NO_SALT, bytes(vector.info), 32);
        assert.equal(hex(derived), vector.senderKey);
      });
      test(`it is sealed so, by ${name}`, async () => {
        const plaintext = bytes(vector.plaintext);
        const sealed = await sealerOf(vector, primitives).seal(vector, plaintext);
        assert.equal(sealed.epoch, epoch);
        assert.equal(hex(sealed.ciphertext), vector.ciphertext);
      });
      test(`it is opened, by ${name}`, async () => {
        const plaintext = await sealerOf(vector, primitives).open(vector, sealedIn(vector));
        assert.equal(hex(plaintext), vector.plaintext);
        if (vector.text !== undefined) assert.deepEqual(plaintext, utf8(vector.text));
      });
      if (vector.at === undefined) continue;
      const { at, placeTag } = vector;
      test(`the tag of its place, by ${name}`, async () => {
        assert.equal(await sealerOf(vector, primitives).placeTag(projectId, epoch, at), placeTag);
      });
    }
    if (vector.placeInfo !== undefined)
      test("the info of places", () => {
        assert.equal(hex(placeInfo(epoch, projectId)), vector.placeInfo);
      });
    if (vector.bytes !== undefined)
      test("as bytes", () => {
        assert.equal(hex(toBytes(sealedIn(vector))), vector.bytes);
        assert.deepEqual(readBytes(bytes(vector.bytes ?? "")), sealedIn(vector));
      });
    if (vector.envelope !== undefined)
      test("as JSON", () => {
        const by = sender.startsWith("b:") ? { by: sender } : {};
        const written =
          vector.kind === "presence"
            ? JSON.stringify({ ...envelopeOf(sealedIn(vector)), at: vector.placeTag ?? null })
            : toEnvelope(sealedIn(vector), by.by);
        assert.equal(written, vector.envelope);
        const read = readEnvelope(JSON.parse(vector.envelope ?? ""));
        assert.deepEqual(read, { ...sealedIn(vector), ...by });
      });
  });
