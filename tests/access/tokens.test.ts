/** Who may connect, by token: docs/protocol.md, P9. */

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, test } from "node:test";
import { assertRefused, settle } from "../support/expect.ts";
import { healthOf, problemsOf } from "../support/health.ts";
import { idle } from "../support/hibernation.ts";
import { received } from "../support/received.ts";
import { returnTo } from "../support/recovery.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";
import { inSeconds, JWT_SECRET, signedBy, token } from "../support/token.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };
const JWT = { CONNECT_AUTH: undefined, JWT_SECRET };
/** Public keys count only with an audience or an issuer. */
const BY_KEYS = { CONNECT_AUTH: undefined, JWT_AUDIENCE: "realtime" };
const { server } = await startOwnServer({ vars: JWT });

const comes = (room: Room, query: Record<string, string>) => received(room.connect(query));

describe("with tokens", OWN, () => {
  test("P9.1 a client with a valid token is let in as the token's user", async () => {
    const room = server.room();
    const avatar = "https://a.example/ann.png";
    const { users } = await comes(room, { token: token({ name: "Ann", avatar }) });
    const [{ joinedAt, ...ann }] = users;
    assert.ok(joinedAt > 0);
    assert.deepEqual(ann, { userId: "ann", userName: "Ann", avatar, verified: true });
  });

  test("P9.1 so is one with the token as a subprotocol, and the token is not in the answer", async () => {
    const protocols = ["validiant", `bearer.${token()}`];
    const client = await server.room().join({}, { protocols });
    assert.equal((await received(client)).users[0].userId, "ann");
    assert.equal(client.socket.protocol, "validiant");
  });

  test("P4.6 whatever has the form of a token is not echoed, and lets nobody in", async () => {
    const bare = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MSJ9.c2ln";
    for (const secret of [bare, bare.replaceAll(".", "%2E"), `token.${bare}`]) {
      const client = server.room().connect({}, { protocols: [secret, "v1"] });
      assert.equal(await received(client), 4100);
      assert.equal(client.socket.protocol, "v1");
    }
  });

  test("P9.1 without a token nobody is let in", async () => {
    for (const query of [{}, { token: "" }, { userId: "ann" }])
      assert.equal(await comes(server.room(), query), 4100);
  });

  for (const [reason, name, text] of [
    ["missing", "that did not come", ""],
    ["malformed", "that is none", "x.y.z"],
    ["signature", "of another secret", token({}, { secret: `${JWT_SECRET}!` })],
    [
      "signature",
      "that is altered",
      token().replace(
        /\.[^.]+\./,
        `.${Buffer.from('{"sub":"eve","projects":"*","exp":9999999999}').toString("base64url")}.`,
      ),
    ],
    ["signature", "without a signature", token().replace(/[^.]+$/, "")],
    ["alg", "signed with none", token({}, { header: { alg: "none" } }).replace(/[^.]+$/, "")],
    ["alg", "of none with a signature", token({}, { header: { alg: "none" } })],
    ["alg", "of another algorithm", token({}, { header: { alg: "HS512" } })],
    ["malformed", "without an algorithm", token({}, { header: {} })],
    [
      "signature",
      "that says RS256 and is signed by the secret",
      token({}, { header: { alg: "RS256" } }),
    ],
    ["crit", "with something critical", token({}, { header: { alg: "HS256", crit: ["exp"] } })],
    [
      "signature",
      "with a key of its own",
      token({}, { header: { alg: "ES256", jwk: { kty: "EC" } } }),
    ],
    ["exp", "without an end", token({ exp: undefined })],
    ["nbf", "that is not valid yet", token({ nbf: inSeconds(90) })],
    ["iat", "that was issued in the future", token({ iat: inSeconds(90) })],
    ["sub", "of nobody", token({ sub: undefined })],
    ["malformed", "whose end is a text", token({ exp: "soon" })],
    ["malformed", "of over 8 KB", token({ more: "x".repeat(8_200) })],
  ] as const) {
    test(`P9.2 a token ${name} is not valid: ${reason}`, async () => {
      const { code, reason: told } = await server.room().connect({ token: text }).close();
      assert.deepEqual([code, JSON.parse(told)], [4100, { code: "token_invalid", reason }]);
    });
  }

  test("P9.3 white space around a token is ignored", async () => {
    for (const text of [`${token()}\n`, ` ${token()}\r\n`])
      assert.equal((await comes(server.room(), { token: text })).activeUsers, 1);
  });

  test("P6.2 a client without the right is told which claim is missing it", async () => {
    const room = server.room();
    for (const [reason, query] of [
      ["user", { token: token(), userId: "ben" }],
      ["projects", { token: token({ projects: ["another"] }) }],
      ["projects", { token: token({ projects: [{ id: room.id }] }) }],
      ["permissions", { token: token({ permissions: ["publish"] }) }],
    ] as const) {
      const { code, reason: told } = await room.connect(query).close();
      assert.deepEqual([code, JSON.parse(told)], [4001, { code: "not_allowed", reason }]);
    }
  });

  test("P9.3 an expired token has its own close code", async () => {
    assert.equal(await comes(server.room(), { token: token({ exp: inSeconds(-31) }) }), 4101);
  });

  test("P9.4 a client whose userId is not the token's user is not let in", async () => {
    const room = server.room();
    assert.equal(await comes(room, { token: token(), userId: "ben" }), 4001);
    assert.equal((await comes(room, { token: token(), userId: "ann" })).activeUsers, 1);
  });

  test("P9.4 a token is valid for the projects in it", async () => {
    const [mine, other] = [server.room(), server.room()];
    const text = token({ projects: [mine.id] });
    assert.equal((await comes(mine, { token: text })).projectId, mine.id);
    assert.equal(await comes(other, { token: text }), 4001);
    assert.equal(await comes(mine, { token: token({ projects: undefined }) }), 4001);
  });

  test("P9.4 without subscribe a client can't listen, without presence it is not seen", async () => {
    const room = server.room();
    assert.equal(await comes(room, { token: token({ permissions: ["presence"] }) }), 4001);
    const listens = await comes(room, { token: token({ permissions: ["subscribe"] }) });
    assert.deepEqual([listens.connections, listens.activeUsers], [1, 0]);
  });

  test("P9.4 a name in the query is ignored", async () => {
    const { users } = await comes(server.room(), { token: token(), userName: "Somebody" });
    assert.equal(users[0].userName, null);
  });

  test("P7.4 a client that returns with a fresh token misses nothing", async () => {
    const room = server.room();
    const { epoch } = await room.state();
    await room.broadcast("E");
    const client = await room.join({ token: token(), since: `${epoch}:0` });
    assert.equal((await client.next("CONNECTED")).payload.recovered, true);
    assert.equal((await client.next("E")).seq, 1);
  });
});

describe("publishing with a token", OWN, () => {
  const post = (room: Room, text: string, body: unknown = { eventType: "E" }) =>
    room.post(body, { Authorization: `Bearer ${text}` });
  const publisher = (projects: unknown) =>
    token({ sub: undefined, projects, permissions: ["publish"] });

  test("P9.6 a token with publish can broadcast to its project, and to no other", async () => {
    const [mine, other] = [server.room(), server.room()];
    const response = await post(mine, publisher([mine.id]));
    assert.equal(((await response.json()) as { seq: number }).seq, 1);
    const answer = await post(other, publisher([mine.id]));
    await assertRefused(answer, 403, "forbidden", { reason: "projects" });
  });

  test("P9.6 a token for listening can't", async () => {
    const answer = await post(server.room(), token());
    await assertRefused(answer, 403, "forbidden", { reason: "permissions" });
  });

  test("P9.6 a token that is not valid is no better than a wrong secret", async () => {
    const room = server.room();
    const may = { projects: "*", permissions: ["publish"] };
    for (const [reason, text] of [
      ["signature", token(may, { secret: `${JWT_SECRET}!` })],
      ["exp", token({ ...may, exp: undefined })],
      ["expired", token({ ...may, exp: inSeconds(-60) })],
      ["malformed", "e30.e30.c2ln"],
      [undefined, "x.y.z"],
      [undefined, "a-wrong-secret"],
    ] as const) {
      const more = reason && { reason };
      await assertRefused(await post(room, text), 401, "unauthorized", more);
    }
  });

  test("P9.6 its body is limited, and its key counts", async () => {
    const room = server.room();
    const body = { eventType: "E", payload: "x".repeat(40_000) };
    await assertRefused(await post(room, publisher("*"), body), 413, "payload_too_large");
    const repeat = () => post(room, publisher("*"), { eventType: "E", id: "k" });
    await repeat();
    assert.equal(((await (await repeat()).json()) as { duplicate: boolean }).duplicate, true);
  });

  test("P9.6 it allows nothing else", async () => {
    const room = server.room();
    const headers = { Authorization: `Bearer ${publisher("*")}` };
    const many = { method: "POST", body: '{"eventType":"E","projectIds":["p"]}', headers };
    for (const [url, init] of [
      [room.url, { headers }],
      [`${room.url}/users/ann`, { method: "DELETE", headers }],
      [`${server.url}/parties/main`, many],
    ] as const)
      await assertRefused(await fetch(url, init), 401, "unauthorized");
  });
});

describe("the life of a token", { ...OWN, concurrency: true }, async () => {
  const { server } = await startOwnServer({ vars: { ...JWT, TOKEN_GRACE_SECONDS: "1" } });
  const soon = () => token({ exp: inSeconds(2) });

  test("P9.5 a socket is closed when its token expires", async () => {
    const client = await server.room().join({ token: soon() });
    const { code, reason } = await client.close();
    assert.deepEqual([code, reason], [4101, '{"code":"token_expired"}']);
  });

  test("P9.5 so is one in a room that sleeps, which wakes only then", async () => {
    const room = server.room();
    const client = await room.join({ token: token({ exp: inSeconds(13) }) });
    await idle();
    assert.equal((await client.close(30_000)).code, 4101);
  });

  test("P9.5 a client that refreshes its token continues without a gap", async () => {
    const room = server.room();
    const client = await room.join({ token: soon() });
    await client.next("CONNECTED");
    const exp = inSeconds(60);
    client.send({ type: "AUTH", token: token({ exp }) });
    assert.deepEqual((await client.next("AUTH_OK")).payload, { expiresAt: exp * 1_000 });
    const short = await server.room().join({ token: soon() });
    await short.close();
    await settle(room, client);
  });

  for (const [name, text, code, reason] of [
    ["of another secret", token({}, { secret: `${JWT_SECRET}!` }), "token_invalid", "signature"],
    ["that is none", "x", "token_invalid", "malformed"],
    ["that is over", token({ exp: inSeconds(-60) }), "token_invalid", "expired"],
    ["of another user", token({ sub: "ben" }), "not_allowed", "user"],
    ["for another project", token({ projects: ["another"] }), "not_allowed", "projects"],
  ] as const) {
    test(`P9.5 a fresh token ${name} is refused, and the socket stays`, async () => {
      const room = server.room();
      const client = await room.join({ token: token() });
      client.send({ type: "AUTH", token: text });
      const { payload } = await client.next("ERROR");
      assert.deepEqual([payload.code, payload.reason], [code, reason]);
      await settle(room, client);
    });
  }

  test("P5.7 a fresh token with another name changes it for clients that connect later", async () => {
    const room = server.room();
    const client = await room.join({ token: token({ name: "Ann" }) });
    const other = await room.join({ token: token({ name: "Ann" }) });
    client.send({ type: "AUTH", token: token({ name: "Anna" }) });
    await client.next("AUTH_OK");
    await client.leave();
    const ben = await room.join({ token: token({ sub: "ben" }) });
    const { users } = (await ben.next("CONNECTED")).payload;
    const ann = users.find(({ userId }: { userId: string }) => userId === "ann");
    assert.equal(ann.userName, "Anna");
    await other.leave();
    assert.equal((await ben.next("USER_LEFT")).payload.userName, "Anna");
  });
});

test(
  "P4.9 a fresh token fits whatever MAX_CLIENT_FRAME_BYTES says, and nothing else does",
  OWN,
  async () => {
    const { server } = await startOwnServer({ vars: { ...JWT, MAX_CLIENT_FRAME_BYTES: "1024" } });
    const client = await server.room().join({ token: token() });
    assert.equal((await client.next("CONNECTED")).payload.limits.clientFrameBytes, 1_024);
    for (const bytes of [1_200, 5_900]) {
      const fresh = token({ more: "x".repeat(bytes) });
      assert.ok(fresh.length > bytes && fresh.length <= 8_192);
      client.send({ type: "AUTH", token: fresh });
      await client.next("AUTH_OK");
    }
    client.send({ type: "PING", token: token({ more: "x".repeat(1_200) }) });
    assert.equal((await client.close()).code, 4009);
  },
);

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

describe("with lists of audiences, issuers and origins", OWN, async () => {
  const page = "https://app.test";
  const { server } = await startOwnServer({
    vars: {
      ...JWT,
      JWT_AUDIENCE: ["realtime", "api"],
      JWT_ISSUER: ["https://id.test", "https://old.test"],
      ALLOWED_ORIGINS: [page],
    },
  });
  const comesFrom = (origin: string, claims: Record<string, unknown>) =>
    received(server.room().connect({ token: token(claims) }, { origin }));
  const claims = { aud: "api", iss: "https://old.test" };

  test("P9.3 a token for one of them from a page of the list is let in", async () => {
    assert.equal((await comesFrom(page, claims)).activeUsers, 1);
  });

  test("P9.3 a token for another audience or by another issuer is kept out", async () => {
    for (const wrong of [{ aud: "another" }, { aud: "realtime,api" }, { iss: "https://x.test" }])
      assert.equal(await comesFrom(page, { ...claims, ...wrong }), 4100);
  });

  test("P10.6 a foreign page is kept out", async () => {
    for (const wrong of [{}, { aud: "another" }])
      assert.equal(await comesFrom("https://evil.test", { ...claims, ...wrong }), 4001);
  });
});

for (const [name, value] of [
  ["JWKS_URL", "https://id.test/keys"],
  [
    "JWKS",
    { keys: [{ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] },
  ],
] as const)
  for (const CONNECT_AUTH of [undefined, "open"])
    test(
      `P9.2 with ${name}, CONNECT_AUTH ${CONNECT_AUTH} and neither JWT_AUDIENCE nor JWT_ISSUER nobody is let in`,
      OWN,
      async () => {
        const vars = { ...JWT, CONNECT_AUTH, [name]: value };
        const { server } = await startOwnServer({ vars });
        const setting = "JWT_AUDIENCE";
        const { code, reason } = await server.room().connect({ token: token() }).close();
        assert.deepEqual([code, JSON.parse(reason)], [4001, { code: "not_allowed", setting }]);
        assert.deepEqual(await problemsOf(server), [503, [setting]]);
      },
    );

test("P9.2 while keys are rotated both secrets are accepted", OWN, async () => {
  const vars = { ...JWT, JWT_SECRET_PREVIOUS: `${JWT_SECRET}, the one before` };
  const { server } = await startOwnServer({ vars });
  for (const secret of [JWT_SECRET, vars.JWT_SECRET_PREVIOUS])
    assert.equal((await comes(server.room(), { token: token({}, { secret }) })).activeUsers, 1);
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

for (const [CONNECT_AUTH, setting] of [
  [undefined, "CONNECT_AUTH"],
  ["jwt", "JWT_SECRET"],
] as const) {
  test(
    `P9.1 CONNECT_AUTH ${CONNECT_AUTH} and no key: nobody is let in, and all are told why`,
    OWN,
    async () => {
      const { server } = await startOwnServer({ vars: { CONNECT_AUTH } });
      const client = server.room().connect({ userId: "ann", token: token() });
      const { code, reason } = await client.close();
      assert.deepEqual([code, JSON.parse(reason)], [4001, { code: "not_allowed", setting }]);
      assert.deepEqual(await problemsOf(server), [503, [setting]]);
    },
  );
}

test("P9.1 if everybody may connect, nobody is verified", OWN, async () => {
  const { server } = await startOwnServer();
  const room = server.room();
  const { client, connected } = await returnTo(room, "ann", "");
  assert.equal(connected.recovered, false);
  assert.equal((await room.state()).users[0]?.verified, false);
  client.send({ type: "AUTH", token: token() });
  assert.equal((await client.next("ERROR")).payload.code, "client_events_disabled");
});
