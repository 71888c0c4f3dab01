/** Whose signature counts: docs/protocol.md, P9.2. With the vectors of the RFCs, and the known attacks. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyRing } from "../../src/signature.js";

type Algorithm = "HS256" | "RS256" | "ES256" | "EdDSA";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "base64url"));
const FRESH_MS = 600_000;
const BETWEEN_MS = 30_000;
const NONE = { secrets: [], jwks: undefined, jwksUrl: undefined };

/** RFC 7515, A.3: the key, and a token that it has signed. */
const ES256 = {
  key: {
    kty: "EC",
    crv: "P-256",
    x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
  },
  signed:
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
  signature:
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
};

/** RFC 7515, A.2. */
const RS256 = {
  key: {
    kty: "RSA",
    n: "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    e: "AQAB",
  },
  signed:
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
  signature:
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
};

/** RFC 8037, A.4. */
const EDDSA = {
  key: { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" },
  signed: "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
  signature:
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
};

/** RFC 7515, A.1. The key is no text, so its bytes are taken as Latin-1 for the test of a secret elsewhere. */
const SECRET = "a secret of at least 32 bytes, for the tests";

async function hmac(secret: string, signed: string): Promise<Uint8Array<ArrayBuffer>> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const text = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", text.encode(secret), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, text.encode(signed)));
}

const jwks = (...keys: object[]) => JSON.stringify({ keys });

for (const [algorithm, { key, signed, signature }] of [
  ["ES256", ES256],
  ["RS256", RS256],
  ["EdDSA", EDDSA],
] as const) {
  const ring = new KeyRing({ ...NONE, jwks: jwks(key) });

  test(`P9.2 the signature of the RFC's ${algorithm} example is valid`, async () => {
    assert.equal(await ring.verify(algorithm, undefined, signed, bytes(signature)), "valid");
  });

  test(`P9.2 an altered ${algorithm} token is not`, async () => {
    assert.equal(
      await ring.verify(algorithm, undefined, `${signed}x`, bytes(signature)),
      "invalid",
    );
    for (const wrong of ["", signature.slice(4), `AAAA${signature.slice(4)}`, `${signature}AAAA`])
      assert.equal(await ring.verify(algorithm, undefined, signed, bytes(wrong)), "invalid");
  });

  test(`P9.2 a key for ${algorithm} is no secret and for no other algorithm`, async () => {
    const forged = await hmac(JSON.stringify(key), signed);
    assert.equal(await ring.verify("HS256", undefined, signed, forged), "invalid");
    for (const other of ["HS256", "ES256", "RS256", "EdDSA"] as Algorithm[])
      if (other !== algorithm)
        assert.equal(await ring.verify(other, undefined, signed, bytes(signature)), "invalid");
  });
}

test("P9.2 a token signed with either secret is valid, and no other", async () => {
  const ring = new KeyRing({ ...NONE, secrets: [SECRET, `${SECRET}, the one before`] });
  const verdict = async (secret: string) =>
    ring.verify("HS256", undefined, "a.b", await hmac(secret, "a.b"));
  assert.equal(await verdict(SECRET), "valid");
  assert.equal(await verdict(`${SECRET}, the one before`), "valid");
  assert.equal(await verdict(`${SECRET}!`), "invalid");
});

test("P9.2 a key with an id is only for tokens with this id, or without one", async () => {
  const ring = new KeyRing({ ...NONE, jwks: jwks({ ...ES256.key, kid: "one" }) });
  const verdict = (id?: string) => ring.verify("ES256", id, ES256.signed, bytes(ES256.signature));
  assert.deepEqual(
    [await verdict("one"), await verdict(), await verdict("two")],
    ["valid", "valid", "invalid"],
  );
});

test("P9.2 keys for other purposes are ignored", async () => {
  for (const odd of [
    { ...ES256.key, use: "enc" },
    { ...ES256.key, alg: "ES384" },
    { ...ES256.key, d: "secret" },
    { ...ES256.key, x: "AAAA" },
    { kty: "oct", k: "c2VjcmV0" },
    { ...RS256.key, n: RS256.key.n.slice(0, 170) },
  ]) {
    const ring = new KeyRing({ ...NONE, jwks: jwks(odd, EDDSA.key) });
    assert.equal(
      await ring.verify("ES256", undefined, ES256.signed, bytes(ES256.signature)),
      "invalid",
    );
    assert.equal(
      await ring.verify("EdDSA", undefined, EDDSA.signed, bytes(EDDSA.signature)),
      "valid",
    );
  }
});

test("P9.2 an entry that is not a key is ignored, wherever it is in the set", async () => {
  const odd = [null, 7, "key", true, [], [null], {}, { kty: {}, n: 5 }] as object[];
  const ring = new KeyRing({ ...NONE, jwks: jwks(...odd, ES256.key, ...odd) });
  const verdict = await ring.verify("ES256", undefined, ES256.signed, bytes(ES256.signature));
  assert.equal(verdict, "valid");
});

for (const set of ["{", "null", "[]", "7", '{"keys":null}', '{"keys":{}}', '{"keys":[null]}']) {
  test(`P9.2 the secret is accepted whatever JWKS contains: ${set}`, async () => {
    const ring = new KeyRing({ ...NONE, secrets: [SECRET], jwks: set });
    const signature = await hmac(SECRET, "a.b");
    assert.equal(await ring.verify("HS256", undefined, "a.b", signature), "valid");
    assert.equal(
      await ring.verify("ES256", undefined, ES256.signed, bytes(ES256.signature)),
      "invalid",
    );
  });
}

test("P9.2 a failure is not a verdict on a signature, and never rejects", async () => {
  const ring = new KeyRing({ ...NONE, secrets: 7 as unknown as string[] });
  assert.equal(await ring.verify("HS256", undefined, "a.b", bytes("")), "unavailable");
});

test("P9.2 Ed25519 and EdDSA are two names for the same (RFC 9864)", async () => {
  for (const alg of ["Ed25519", "EdDSA", undefined]) {
    const ring = new KeyRing({ ...NONE, jwks: jwks({ ...EDDSA.key, alg }) });
    for (const named of ["Ed25519", "EdDSA"] as const)
      assert.equal(
        await ring.verify(named, undefined, EDDSA.signed, bytes(EDDSA.signature)),
        "valid",
      );
  }
});

/** A ring whose keys are at a URL that answers what `answer` says, with its own clock. */
function remote(answer: () => Response) {
  const clock = { now: 0, fetches: 0 };
  const fetcher = async () => {
    clock.fetches += 1;
    return answer();
  };
  const ring = new KeyRing({ ...NONE, jwksUrl: "https://keys.test" }, () => clock.now, fetcher);
  const verdict = (id?: string) => ring.verify("ES256", id, ES256.signed, bytes(ES256.signature));
  return { clock, verdict };
}

const answerWith = (...keys: object[]) => new Response(jwks(...keys));

test("P9.2 keys at a URL are fetched only once while they are fresh", async () => {
  const { clock, verdict } = remote(() => answerWith({ ...ES256.key, kid: "one" }));
  for (const time of [0, 1, FRESH_MS - 1]) {
    clock.now = time;
    assert.equal(await verdict("one"), "valid");
  }
  assert.equal(clock.fetches, 1);
  clock.now = FRESH_MS;
  await verdict("one");
  assert.equal(clock.fetches, 2);
});

test("P9.2 an unknown key makes them be fetched again, but not often", async () => {
  let key: object = { ...EDDSA.key, kid: "one" };
  const { clock, verdict } = remote(() => answerWith(key));
  assert.equal(await verdict("two"), "invalid");
  key = { ...ES256.key, kid: "two" };
  for (let tries = 0; tries < 20; tries += 1) assert.equal(await verdict("two"), "invalid");
  assert.equal(clock.fetches, 1);
  clock.now = BETWEEN_MS;
  assert.equal(await verdict("two"), "valid");
  assert.equal(clock.fetches, 2);
});

test("P9.2 while the URL is down the known keys stay in use", async () => {
  let isDown = false;
  const { clock, verdict } = remote(() =>
    isDown ? new Response("", { status: 500 }) : answerWith(ES256.key),
  );
  assert.equal(await verdict(), "valid");
  isDown = true;
  clock.now = 10 * FRESH_MS;
  for (let tries = 0; tries < 5; tries += 1) assert.equal(await verdict(), "valid");
  assert.equal(clock.fetches, 2);
});

for (const [name, answer] of [
  ["a status", () => new Response("", { status: 404 })],
  ["no JSON", () => new Response("<html>")],
  ["no key set", () => new Response("{}")],
  ["too much", () => new Response("x".repeat(100_000))],
] as const) {
  test(`P9.2 while the URL answers ${name} and no keys are known, nothing is judged`, async () => {
    const { clock, verdict } = remote(answer);
    assert.equal(await verdict(), "unavailable");
    assert.equal(await verdict(), "unavailable");
    assert.equal(clock.fetches, 1);
  });
}
