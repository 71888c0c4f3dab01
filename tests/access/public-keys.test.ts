/** Tokens that are signed with keys at a URL: docs/protocol.md, P9.2. */

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, test } from "node:test";
import { healthOf, problemsOf } from "../support/health.ts";
import { received } from "../support/received.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";
import { signedBy, token } from "../support/token.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };
/** Public keys count only with an audience or an issuer. */
const BY_KEYS = { CONNECT_AUTH: undefined, JWT_AUDIENCE: "realtime" };

const comes = (room: Room, query: Record<string, string>) => received(room.connect(query));

/** A server of public keys, and what signs for them. */
async function identityProvider() {
  const keys = {
    RS256: generateKeyPairSync("rsa", { modulusLength: 2_048 }),
    ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
    EdDSA: generateKeyPairSync("ed25519"),
  };
  const jwks = Object.entries(keys).map(([kid, { publicKey }]) => ({
    ...publicKey.export({ format: "jwk" }),
    kid,
  }));
  const http = createServer((_, response) => response.end(JSON.stringify({ keys: jwks })));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  after(() => http.close());
  const { port } = http.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/jwks`, keys };
}

describe("with public keys at a URL", OWN, async () => {
  const { url, keys } = await identityProvider();
  const rules = { JWT_ISSUER: "https://id.test", JWT_AUDIENCE: "realtime" };
  const { server } = await startOwnServer({
    vars: { CONNECT_AUTH: undefined, JWKS_URL: url, ...rules },
  });
  const claims = { iss: "https://id.test", aud: ["realtime", "api"] };

  for (const [alg, { privateKey, publicKey }] of Object.entries(keys)) {
    test(`P9.2 a token signed with ${alg} is valid`, async () => {
      const connected = await comes(server.room(), { token: signedBy(alg, privateKey, claims) });
      assert.equal(connected.users[0].verified, true);
    });

    test(`P9.2 the public key for ${alg} is no secret`, async () => {
      const secret = publicKey.export({ format: "pem", type: "spki" }).toString();
      assert.equal(await comes(server.room(), { token: token(claims, { secret }) }), 4100);
    });
  }

  test("P9.3 another issuer and another audience are refused", async () => {
    const { privateKey } = keys.ES256;
    for (const wrong of [{ iss: "https://other.test" }, { aud: "api" }, { aud: undefined }]) {
      const text = signedBy("ES256", privateKey, { ...claims, ...wrong });
      assert.equal(await comes(server.room(), { token: text }), 4100);
    }
  });
});

for (const [name, keys] of [
  ["JWKS_URL", undefined],
  ["JWKS", [{ kty: "EC", crv: "P-256", x: "AAAA", y: "AAAA" }]],
] as const)
  test(`P1.8 a ${name} without a key that can be used is named by /health`, OWN, async () => {
    const http = createServer((_, response) => response.end('{"keys":[null]}'));
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    after(() => http.close());
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
    const { server } = await startOwnServer({
      vars: { ...BY_KEYS, [name]: keys ? { keys } : url },
    });
    assert.deepEqual(await problemsOf(server), [503, [name]]);
  });

test("P1.8 with keys that can be fetched /health is ok", OWN, async () => {
  const { url } = await identityProvider();
  const { server } = await startOwnServer({ vars: { ...BY_KEYS, JWKS_URL: url } });
  const health = await fetch(`${server.url}/health`);
  assert.deepEqual(
    [health.status, await health.json()],
    [200, { status: "ok", version: "0.1.0", problems: [] }],
  );
});

test("P9.2 while the keys can't be fetched a client is told to come back later", OWN, async () => {
  const JWKS_URL = "http://127.0.0.1:9/jwks";
  const FOR_US = { aud: "realtime" };
  const { server } = await startOwnServer({ vars: { ...BY_KEYS, JWKS_URL } });
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  assert.equal(await comes(server.room(), { token: signedBy("ES256", privateKey, FOR_US) }), 4200);
  const { status, problems } = await healthOf(server);
  const named = { setting: "JWKS_URL", problem: "did not return a key set" };
  assert.deepEqual([status, problems], [503, [named]]);
});
