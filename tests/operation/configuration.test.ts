/** Settings, missing, wrong and right: docs/protocol.md, clauses P1.8, P2.7, P2.8 and P4.9. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { COMPATIBILITY_DATE, COMPATIBILITY_FLAGS } from "../../scripts/serve/workerd-config.ts";
import { assertRefused } from "../support/expect.ts";
import { healthOf, problemsOf } from "../support/health.ts";
import { AUTHORIZED, raw } from "../support/raw.ts";
import { NEEDS_OWN_RUNTIME, SECRET, type Server, startOwnServer } from "../support/target.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };
const EVENT = '{"eventType":"E"}';

/** Each setting with a value that can't be used, and which text of it must not show. */
const WRONG = {
  MAX_PAYLOAD_BYTES: "31337000000",
  MAX_CLIENT_FRAME_BYTES: "31.337",
  PRESENCE_GRACE_SECONDS: "-31337",
  PRESENCE_EVENTS_MAX: "31337 users",
  STALE_SOCKET_SECONDS: "0x31337",
  LOG_LEVEL: "loud-31337",
  CONSOLE: "open-31337",
  BROADCAST_SECRET: "with space 31337",
  BROADCAST_SECRET_PREVIOUS: "käse31337",
};

/** Every request that a room takes, and one for its socket. */
function roomRequests(server: Server) {
  const path = server.room().path;
  return {
    broadcast: () => raw(server, path, { method: "POST", headers: AUTHORIZED, body: EVENT }),
    state: () => raw(server, path, { headers: AUTHORIZED }),
  };
}

test("P1.8 /health names every wrong setting and no value", OWN, async () => {
  const { server, runtime } = await startOwnServer({ vars: WRONG });
  const { status, said, problems, text } = await healthOf(server);
  assert.deepEqual([status, said], [503, "misconfigured"]);
  assert.deepEqual(problems.map(({ setting }) => setting).sort(), Object.keys(WRONG).sort());
  for (const { problem } of problems) assert.match(problem, /\w/);
  for (const shown of [text, ...runtime.log]) assert.doesNotMatch(shown, /31337|31\.337/);
});

for (const [name, value] of [
  ["JWT_AUDIENCE", { a: 1 }],
  ["JWT_AUDIENCE", []],
  ["ALLOWED_ORIGINS", { a: 1 }],
  ["ALLOWED_ORIGINS", null],
  ["MAX_PAYLOAD_BYTES", [1024]],
  ["BROADCAST_SECRET", true],
  ["JWKS", "https://id.test/keys"],
  ["JWKS", { keys: null }],
  ["JWKS", { keys: [null, { kty: "RSA", n: "AQAB", e: "AQAB" }] }],
  ["JWKS", { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }],
  ["CONNECTS", "600"],
] as const)
  test(`P1.8 ${name} as ${JSON.stringify(value)} is wrong, and never "not set"`, OWN, async () => {
    const vars = { JWT_ISSUER: "https://id.test", [name]: value };
    const { server } = await startOwnServer({ vars });
    assert.deepEqual(await problemsOf(server), [503, [name]]);
    const { broadcast, state } = roomRequests(server);
    for (const request of [broadcast, state])
      await assertRefused(await request(), 503, "misconfigured");
    assert.equal((await (await server.room().join()).close()).code, 4202);
  });

test(
  "P1.8 numbers and booleans of wrangler.toml count as what they are written as",
  OWN,
  async () => {
    const vars = { MAX_PAYLOAD_BYTES: 1024, CONSOLE: true, ALLOWED_ORIGINS: ["https://app.test"] };
    const { server } = await startOwnServer({ vars });
    assert.equal((await healthOf(server)).status, 200);
    const body = EVENT.padEnd(1_025);
    const answer = await raw(server, "/party/p1", { method: "POST", headers: AUTHORIZED, body });
    assert.deepEqual([answer.status, answer.headers.vary], [413, "Origin"]);
  },
);

test("P1.8 a misspelt name is reported with the setting that was probably meant", OWN, async () => {
  const { server } = await startOwnServer({ vars: { ALLOWED_ORIGIN: "https://app.test" } });
  const { status, problems } = await healthOf(server);
  assert.deepEqual([status, problems.length, problems[0]?.setting], [503, 1, "ALLOWED_ORIGINS"]);
  assert.match(problems[0]?.problem ?? "", /is probably what ALLOWED_ORIGIN is meant to be/);
});

test("P1.8 the consequences of a wrong value are not reported as problems", OWN, async () => {
  const vars = { CONNECT_AUTH: "opne", ALLOWED_ORIGINS: undefined, JWT_SECRET: "x".repeat(32) };
  const { server } = await startOwnServer({ vars });
  const { problems } = await healthOf(server);
  assert.deepEqual(
    problems.map(({ setting }) => setting),
    ["CONNECT_AUTH"],
  );
});

test("P1.7 an unexpected failure at the edge is not a bare 500", OWN, async () => {
  // The binding for the console's files is something that can't serve any.
  const { server } = await startOwnServer({ vars: { CONSOLE: "on", ASSETS: "no files" } });
  await assertRefused(await raw(server, "/"), 503, "room_unavailable");
  const { problems } = await healthOf(server);
  assert.deepEqual(
    problems.map(({ setting }) => setting),
    ["ASSETS"],
  );
});

test("P1.8 while a value is wrong, every room request is misconfigured", OWN, async () => {
  const { server } = await startOwnServer({ vars: { STALE_SOCKET_SECONDS: "4" } });
  const { broadcast, state } = roomRequests(server);
  for (const request of [broadcast, state])
    await assertRefused(await request(), 503, "misconfigured");
  const setting = '"retryAfterMs":30000,"setting":"STALE_SOCKET_SECONDS"';
  assert.deepEqual(await (await server.room().join()).close(), {
    code: 4202,
    reason: `{"code":"misconfigured",${setting}}`,
  });
});

test("P1.8 even a request without a secret is told misconfigured", OWN, async () => {
  const { server } = await startOwnServer({ vars: { LOG_LEVEL: "INFO" } });
  await assertRefused(await raw(server, "/party/p1"), 503, "misconfigured");
});

test(
  "P1.8 a misconfigured server still tells a wrong URL and answers preflights",
  OWN,
  async () => {
    const { server } = await startOwnServer({ vars: { LOG_LEVEL: "INFO" } });
    await assertRefused(await raw(server, "/nowhere"), 404, "not_found");
    assert.equal((await raw(server, "/party/p1", { method: "OPTIONS" })).status, 204);
  },
);

for (const secret of [undefined, ""]) {
  const name = secret === undefined ? "no secret" : "an empty secret";

  test(
    `P1.8 with ${name} /health says so, and broadcasts and states are not_configured`,
    OWN,
    async () => {
      const { server } = await startOwnServer({ vars: { BROADCAST_SECRET: secret } });
      const { status, said, problems } = await healthOf(server);
      assert.deepEqual([status, said], [503, "misconfigured"]);
      assert.deepEqual(
        problems.map(({ setting }) => setting),
        ["BROADCAST_SECRET"],
      );
      const { broadcast, state } = roomRequests(server);
      for (const request of [broadcast, state])
        await assertRefused(await request(), 503, "not_configured");
    },
  );
}

test("P1.8 while no secret is set, clients may connect", OWN, async () => {
  const { server } = await startOwnServer({ vars: { BROADCAST_SECRET: undefined } });
  await server.room().user("ann");
});

test("P2.8 if no secret is set, no secret is accepted", OWN, async () => {
  const { server } = await startOwnServer({ vars: { BROADCAST_SECRET: "" } });
  for (const authorization of ["Bearer ", "Bearer undefined", "Bearer null", 'Bearer ""']) {
    const headers = { Authorization: authorization };
    const answer = await raw(server, "/party/p1", { method: "POST", headers, body: EVENT });
    await assertRefused(answer, 503, "not_configured");
  }
});

test("P2.8 without BROADCAST_SECRET, the previous one alone is not accepted", OWN, async () => {
  const vars = { BROADCAST_SECRET: undefined, BROADCAST_SECRET_PREVIOUS: SECRET };
  const { server } = await startOwnServer({ vars });
  await assertRefused(await roomRequests(server).broadcast(), 503, "not_configured");
});

test("P2.8 while secrets are rotated, both are accepted and no third one is", OWN, async () => {
  const vars = { BROADCAST_SECRET: "the-new-one", BROADCAST_SECRET_PREVIOUS: "the-old-one" };
  const { server } = await startOwnServer({ vars });
  const withSecret = async (secret: string) => {
    const headers = { Authorization: `Bearer ${secret}` };
    const { status } = await raw(server, "/party/p1", { method: "POST", headers, body: EVENT });
    return status;
  };
  assert.equal(await withSecret("the-new-one"), 200);
  assert.equal(await withSecret("the-old-one"), 200);
  assert.equal(await withSecret("the-other-one"), 401);
});

test("P2.8 after the rotation the old secret is 401", OWN, async () => {
  const { server } = await startOwnServer({ vars: { BROADCAST_SECRET: "the-new-one" } });
  await assertRefused(await roomRequests(server).broadcast(), 401, "unauthorized");
});

test("P2.7 MAX_PAYLOAD_BYTES limits a body, with a length and in chunks", OWN, async () => {
  const { server } = await startOwnServer({ vars: { MAX_PAYLOAD_BYTES: "1024" } });
  const body = EVENT.padEnd(1_024);
  for (const sent of [body, [body]]) {
    const request = { method: "POST", headers: AUTHORIZED, body: sent };
    assert.equal((await raw(server, "/party/p1", request)).status, 200);
  }
  for (const sent of [`${body} `, [body, " "]]) {
    const request = { method: "POST", headers: AUTHORIZED, body: sent };
    await assertRefused(await raw(server, "/party/p1", request), 413, "payload_too_large");
  }
});

test("P2.7 MAX_PAYLOAD_BYTES can be 1 MiB, and such a payload arrives whole", OWN, async () => {
  const { server } = await startOwnServer({ vars: { MAX_PAYLOAD_BYTES: "1048576" } });
  const room = server.room();
  const ann = await room.user("ann");
  const payload = "x".repeat(1_048_576 - JSON.stringify({ eventType: "E", payload: "" }).length);
  await room.broadcast("E", { payload });
  assert.ok((await ann.next("E")).payload === payload);
});

test(
  "P4.9 MAX_CLIENT_FRAME_BYTES bounds a client's frame, which CONNECTED tells",
  OWN,
  async () => {
    const { server } = await startOwnServer({ vars: { MAX_CLIENT_FRAME_BYTES: "256" } });
    const ann = await server.room().join();
    const { payload } = await ann.next("CONNECTED");
    assert.equal(payload.limits.clientFrameBytes, 256);
    ann.send("x".repeat(256));
    await ann.next("ERROR");
    ann.send("x".repeat(257));
    assert.equal((await ann.close()).code, 4009);
  },
);

test("P1.8 an empty value counts as absent", OWN, async () => {
  const vars = { MAX_PAYLOAD_BYTES: "", LOG_LEVEL: "", BROADCAST_SECRET_PREVIOUS: "" };
  const { server } = await startOwnServer({ vars });
  assert.equal((await healthOf(server)).status, 200);
});

test("the tests run with the compatibility date and flags of wrangler.toml", async () => {
  const toml = await readFile(new URL("../../wrangler.toml", import.meta.url), "utf8");
  const values = (name: string) => {
    const [, value = ""] = new RegExp(`^${name} = (\\[[^\\]]*\\]|.*)`, "m").exec(toml) ?? [];
    return Array.from(value.matchAll(/"([^"]*)"/g), ([, text]) => text);
  };
  assert.deepEqual(values("compatibility_date"), [COMPATIBILITY_DATE]);
  assert.deepEqual(values("compatibility_flags"), COMPATIBILITY_FLAGS);
});

test("P1.10 without the files of the console there is no console", OWN, async () => {
  const { server } = await startOwnServer({ vars: { CONSOLE: "on" } });
  for (const path of ["/", "/console/app.js"])
    await assertRefused(await raw(server, path), 404, "not_found");
});
