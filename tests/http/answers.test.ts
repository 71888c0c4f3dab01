/** CORS, errors, health and the state of a room: docs/protocol.md, clauses P1.6 to P1.9. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { assertRefused, pageOf } from "../support/expect.ts";
import { AUTHORIZED, raw } from "../support/raw.ts";
import { startServer } from "../support/target.ts";

const server = await startServer();

const PATHS = ["/health", "/parties/main/p1", "/party/p1", "/party/p1/", "//health/"];
const GZIP = { headers: { ...AUTHORIZED, "Content-Encoding": "gzip" } };
const POST = { method: "POST", headers: AUTHORIZED };

/** One request for each kind of answer, by status and kind. */
const ANSWERS = {
  "200 health": () => raw(server, "/health"),
  "200 state": () => raw(server, pathOfARoom(), { headers: AUTHORIZED }),
  "200 broadcast": () => raw(server, pathOfARoom(), { ...POST, body: '{"eventType":"E"}' }),
  "204 preflight": () => raw(server, pathOfARoom(), { method: "OPTIONS" }),
  "400 project id": () => raw(server, "/party/%00"),
  "400 body": () => raw(server, pathOfARoom(), { ...POST, body: "[]" }),
  "401": () => raw(server, pathOfARoom()),
  "404 path": () => raw(server, "/nowhere"),
  "404 party": () => raw(server, "/parties/other/p1"),
  "405": () => raw(server, pathOfARoom(), { method: "PUT" }),
  "401 HEAD": () => raw(server, pathOfARoom(), { method: "HEAD" }),
  "413 by length": () => raw(server, pathOfARoom(), { ...POST, body: "x".repeat(32_769) }),
  "413 in chunks": () => raw(server, pathOfARoom(), { ...POST, body: ["x".repeat(32_769)] }),
  "415": () => raw(server, pathOfARoom(), { ...POST, ...GZIP, body: "x" }),
  "414": () => raw(server, `/${"x".repeat(16_384)}`),
};

function pathOfARoom(): string {
  return `/parties/main/${server.room().id}`;
}

for (const [name, request] of Object.entries(ANSWERS)) {
  test(`P1.6 a page of any origin may read the answer ${name}, with Retry-After`, async () => {
    const { status, headers } = await request();
    assert.equal(status, Number.parseInt(name, 10));
    assert.equal(headers["access-control-allow-origin"], "*");
    assert.equal(headers["access-control-expose-headers"], "Retry-After");
  });

  if (name.startsWith("204") || name.endsWith("HEAD")) continue;
  test(`P1.7 the answer ${name} is JSON`, async () => {
    const { headers, text } = await request();
    assert.match(headers["content-type"] ?? "none", /^application\/json/);
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(typeof JSON.parse(text), "object");
  });
}

for (const path of PATHS) {
  test(`P1.6 a preflight of ${path} needs no secret, is 204 and names the three headers`, async () => {
    const answer = await raw(server, path, {
      method: "OPTIONS",
      headers: {
        Origin: "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
      },
    });
    assert.equal(answer.status, 204);
    assert.equal(answer.text, "");
    const allowed = String(answer.headers["access-control-allow-headers"]).toLowerCase();
    assert.deepEqual(allowed.split(/, */).sort(), [
      "authorization",
      "content-type",
      "idempotency-key",
    ]);
    assert.match(answer.headers["access-control-allow-methods"] ?? "", /\bPOST\b/);
  });
}

/** What a preflight lets a page send that asks for this. */
async function allowedFor(asked: string): Promise<string> {
  const headers = { "Access-Control-Request-Headers": asked };
  const answer = await raw(server, pathOfARoom(), { method: "OPTIONS", headers });
  assert.equal(answer.status, 204);
  return String(answer.headers["access-control-allow-headers"]);
}

const NAMED = "Authorization, Content-Type, Idempotency-Key";

test("P1.6 a page may send the headers that its tracing adds", async () => {
  const asked = "authorization,baggage, content-type,sentry-trace,traceparent";
  assert.equal(await allowedFor(asked), `${NAMED}, baggage, sentry-trace, traceparent`);
});

test("P1.6 invalid header names are left out, and all of them if there are too many", async () => {
  assert.equal(await allowedFor("a b, ,x-ok, *é, a:b, *"), `${NAMED}, x-ok, *`);
  assert.equal(await allowedFor("x".repeat(1_025)), NAMED);
  assert.equal(await allowedFor("x".repeat(1_024)), `${NAMED}, ${"x".repeat(1_024)}`);
});

for (const [name, path] of [
  ["a broadcast", () => pathOfARoom()],
  ["a broadcast to many", () => "/parties/main"],
  ["a revocation", () => `${pathOfARoom()}/revoke`],
] as const)
  test(`P2.6 the body of ${name} that is compressed is 415, even if it is none`, async () => {
    for (const encoding of ["gzip", "br", "identity, gzip"]) {
      const headers = { ...AUTHORIZED, "Content-Encoding": encoding };
      const body = gzipSync('{"eventType":"E"}');
      const answer = await raw(server, path(), { method: "POST", headers, body: [body] });
      await assertRefused(answer, 415, "unsupported_encoding");
    }
  });

test("P2.6 a body with the encoding identity and another Content-Type is read as JSON", async () => {
  for (const headers of [
    { "Content-Encoding": "identity" },
    { "Content-Type": "text/plain" },
    { "Content-Type": "application/x-www-form-urlencoded" },
  ]) {
    const given = { ...AUTHORIZED, ...headers };
    const options = { method: "POST", headers: given, body: '{"eventType":"E"}' };
    assert.equal((await raw(server, pathOfARoom(), options)).status, 200);
    const form = { ...options, body: "eventType=E" };
    await assertRefused(await raw(server, pathOfARoom(), form), 400, "invalid_json");
  }
});

test("P2.6 without the secret nobody is told how to send a body", async () => {
  const headers = { "Content-Encoding": "gzip" };
  const answer = await raw(server, pathOfARoom(), { method: "POST", headers, body: "x" });
  await assertRefused(answer, 401, "unauthorized");
});

test("P1.7 an error has success, code, error and the address of its page, and nothing else", async () => {
  const { status, text } = await raw(server, pathOfARoom(), { ...POST, body: "{}" });
  assert.equal(status, 400);
  assert.deepEqual(JSON.parse(text), {
    success: false,
    code: "missing_event_type",
    error: "Missing eventType",
    docs: pageOf("missing_event_type"),
  });
});

test("P1.7 the page of an error exists", async () => {
  const { text } = await raw(server, pathOfARoom(), { ...POST, body: "{}" });
  const page = JSON.parse(text).docs.split("/blob/main/")[1];
  assert.match(
    await readFile(new URL(`../../${page}`, import.meta.url), "utf8"),
    /missing_event_type/,
  );
});

test("P1.7 no error reveals files, lines or secrets", async () => {
  for (const request of Object.values(ANSWERS)) {
    const { headers, text } = await request();
    const all = `${JSON.stringify(headers)} ${text}`;
    assert.doesNotMatch(all, /\.rs|\.js\b|\bat \w+ \(|panick|wasm|stack/i);
    assert.ok(!all.includes(AUTHORIZED.Authorization.slice("Bearer ".length)));
  }
});

test("P1.8 GET /health of a configured server is 200", async () => {
  const manifest = new URL("../../package.json", import.meta.url);
  const { version } = JSON.parse(await readFile(manifest, "utf8"));
  const { status, text } = await raw(server, "/health");
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(text), { status: "ok", version, problems: [] });
});

test("P1.9 the state lists who is in the room", async () => {
  const room = server.room();
  const before = Date.now();
  await room.user("ann", "Ann");
  const state = await room.state();
  const { users, awakeSince, epoch, ...rest } = state;
  const history = { seq: 0, oldestSeq: null };
  assert.deepEqual(rest, { projectId: room.id, connections: 1, activeUsers: 1, ...history });
  assert.match(epoch, /^[0-9a-f]{12}$/);
  assert.ok(Number.isInteger(awakeSince));
  const [{ joinedAt, ...ann } = { joinedAt: 0 }, ...others] = users;
  assert.deepEqual(ann, { userId: "ann", userName: "Ann", verified: false, devices: 1 });
  assert.deepEqual(others, []);
  assert.ok(Math.abs(joinedAt - before) < 60_000, `joinedAt is ${joinedAt}`);
});

test("P1.9 the state of an empty room is empty", async () => {
  const { awakeSince, ...state } = await server.room().state();
  const people = ["projectId", "connections", "activeUsers", "users"];
  assert.deepEqual(Object.keys(state), [...people, "epoch", "seq", "oldestSeq"]);
  assert.deepEqual([state.connections, state.activeUsers, state.users], [0, 0, []]);
  assert.ok(awakeSince > 0);
});

test("P1.9 a user without a name has userName null", async () => {
  const room = server.room();
  await room.user("ann");
  assert.equal((await room.state()).users[0]?.userName, null);
});

test("P1.9 an anonymous socket counts as a connection and as no user", async () => {
  const room = server.room();
  await (await room.join()).next("CONNECTED");
  const { connections, activeUsers, users } = await room.state();
  assert.deepEqual([connections, activeUsers, users], [1, 0, []]);
});

test("P1.9 devices counts the distinct connections of a user", async () => {
  const room = server.room();
  await room.user("ben");
  for (const _pk of ["laptop", "phone", "phone"])
    await (await room.join({ userId: "ann", _pk })).next("CONNECTED");
  const { connections, users } = await room.state();
  assert.equal(connections, 4);
  const devices = users.map(({ userId, devices }): [string, number] => [userId, devices]);
  assert.deepEqual(Object.fromEntries(devices), { ann: 2, ben: 1 });
});
