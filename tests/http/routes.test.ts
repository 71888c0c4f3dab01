/** Paths, methods and answers: docs/protocol.md, clauses P1.1 to P1.5. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused } from "../support/expect.ts";
import { AUTHORIZED, HANDSHAKE, raw } from "../support/raw.ts";
import { NO_PROXY_BETWEEN, startServer } from "../support/target.ts";

const server = await startServer();

const EVENT = JSON.stringify({ eventType: "E" });

/** The project id that the room at `path` has. */
async function projectAt(path: string): Promise<string> {
  const { status, text } = await raw(server, path, { headers: AUTHORIZED });
  assert.equal(status, 200, `${path}: ${text}`);
  return JSON.parse(text).projectId;
}

for (const upgrade of ["WebSocket", "WEBSOCKET", "websocket"]) {
  test(`P1.1 "Upgrade: ${upgrade}" opens a socket`, async () => {
    const client = await server.room().join(
      {},
      {
        finishRequest: (request) => {
          request.setHeader("Upgrade", upgrade);
          request.end();
        },
      },
    );
    await client.next("CONNECTED");
  });
}

test("P1.1 a socket can ask for a path below the room", async () => {
  const room = server.room();
  const client = server.connectAt(`/parties/main/${room.id}/any/thing`);
  const { payload } = await client.next("CONNECTED");
  assert.equal(payload.projectId, room.id);
});

test("P1.1 every other request below a room is 404", async () => {
  const path = `/parties/main/${server.room().id}/below`;
  const requests = [
    raw(server, path, { headers: AUTHORIZED }),
    raw(server, path, { headers: AUTHORIZED, method: "POST", body: EVENT }),
  ];
  for (const answer of requests) await assertRefused(await answer, 404, "not_found");
});

test("P1.1 an upgrade to more than websocket is not an upgrade, so it needs a secret", async () => {
  const headers = { ...HANDSHAKE, Upgrade: "h2c, websocket" };
  const answer = await raw(server, server.room().path, { headers });
  await assertRefused(answer, 401, "unauthorized");
});

test("P1.2 doubled slashes and a trailing slash are tolerated", async () => {
  const { id } = server.room();
  for (const path of [`//parties//main///${id}`, `/parties/main/${id}/`, `/party//${id}//`])
    assert.equal(await projectAt(path), id);
  assert.equal((await raw(server, "//health/")).status, 200);
});

test("P1.2 a bare ? is tolerated", async () => {
  const room = server.room();
  assert.equal(await projectAt(`/parties/main/${room.id}?`), room.id);
  assert.equal((await raw(server, "/health?")).status, 200);
  const upgrade = await raw(server, `/parties/main/${room.id}?`, { headers: HANDSHAKE });
  assert.equal(upgrade.status, 101);
});

test("P1.2 doubled slashes are tolerated for a socket", async () => {
  const room = server.room();
  const { payload } = await server.connectAt(`//parties//main//${room.id}/`).next("CONNECTED");
  assert.equal(payload.projectId, room.id);
});

test("P1 /party/:projectId is the same room as /parties/main/:projectId", async () => {
  const room = server.room();
  const client = server.connectAt(`/party/${room.id}`);
  await client.next("CONNECTED");
  const { status } = await raw(server, `/party/${room.id}`, {
    method: "POST",
    headers: AUTHORIZED,
    body: EVENT,
  });
  assert.equal(status, 200);
  await client.next("E");
});

test("P1.3 a project id is percent-decoded, so a%3Ab and a:b are one room", async () => {
  const { id } = server.room();
  const client = server.connectAt(`/party/${id}%3Ab`);
  await client.next("CONNECTED");
  const { status } = await raw(server, `/party/${id}:b`, {
    method: "POST",
    headers: AUTHORIZED,
    body: EVENT,
  });
  assert.equal(status, 200);
  assert.equal((await client.next("E")).type, "E");
});

test("P1.3 a project id is decoded once, and + is not a space in it", async () => {
  const { id } = server.room();
  assert.equal(await projectAt(`/party/${id}%253Ab`), `${id}%3Ab`);
  assert.equal(await projectAt(`/party/${id}+b`), `${id}+b`);
});

test("P1.3 a project id can have 128 bytes in any script", async () => {
  const { id } = server.room();
  const long = id + "é".repeat(64).slice(0, (128 - id.length) >> 1);
  assert.equal(await projectAt(`/party/${encodeURIComponent(long)}`), long);
  const longest = id.padEnd(128, "x");
  assert.equal(await projectAt(`/party/${longest}`), longest);
});

for (const [name, segment] of [
  ["a slash", "a%2Fb"],
  ["a NUL", "a%00b"],
  ["a line feed", "a%0Ab"],
  ["a C1 control character", "a%C2%85b"],
  ["a byte that is no UTF-8", "a%FF"],
  ["a lone surrogate", "a%ED%A0%80"],
  ["an overlong form", "a%C0%AF"],
  ["129 bytes", "x".repeat(129)],
  ["65 letters of 2 bytes", encodeURIComponent("é".repeat(65))],
] as const) {
  test(`P1.3 a project id with ${name} is 400, and closes a socket with 4000`, async () => {
    const path = `/parties/main/${segment}`;
    const get = await raw(server, path, { headers: AUTHORIZED });
    await assertRefused(get, 400, "invalid_project_id");
    const reason = '{"code":"bad_request","reason":"projectId"}';
    assert.deepEqual(await server.connectAt(path).close(), { code: 4000, reason });
    const post = await raw(server, path, { method: "POST", headers: AUTHORIZED, body: EVENT });
    await assertRefused(post, 400, "invalid_project_id");
  });
}

test("P1.3 a URL of 16,384 bytes is read and a longer one is 414", async () => {
  const path = "/health?";
  const longest = path.padEnd(16_384 - server.url.length, "x");
  assert.equal((await raw(server, longest)).status, 200);
  await assertRefused(await raw(server, `${longest}x`), 414, "url_too_long");
});

test("P1.4 another party is 404, also for an upgrade", async () => {
  const path = `/parties/other/${server.room().id}`;
  for (const headers of [AUTHORIZED, HANDSHAKE])
    await assertRefused(await raw(server, path, { headers }), 404, "unknown_party");
  const post = await raw(server, path, { method: "POST", headers: AUTHORIZED, body: EVENT });
  await assertRefused(post, 404, "unknown_party");
});

test("P1.4 another party is 404 whatever its case", async () => {
  await assertRefused(await raw(server, "/parties/Main/p1"), 404, "unknown_party");
});

test("P1 an unknown path is 404, also for an upgrade", async () => {
  for (const path of ["/", "/parties", "/parties/", "/party", "/party/", "/healthy"])
    for (const headers of [AUTHORIZED, HANDSHAKE])
      await assertRefused(await raw(server, path, { headers }), 404, "not_found");
});

test("P1.5 the party itself accepts an event for many projects, and nothing else", async () => {
  for (const method of ["GET", "DELETE", "HEAD"]) {
    const { status, headers } = await raw(server, "/parties/main", { method, headers: AUTHORIZED });
    assert.deepEqual([status, headers.allow], [405, "POST, OPTIONS"]);
  }
});

test("P1.5 a user of a room can be removed, and nothing else", async () => {
  for (const method of ["GET", "POST", "PUT"]) {
    const path = `${server.room().path}/users/ann`;
    const { status, headers } = await raw(server, path, { method, headers: AUTHORIZED });
    assert.deepEqual([status, headers.allow], [405, "DELETE, OPTIONS"]);
  }
});

for (const method of ["PUT", "PATCH", "TRACE", "PROPFIND"]) {
  test(`P1.5 ${method} is 405 with Allow`, async () => {
    const atRoom = await raw(server, `/parties/main/${server.room().id}`, { method });
    await assertRefused(atRoom, 405, "method_not_allowed");
    assert.equal(atRoom.headers.allow, "GET, HEAD, POST, DELETE, OPTIONS");
    const atHealth = await raw(server, "/health", { method });
    await assertRefused(atHealth, 405, "method_not_allowed");
    assert.equal(atHealth.headers.allow, "GET, HEAD, OPTIONS");
  });
}

test("P1.5 HEAD is answered as GET is, without the body", async () => {
  const room = server.room();
  for (const [path, headers] of [
    ["/health", {}],
    [room.path, {}],
    [room.path, AUTHORIZED],
    ["/nowhere", {}],
  ] as const) {
    const [head, get] = [
      await raw(server, path, { method: "HEAD", headers }),
      await raw(server, path, { headers }),
    ];
    assert.deepEqual([head.status, head.text], [get.status, ""], path);
    assert.equal(head.headers["content-type"], get.headers["content-type"]);
  }
});

test("P1.5 HEAD asks for no upgrade", { skip: NO_PROXY_BETWEEN }, async () => {
  const answer = await raw(server, server.room().path, { method: "HEAD", headers: HANDSHAKE });
  assert.deepEqual([answer.status, answer.text], [401, ""]);
});

test("P1.5 POST to /health is 405 with Allow", async () => {
  const answer = await raw(server, "/health", { method: "POST", body: "{}" });
  await assertRefused(answer, 405, "method_not_allowed");
  assert.equal(answer.headers.allow, "GET, HEAD, OPTIONS");
});
