/** Who may broadcast: docs/protocol.md, clause P2.8. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, broadcasts, count, settle } from "../support/expect.ts";
import { AUTHORIZED, type Body, HANDSHAKE, raw } from "../support/raw.ts";
import { NEEDS_OWN_RUNTIME, NO_PROXY_BETWEEN, SECRET, startServer } from "../support/target.ts";

const server = await startServer();
const EVENT = '{"eventType":"E"}';
const BODIES: Record<string, Body> = { "with a length": EVENT, "in chunks": [EVENT] };

/** `Authorization` headers that open nothing. */
const WRONG: Record<string, Record<string, string | string[]>> = {
  "no header": {},
  "an empty header": { Authorization: "" },
  "the scheme alone": { Authorization: "Bearer" },
  "another secret": { Authorization: "Bearer wrong" },
  "the secret less its end": { Authorization: `Bearer ${SECRET.slice(0, -1)}` },
  "the secret and more": { Authorization: `Bearer ${SECRET}x` },
  "the secret in another case": { Authorization: `Bearer ${swapCase(SECRET)}` },
  "the secret alone": { Authorization: SECRET },
  "another scheme": { Authorization: `Basic ${SECRET}` },
  "no space": { Authorization: `Bearer${SECRET}` },
  "the secret twice in a header": { Authorization: `Bearer ${SECRET} ${SECRET}` },
  "the header twice": { Authorization: [`Bearer ${SECRET}`, `Bearer ${SECRET}`] },
  "another header": { "X-Authorization": `Bearer ${SECRET}` },
  "a cookie": { Cookie: `Authorization=Bearer ${SECRET}` },
};

function swapCase(text: string): string {
  return text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase();
}

for (const [name, headers] of Object.entries(WRONG)) {
  test(`P2.8 a broadcast with ${name} is 401 and reaches nobody`, async () => {
    const room = server.room();
    const ann = await room.user("ann");
    const answer = await raw(server, room.path, { method: "POST", headers, body: EVENT });
    await assertRefused(answer, 401, "unauthorized");
    assert.equal(answer.headers["www-authenticate"], "Bearer");
    await settle(room, ann);
    assert.deepEqual(broadcasts(ann), []);
  });

  test(`P1.9 the state with ${name} is 401`, async () => {
    const answer = await raw(server, server.room().path, { headers });
    await assertRefused(answer, 401, "unauthorized");
    assert.equal(answer.headers["www-authenticate"], "Bearer");
  });
}

for (const scheme of ["Bearer", "bearer", "BEARER", "bEaReR"]) {
  test(`P2.8 the scheme may be written ${scheme}`, async () => {
    const headers = { Authorization: `${scheme} ${SECRET}` };
    const answer = await raw(server, server.room().path, {
      method: "POST",
      headers,
      body: EVENT,
    });
    assert.equal(answer.status, 200);
  });
}

test("P2.8 the secret is not accepted in the URL", async () => {
  const target = `${server.room().path}?secret=${SECRET}&Authorization=Bearer%20${SECRET}`;
  await assertRefused(await raw(server, target), 401, "unauthorized");
});

test("P2.8 a wrong secret is refused before the body is read", {
  skip: NO_PROXY_BETWEEN,
}, async () => {
  const answer = await raw(server, server.room().path, {
    method: "POST",
    headers: { Authorization: "Bearer wrong", "Content-Length": "1048576" },
    body: "[",
    unfinished: true,
  });
  await assertRefused(answer, 401, "unauthorized");
});

/** The time on the server's clock, from another room: later than all that it did before. */
async function serverTime(): Promise<number> {
  const room = server.room();
  const clock = await room.user("clock");
  const tick = async () => {
    await room.broadcast("TICK");
    return (await clock.next("TICK")).timestamp ?? Number.NaN;
  };
  const first = await tick();
  for (;;) {
    const now = await tick();
    if (now > first) return now;
  }
}

// Clocks of two machines of a deployment can't be compared so finely.
test("P2.8 a request without a right secret does not wake the room", {
  skip: NEEDS_OWN_RUNTIME,
}, async () => {
  const room = server.room();
  for (const headers of Object.values(WRONG)) {
    await raw(server, room.path, { method: "POST", headers, body: EVENT });
    await raw(server, room.path, { headers });
  }
  const afterRefusals = await serverTime();
  const { awakeSince } = await room.state();
  assert.ok(awakeSince >= afterRefusals, `awake since ${awakeSince}, refused to ${afterRefusals}`);
});

test("P2.8 a request with a right secret does wake the room, which awakeSince shows", {
  skip: NEEDS_OWN_RUNTIME,
}, async () => {
  const room = server.room();
  await room.broadcast("E");
  const afterBroadcast = await serverTime();
  const { awakeSince } = await room.state();
  assert.ok(awakeSince < afterBroadcast);
});

/** What the gate itself tells a room: an outsider could try to say it in its place. */
const FORGED = {
  "x-validiant-admission": JSON.stringify({
    connection_id: "forged",
    user: { i: "forged", n: "Forged" },
  }),
};

for (const [name, body] of Object.entries(BODIES)) {
  test(`P2.8 a forged admission has no effect on a broadcast ${name}`, async () => {
    const room = server.room();
    const ann = await room.user("ann");
    const headers = { ...AUTHORIZED, ...FORGED };
    const { status, text } = await raw(server, room.path, { method: "POST", headers, body });
    assert.equal(status, 200);
    assert.equal(JSON.parse(text).recipients, 1);
    await ann.next("E");
    assert.equal(count(ann, "USER_JOINED"), 0);
  });
}

test("P2.8 a forged admission does not replace the secret", async () => {
  const path = server.room().path;
  for (const request of [{ headers: FORGED }, { headers: FORGED, method: "POST", body: EVENT }])
    await assertRefused(await raw(server, path, request), 401, "unauthorized");
});

test("P1.9 a forged admission has no effect on the state", async () => {
  const room = server.room();
  const headers = { ...AUTHORIZED, ...FORGED };
  const { status, text } = await raw(server, room.path, { headers });
  assert.equal(status, 200);
  assert.equal(JSON.parse(text).connections, 0);
});

test("P4 a forged admission has no effect on an upgrade", async () => {
  const room = server.room();
  const client = await room.join({ userId: "ann", _pk: "laptop" }, { headers: FORGED });
  const { payload } = await client.next("CONNECTED");
  assert.equal(payload.connectionId, "laptop");
  assert.deepEqual(
    (await room.state()).users.map(({ userId }) => userId),
    ["ann"],
  );
});

for (const [name, body] of Object.entries(BODIES)) {
  test(`P2.1 a broadcast ${name} is one even if it asks for an upgrade`, {
    skip: NO_PROXY_BETWEEN,
  }, async () => {
    const room = server.room();
    const ann = await room.user("ann");
    const headers = { ...AUTHORIZED, ...HANDSHAKE };
    const { status, text } = await raw(server, room.path, { method: "POST", headers, body });
    assert.equal(status, 200, text);
    assert.equal(JSON.parse(text).recipients, 1);
    await ann.next("E");
  });
}
