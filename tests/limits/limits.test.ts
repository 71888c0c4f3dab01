/** The limits on a room and its clients: docs/protocol.md, P10. The limit on connects needs wrangler-dev.test.ts. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { broadcasts, count, pageOf, settle } from "../support/expect.ts";
import { PATIENCE_MS } from "../support/inbox.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer, startServer } from "../support/target.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };
const EVENT = { eventType: "E" };

test("P10.1 CONNECTED announces every limit that is in force", async () => {
  const client = await (await startServer()).room().join();
  const { limits } = (await client.next("CONNECTED")).payload;
  assert.deepEqual(limits, {
    clientFrameBytes: 16_384,
    clientMessagesPerSecond: 20,
    clientMessageBurst: 40,
    publishesPerSecond: 100,
    publishBurst: 200,
    userSockets: 20,
    roomSockets: 100_000,
  });
});

describe("broadcasts", OWN, async () => {
  const vars = { PUBLISHES_PER_SECOND: "1", PUBLISH_BURST: "2" };
  const { server, runtime } = await startOwnServer({ vars });

  test("P10.2 over the rate get 429 with the time to wait, and reach nobody", async () => {
    const room = server.room();
    const client = await room.user("ann");
    // At once: a second later there is enough again for another one.
    await room.post({ events: [EVENT, EVENT] });
    const refused = await room.post(EVENT);
    assert.deepEqual([refused.status, refused.headers.get("Retry-After")], [429, "1"]);
    const { error, retryAfterMs, ...rest } = (await refused.json()) as Record<string, unknown>;
    const code = "rate_limited";
    const limit = "publishesPerSecond";
    assert.deepEqual(rest, { success: false, code, docs: pageOf(code), limit });
    assert.ok(Number(retryAfterMs) > 0 && Number(retryAfterMs) <= 1_000 && error);
    assert.deepEqual(broadcasts(client), ["E", "E"]);
    await runtime.untilLines("refusal", 1);
  });

  test("P10.2 are accepted again after the time to wait", async () => {
    const room = server.room();
    const until = Date.now() + PATIENCE_MS;
    await room.post({ events: [EVENT, EVENT] });
    let response = await room.post(EVENT);
    assert.equal(response.status, 429);
    while (response.status === 429 && Date.now() < until) response = await room.post(EVENT);
    assert.equal(response.status, 200);
  });

  test("P10.2 of one room do not count for another", async () => {
    const [busy, calm] = [server.room(), server.room()];
    await busy.post({ events: [EVENT, EVENT] });
    assert.equal((await busy.post(EVENT)).status, 429);
    await calm.broadcast("E");
  });

  test("P10.2 to many rooms are refused by those that have too many", async () => {
    const [busy, calm] = [server.room(), server.room()];
    await busy.post({ events: [EVENT, EVENT] });
    const response = await fetch(`${server.url}/parties/main`, {
      method: "POST",
      headers: { Authorization: `Bearer ${process.env.SECRET ?? "test-secret-of-the-suite"}` },
      body: JSON.stringify({ ...EVENT, projectIds: [busy.id, calm.id] }),
    });
    const { results } = (await response.json()) as { results: { status: number }[] };
    assert.deepEqual(
      results.map(({ status }) => status),
      [429, 200],
    );
  });
});

describe("messages of a client", OWN, async () => {
  const vars = { CLIENT_MESSAGES_PER_SECOND: "1", CLIENT_MESSAGE_BURST: "2" };
  const { server } = await startOwnServer({ vars });
  const say = { type: "PING", n: 1 };

  test("P10.3 over the rate are refused one by one, and the socket stays", async () => {
    const room = server.room();
    const client = await room.user("ann");
    for (let n = 0; n < 5; n++) client.send(say);
    const { payload } = await client.next("ERROR");
    const { message, retryAfterMs, ...rest } = payload;
    assert.deepEqual(rest, { code: "rate_limited", limit: "clientMessagesPerSecond" });
    assert.ok(retryAfterMs > 0 && retryAfterMs <= 1_000 && message);
    for (let n = 0; n < 2; n++) await client.next("ERROR");
    await settle(room, client);
    assert.equal(count(client, "PONG"), 2);
  });

  test("P10.3 at twenty times the rate close it with 4029, and others notice nothing", async () => {
    const room = server.room();
    const [flooding, calm] = [await room.user("ann"), await room.user("ben")];
    for (let n = 0; n < 60; n++) flooding.send(say);
    assert.deepEqual(await flooding.close(), { code: 4029, reason: '{"code":"rate_limited"}' });
    await settle(room, calm);
    assert.equal(count(calm, "ERROR"), 0);
  });

  test("P4.7 pings that the runtime answers are not counted", async () => {
    const client = await server.room().user("ann");
    for (let n = 0; n < 100; n++) client.send('{"type":"PING"}');
    for (let n = 0; n < 100; n++) await client.next("PONG");
    assert.equal(count(client, "ERROR"), 0);
  });
});

describe("sockets", OWN, async () => {
  const vars = { USER_SOCKETS_MAX: "2", ROOM_SOCKETS_MAX: "3" };
  const { server } = await startOwnServer({ vars });
  const full = (limit: string) => ({
    code: 4201,
    reason: `{"code":"connection_limit","retryAfterMs":10000,"limit":"${limit}"}`,
  });

  test("P10.4 a socket over the user's limit is closed with 4201, the others stay", async () => {
    const room = server.room();
    const anns = [await room.user("ann"), await room.user("ann")];
    assert.deepEqual(await (await room.join({ userId: "ann" })).close(), full("userSockets"));
    await room.user("ben");
    await settle(room, ...anns);
  });

  test("P10.4 a phone whose connections were lost unnoticed can come back", async () => {
    const room = server.room();
    const lost = [];
    for (let n = 0; n < 2; n++) {
      const client = await room.join({ userId: "ann", _pk: "phone" });
      await client.next("CONNECTED");
      // From here on it reads nothing and answers nothing, as if its network were gone.
      client.socket.pause();
      lost.push(client);
    }
    const back = await room.join({ userId: "ann", _pk: "phone" });
    assert.equal((await back.next("CONNECTED")).payload.connections, 2);
    const laptop = await room.join({ userId: "ann", _pk: "laptop" });
    assert.equal((await laptop.next("CONNECTED")).payload.connections, 2);
    lost[0]?.socket.resume();
    assert.deepEqual(await lost[0]?.close(), { code: 4010, reason: '{"code":"replaced"}' });
    await settle(room, back, laptop);
  });

  test("P10.4 a stranger can't replace somebody by sending their connection id", async () => {
    const room = server.room();
    const anns = [];
    for (let n = 0; n < 2; n++) anns.push(await room.join({ userId: "ann", _pk: `page-${n}` }));
    const anonymous = await room.join({ _pk: "page-0" });
    for (const userId of ["ben", ""]) {
      const stranger = await room.join({ userId, _pk: "page-0" });
      assert.deepEqual(await stranger.close(), full("roomSockets"));
    }
    await settle(room, ...anns, anonymous);
  });

  test("P10.4 a socket over the room's limit is closed with 4201, until one leaves", async () => {
    const room = server.room();
    const first = await room.user("ann");
    for (let n = 0; n < 2; n++) await room.user("");
    assert.deepEqual(await (await room.join()).close(), full("roomSockets"));
    await first.leave();
    await room.user("ben");
  });
});
