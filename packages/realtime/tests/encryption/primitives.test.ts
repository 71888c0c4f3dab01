/** AES-GCM and HKDF against the vectors of Project Wycheproof and of RFC 5869, by WebCrypto and by noble. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { noble } from "../../src/encryption/noble.ts";
import { webPrimitives } from "../../src/encryption/primitives.ts";
import { bytes, hex } from "./vectors.ts";

interface GcmTest {
  tcId: number;
  comment: string;
  key: string;
  iv: string;
  aad: string;
  msg: string;
  ct: string;
  tag: string;
  result: "valid" | "invalid";
}

interface HkdfTest {
  tcId: number;
  comment: string;
  ikm: string;
  salt: string;
  info: string;
  size: number;
  okm: string;
  result: "valid" | "invalid";
}

function testsIn<Test>(name: string): Test[] {
  const file = new URL(`wycheproof/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).tests;
}

const GCM = testsIn<GcmTest>("aes_gcm_test");
const HKDF = testsIn<HkdfTest>("hkdf_sha256_test");

const count = (tests: readonly { result: string }[], result: string) =>
  tests.filter((each) => each.result === result).length;

/** RFC 5869, appendix A: the test cases for SHA-256. */
const RFC_5869 = [
  {
    ikm: "0b".repeat(22),
    salt: "000102030405060708090a0b0c",
    info: "f0f1f2f3f4f5f6f7f8f9",
    okm: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
  },
  {
    ikm: range(0x00, 0x4f),
    salt: range(0x60, 0xaf),
    info: range(0xb0, 0xff),
    okm: "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
  },
  {
    ikm: "0b".repeat(22),
    salt: "",
    info: "",
    okm: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
  },
];

function range(first: number, last: number): string {
  return hex(Uint8Array.from({ length: last - first + 1 }, (_, index) => first + index));
}

test("the vectors are all there", () => {
  assert.deepEqual([count(GCM, "valid"), count(GCM, "invalid")], [39, 27]);
  assert.deepEqual([count(HKDF, "valid"), count(HKDF, "invalid")], [83, 3]);
});

for (const [name, primitives] of Object.entries({ WebCrypto: webPrimitives(), noble: noble() }))
  describe(name, () => {
    test("AES-256-GCM: Wycheproof", async () => {
      for (const { tcId, comment, result, ...each } of GCM) {
        const [nonce, data, plaintext] = [bytes(each.iv), bytes(each.aad), bytes(each.msg)];
        const aead = await primitives.aesGcm(bytes(each.key));
        const opened = aead.open(nonce, data, bytes(each.ct + each.tag));
        const what = `${tcId} ${comment}`;
        if (result === "invalid") {
          await assert.rejects(opened, what);
          continue;
        }
        assert.equal(hex(await opened), each.msg, what);
        assert.equal(hex(await aead.seal(nonce, data, plaintext)), each.ct + each.tag, what);
      }
    });

    test("HKDF-SHA-256: Wycheproof", async () => {
      for (const { tcId, comment, result, size, ...each } of HKDF) {
        const derived = primitives.hkdf(bytes(each.ikm), bytes(each.salt), bytes(each.info), size);
        const what = `${tcId} ${comment}`;
        if (result === "invalid") await assert.rejects(derived, what);
        else assert.equal(hex(await derived), each.okm, what);
      }
    });

    test("HKDF-SHA-256: RFC 5869, appendix A", async () => {
      for (const { ikm, salt, info, okm } of RFC_5869) {
        const [key, length] = [bytes(ikm), okm.length / 2];
        assert.equal(hex(await primitives.hkdf(key, bytes(salt), bytes(info), length)), okm);
      }
    });

    test("random bytes are not the same twice", () => {
      const [one, other] = [primitives.random(32), primitives.random(32)];
      assert.equal(one.length, 32);
      assert.notDeepEqual(one, other);
    });
  });
