/** Which public keys count, in the real runtime, whose `importKey` is not that of Node: docs/protocol.md, P9.2. */

import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, test } from "node:test";
import { received } from "../support/received.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";
import { JWT_SECRET, signedBy, token } from "../support/token.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };

/** Public keys count only with an audience or an issuer. */
const FOR_US = { aud: "realtime" };
const RSA = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const EC = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ED = generateKeyPairSync("ed25519");

const jwk = ({ publicKey }: { publicKey: KeyObject }) => publicKey.export({ format: "jwk" });

/** What providers write into their keys, by `kid`: none of it changes the key. */
const USABLE = {
  "es-plain": ["ES256", EC, {}],
  "es-full": ["ES256", EC, { alg: "ES256", use: "sig", key_ops: ["verify"], ext: true }],
  "es-null": ["ES256", EC, { alg: null, use: null, key_ops: null }],
  "es-sign-too": ["ES256", EC, { key_ops: ["verify", "sign"] }],
  "es-not-extractable": ["ES256", EC, { ext: false }],
  "es-own-members": ["ES256", EC, { status: "active", nbf: 1, "x5t#S256": 7 }],
  "rs-entra": ["RS256", RSA, { use: "sig", x5t: "t", x5c: ["not a certificate"], issuer: "i" }],
  "rs-sign-too": ["RS256", RSA, { alg: "RS256", key_ops: ["sign", "verify"], ext: false }],
  "ed-plain": ["EdDSA", ED, {}],
  "ed-old-name": ["EdDSA", ED, { alg: "EdDSA", use: "sig" }],
  "ed-new-name": ["EdDSA", ED, { alg: "Ed25519", use: "sig" }],
  "ed-new-token": ["Ed25519", ED, {}],
  "ed-new-token-old-key": ["Ed25519", ED, { alg: "EdDSA" }],
  "ed-both-new": ["Ed25519", ED, { alg: "Ed25519", key_ops: ["verify", "sign"] }],
} as const;

/** Keys that are not for this. */
const PASSED_OVER = {
  "es-to-encrypt": ["ES256", EC, { use: "enc" }],
  "es-not-to-verify": ["ES256", EC, { key_ops: ["sign"] }],
  "es-other-algorithm": ["ES256", EC, { alg: "ES384" }],
  "es-private": ["ES256", EC, { d: "secret" }],
  "es-other-point": ["ES256", EC, { x: "AAAA" }],
  "rs-other-hash": ["RS256", RSA, { alg: "RS384" }],
  "rs-other-padding": ["RS256", RSA, { alg: "PS256" }],
  "rs-odd-modulus": ["RS256", RSA, { n: 5 }],
  "ed-other-algorithm": ["EdDSA", ED, { alg: "Ed448" }],
} as const;

const ODD = [null, 7, "key", true, [], [null], {}, { kty: null }, { kty: {}, crv: [] }];

function keySet(): string {
  const entries = Object.entries({ ...USABLE, ...PASSED_OVER });
  const keys = entries.map(([kid, [, pair, more]]) => ({ ...jwk(pair), kid, ...more }));
  return JSON.stringify({ keys: [...ODD, ...keys] });
}

describe("a key set with all that key sets have in them", OWN, async () => {
  const vars = { CONNECT_AUTH: undefined, JWT_SECRET, JWKS: keySet(), JWT_AUDIENCE: "realtime" };
  const { server } = await startOwnServer({ vars });
  const comes = (text: string) => received(server.room().connect({ token: text }));

  for (const [kid, [alg, { privateKey }]] of Object.entries(USABLE)) {
    test(`P9.2 the key ${kid} verifies a token of ${alg}`, async () => {
      const connected = await comes(signedBy(alg, privateKey, FOR_US, kid));
      assert.equal(connected.activeUsers, 1, `closed with ${connected}`);
    });
  }

  for (const [kid, [alg, { privateKey }]] of Object.entries(PASSED_OVER)) {
    test(`P9.2 the key ${kid} is ignored`, async () => {
      assert.equal(await comes(signedBy(alg, privateKey, FOR_US, kid)), 4100);
    });
  }

  test("P9.2 the secret is accepted as well", async () => {
    assert.equal((await comes(token(FOR_US))).activeUsers, 1);
  });
});
