/** How much clients may say to each other: docs/protocol.md, P10 and P11.5. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "../support/client.ts";
import { assertAwakeSince } from "../support/hibernation.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";
import { done, join, sends, settled, TALKING, typesHeard } from "./talk.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };

/** The next refusal, whose limit must be this one. Returns after how many milliseconds to try again. */
async function refusedBy(client: Client, limit: string): Promise<number> {
  const { code, message, retryAfterMs, ...rest } = (await client.next("ERROR")).payload;
  assert.deepEqual([code, rest], ["rate_limited", { limit }]);
  assert.ok(message && retryAfterMs > 0);
  return retryAfterMs;
}

test("P10.1 CONNECTED announces the limits of client events", OWN, async () => {
  const { server } = await startOwnServer({ vars: { CLIENT_EVENTS: "on" } });
  const client = await server.room().join();
  const { limits, clientEvents } = (await client.next("CONNECTED")).payload;
  assert.equal(clientEvents, true);
  const { clientDeliveriesPerSecond, clientDeliveryBurst, presenceDataBytes } = limits;
  assert.deepEqual([clientDeliveriesPerSecond, clientDeliveryBurst], [10_000, 2_000]);
  assert.deepEqual([limits.clientMessagesPerSecond, limits.clientMessageBurst], [20, 40]);
  assert.equal(presenceDataBytes, 2_048);
});

describe("messages", OWN, async () => {
  const vars = { ...TALKING, CLIENT_MESSAGES_PER_SECOND: "10", CLIENT_MESSAGE_BURST: "20" };
  const { server } = await startOwnServer({ vars });
  const list = (n: number) => Array.from({ length: n }, () => sends("client-x"));

  test("P10.3 each of a list counts, and a list is passed on whole or not at all", async () => {
    const room = server.room();
    const [ann, ben] = [await room.user("ann"), await room.user("ben")];
    ann.send(list(15));
    ann.send(list(15));
    const wait = await refusedBy(ann, "clientMessagesPerSecond");
    assert.ok(wait <= 1_000);
    await pause(wait);
    ann.send(list(15));
    // The ping that `settled` sends may itself be one too many: this one is not counted.
    ann.send('{"type":"PING"}');
    await ann.next("PONG");
    for (let n = 0; n < 30; n++) await ben.next("client-x");
    assert.equal(typesHeard(ben).length, 30);
  });

  test("P10.3 a client that goes far beyond is closed with 4029, and the others stay", async () => {
    const room = server.room();
    const [ann, ben] = [await room.user("ann"), await room.user("ben")];
    for (let n = 0; n < 10; n++) ann.send(list(64));
    assert.deepEqual(await ann.close(), { code: 4029, reason: '{"code":"rate_limited"}' });
    await done(ben);
    // A list that is longer than the burst takes a full bucket (P10.2): only the first one went through.
    assert.equal(typesHeard(ben).length, 64);
  });
});

describe("deliveries", OWN, async () => {
  const vars = { ...TALKING, CLIENT_DELIVERIES_PER_SECOND: "1", CLIENT_DELIVERY_BURST: "20" };
  const { server, runtime } = await startOwnServer({ vars });

  test("P11.5 a room passes on so many a second, from all clients together", async () => {
    const room = server.room();
    const clients = await Promise.all(["ann", "ben", "cid"].map((user) => room.user(user)));
    const [ann, ben, cid] = clients as [Client, Client, Client];
    // Each goes to two sockets.
    for (let n = 0; n < 5; n++) ann.send(sends("client-x"));
    for (let n = 0; n < 5; n++) ben.send(sends("client-y"));
    // Not one after the other: two seconds later there is enough again for another one.
    await Promise.all([done(ann), done(ben)]);
    cid.send(sends("client-z"));
    const wait = await refusedBy(cid, "clientDeliveriesPerSecond");
    assert.ok(wait <= 2_000, `${wait}`);
    await settled(ann, ben);
    assert.deepEqual(
      [typesHeard(ann), typesHeard(ben)].map(({ length }) => length),
      [5, 5],
    );
    await pause(wait);
    cid.send(sends("client-z"));
    await settled(cid, ann, ben);
    for (const other of [ann, ben]) assert.equal(typesHeard(other).at(-1), "client-z");
    await runtime.untilLines("refusal", 1);
  });

  test("P11.5 what is for nobody, and what a backend publishes, takes nothing of it", async () => {
    const room = server.room();
    const [ann, ben] = [await room.user("ann"), await room.user("ben")];
    for (let n = 0; n < 50; n++) ann.send(sends("client-x", { userIds: ["nobody"] }));
    for (let n = 0; n < 50; n++) await room.broadcast("E");
    for (let n = 0; n < 10; n++) ann.send(sends("client-y"));
    assert.deepEqual(await settled(ann, ben), []);
    assert.equal(typesHeard(ben).length, 10);
  });

  test("P11.5 a message to more than the burst takes all of it, and the rest later", async () => {
    const room = server.room();
    const ann = await room.user("ann");
    const others = await Promise.all(Array.from({ length: 25 }, () => join(room, {})));
    ann.send(sends("client-x"));
    ann.send(sends("client-x"));
    const wait = await refusedBy(ann, "clientDeliveriesPerSecond");
    assert.ok(wait > 20_000 && wait <= 25_000, `${wait}`);
    await settled(ann, ...others);
    for (const other of others) assert.deepEqual(typesHeard(other), ["client-x"]);
  });

  test("P11.5 of one room do not count for another", async () => {
    const [busy, calm] = [server.room(), server.room()];
    const [ann, ben] = [await busy.user("ann"), await busy.user("ben")];
    for (let n = 0; n < 30; n++) ann.send(sends("client-x"));
    assert.equal((await settled(ann, ben)).length, 10);
    const [cid, dee] = [await calm.user("cid"), await calm.user("dee")];
    cid.send(sends("client-x"));
    assert.deepEqual(await settled(cid, dee), []);
    assert.deepEqual(typesHeard(dee), ["client-x"]);
  });
});

test("P4.9 a message over the limit closes the socket, whatever it says", OWN, async () => {
  const { server } = await startOwnServer({ vars: TALKING });
  const room = server.room();
  const ben = await room.user("ben");
  const frame = (bytes: number, wrap: (text: string) => string) => {
    const around = wrap(JSON.stringify(sends("client-x", { payload: "" }))).length;
    return wrap(JSON.stringify(sends("client-x", { payload: "x".repeat(bytes - around) })));
  };
  for (const wrap of [(text: string) => text, (text: string) => `[${text}]`]) {
    const ann = await room.user("ann");
    ann.send(frame(16_384, wrap));
    assert.deepEqual(await settled(ann, ben), []);
    ann.send(frame(16_385, wrap));
    assert.equal((await ann.close()).code, 4009);
  }
  await done(ben);
  assert.deepEqual(typesHeard(ben), ["client-x", "client-x"]);
});

test("P4.7 pings do not wake a room whose clients have talked", OWN, async () => {
  const { server } = await startOwnServer({ vars: TALKING });
  const room = server.room();
  const [ann, ben] = [await room.user("ann"), await room.user("ben")];
  ann.send([sends("client-x"), { type: "PRESENCE_SET", patch: { at: "task:t1" } }]);
  await settled(ann, ben);
  for (const _ of [6, 12]) {
    await pause(6_000);
    ann.send('{"type":"PING"}');
    assert.deepEqual(await ann.next("PONG"), { type: "PONG", payload: {} });
  }
  await pause(1_000);
  await assertAwakeSince(room, Date.now());
});
