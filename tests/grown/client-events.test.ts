/** What clients say to each other across the places of a room that has grown: docs/protocol.md, P11, P12 and P15. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { heard, sends, TALKING, typesHeard } from "../client-events/talk.ts";
import type { Client } from "../support/client.ts";
import { settle } from "../support/expect.ts";
import type { Frame } from "../support/inbox.ts";
import { connectionsAre } from "../support/presence.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer, UNHURRIED } from "../support/target.ts";
import { apart, GROWING, grownRoom, type Member } from "./places.ts";

const vars = { ...UNHURRIED, ...GROWING, ...TALKING };
const { server } = await startOwnServer({ vars });
const slow = await startOwnServer({
  vars: { ...vars, CLIENT_DELIVERIES_PER_SECOND: "1", CLIENT_DELIVERY_BURST: "20" },
});

const clients = (members: Member[]): Client[] => members.map(({ client }) => client);
const named = (userId: string) => ({ userId, _pk: `of ${userId}` });

/** A room with a user at each of three places. */
async function three(room: Room): Promise<[Member, Member, Member]> {
  return (await apart(room, 3, named)) as [Member, Member, Member];
}

/** Says something last, and waits until these have got it, and with it all that this client has said before. */
async function finish(sender: Client, ...others: Client[]): Promise<void> {
  sender.send(sends("client-end"));
  await Promise.all(others.map((other) => other.next("client-end")));
}

describe("client events in a room that has grown", {
  skip: NEEDS_OWN_RUNTIME,
  concurrency: true,
}, () => {
  test("P11.3 reach every socket at all places but the one that they come from, with who sent them", async () => {
    const room = await grownRoom(server);
    const members = await three(room);
    const nobody = await room.join();
    for (const { userId, client } of members) {
      const second = await room.user(userId);
      client.send('{"type":"SEND","eventType":"client-x","payload":{ "n" : 1.50 }}');
      const others = [...clients(members), nobody, second].filter((other) => other !== client);
      for (const other of others) {
        const frame = await other.next("client-x");
        assert.deepEqual(Object(frame).from, { userId, connectionId: `of ${userId}` });
        assert.ok(other.texts.some((text) => text.includes('"payload":{ "n" : 1.50 }')));
      }
      await settle(room, client);
      await second.leave();
    }
    for (const { client } of members)
      assert.deepEqual(typesHeard(client), ["client-x", "client-x"]);
    assert.equal(typesHeard(nobody).length, 3);
  });

  test("P11.2 can be for some users, wherever these are, also for the sender's other devices", async () => {
    const room = await grownRoom(server);
    const [ann, ben, cid] = await three(room);
    const nobody = await room.join();
    const second = await room.user(ann.userId);
    ann.client.send(sends("client-x", { userIds: [cid.userId, ann.userId] }));
    await finish(ann.client, ben.client, cid.client, nobody, second);
    for (const client of [cid.client, second])
      assert.deepEqual(typesHeard(client), ["client-x", "client-end"]);
    for (const client of [ben.client, nobody]) assert.deepEqual(typesHeard(client), ["client-end"]);
  });

  test("P11.3 of one client come in the order in which it sent them, at all places", async () => {
    const room = await grownRoom(server);
    const members = await three(room);
    const count = 30;
    for (let n = 0; n < count; n += 1)
      for (const { client } of members) client.send(sends("client-x", { payload: { n } }));
    for (const { client } of members)
      await finish(client, ...clients(members).filter((other) => other !== client));
    for (const { client } of members)
      for (const { userId } of members.filter((member) => member.client !== client)) {
        const own = heard(client).filter(({ from }) => from.userId === userId);
        const numbers = own.map(({ payload }) => payload.n).slice(0, count);
        assert.deepEqual(numbers, [...Array(count).keys()]);
      }
  });

  test("P11.3, P15.4 broadcasts and client events have the same order at all places", async () => {
    const room = await grownRoom(server);
    const members = await three(room);
    const listener = await room.join();
    for (let n = 0; n < 10; n += 1) {
      for (const { client } of members) client.send(sends(`client-${n}`));
      await room.broadcast(`E${n}`);
    }
    for (const { client } of members)
      await finish(client, listener, ...clients(members).filter((other) => other !== client));
    const all = order(listener);
    for (const { userId, client } of members)
      assert.deepEqual(
        order(client),
        all.filter((text) => !text.startsWith(`${userId} `)),
      );
  });

  test("P4.12, P11.3 a list is passed on in order, to batching clients in one frame", async () => {
    const room = await grownRoom(server);
    const [ann, ben, cid] = await three(room);
    const batches = await room.join({ userId: cid.userId, frames: "batch" });
    ann.client.send([sends("client-a"), sends("client-b"), sends("client-c")]);
    await finish(ann.client, ben.client, cid.client, batches);
    for (const client of [ben.client, cid.client, batches])
      assert.deepEqual(typesHeard(client), ["client-a", "client-b", "client-c", "client-end"]);
    assert.equal(batches.texts.filter((text) => text.startsWith("[")).length, 1);
  });

  test("P11.4 have no number and are not there for who returns", async () => {
    const room = await grownRoom(server);
    const [ann, ben] = await three(room);
    const before = await room.state();
    ann.client.send(sends("client-x"));
    assert.equal((await ben.client.next("client-x")).seq, undefined);
    assert.equal((await room.state()).seq, before.seq);
  });

  test("P11.5, P15.9 a room passes on so many a second from the clients of all places together", async () => {
    const room = await grownRoom(slow.server);
    const members = await three(room);
    const [ann, ben, cid] = members;
    // Each goes to two sockets.
    for (const [sender, ...others] of [
      [ann, ben, cid],
      [ben, cid, ann],
    ] as const) {
      for (let n = 0; n < 5; n += 1) sender.client.send(sends("client-x"));
      for (const { client } of others) for (let n = 0; n < 5; n += 1) await client.next("client-x");
    }
    cid.client.send(sends("client-z"));
    const { code, limit, retryAfterMs } = (await cid.client.next("ERROR")).payload;
    assert.deepEqual([code, limit], ["rate_limited", "clientDeliveriesPerSecond"]);
    assert.ok(retryAfterMs > 0 && retryAfterMs <= 2_000, `${retryAfterMs}`);
    await settle(room, ...clients(members));
    for (const { client } of members) assert.ok(!typesHeard(client).includes("client-z"));
  });
});

describe("presence data in a room that has grown", {
  skip: NEEDS_OWN_RUNTIME,
  concurrency: true,
}, () => {
  const set = (client: Client, patch: unknown) => client.send({ type: "PRESENCE_SET", patch });

  test("P12.7 those at the same place of the product hear each other, and nobody else does", async () => {
    const room = await grownRoom(server);
    const members = await three(room);
    const [ann, ben, cid] = members;
    set(ben.client, { at: "x" });
    set(cid.client, { at: "y" });
    await finish(ben.client, ann.client, cid.client);
    await finish(cid.client, ann.client, ben.client);
    set(ann.client, { at: "x", n: 1 });
    assert.deepEqual(said(await ben.client.next("USER_UPDATED")), [ann.userId, { at: "x", n: 1 }]);
    // Who comes to a place is introduced to those who are there.
    assert.deepEqual(said(await ann.client.next("USER_UPDATED")), [ben.userId, { at: "x" }]);
    set(ann.client, { at: "y" });
    assert.deepEqual(said(await ben.client.next("USER_UPDATED")), [ann.userId, { at: "y", n: 1 }]);
    assert.deepEqual(said(await cid.client.next("USER_UPDATED")), [ann.userId, { at: "y", n: 1 }]);
    assert.deepEqual(said(await ann.client.next("USER_UPDATED")), [cid.userId, { at: "y" }]);
    await settle(room, ...clients(members));
    assert.equal(updates(ann.client).length, 2);
    assert.equal(updates(ben.client).length, 2);
    assert.equal(updates(cid.client).length, 1);
  });

  test("P12.6, P12.7 others hear that somebody is cut off, that they are back, and that they left", async () => {
    const room = await grownRoom(server);
    const members = await three(room);
    const [ann, ben] = members;
    set(ben.client, { at: "x" });
    await finish(ben.client, ann.client);
    set(ann.client, { at: "x" });
    await ben.client.next("USER_UPDATED");
    ann.client.socket.terminate();
    assert.equal(typeof (await ben.client.next("USER_UPDATED")).payload.leavesAt, "number");
    const again = await room.join(named(ann.userId));
    assert.equal((await ben.client.next("USER_UPDATED")).payload.leavesAt, undefined);
    assert.deepEqual(said(await again.next("USER_UPDATED")), [ben.userId, { at: "x" }]);
    await again.leave();
    assert.deepEqual(said(await ben.client.next("USER_UPDATED")), [ann.userId, null]);
    await connectionsAre(room, 2);
  });
});

function updates({ frames }: Client): Frame[] {
  return frames.filter(({ type }) => type === "USER_UPDATED");
}

/** The user, and what the connection says of itself. */
function said({ payload }: Frame): [string, unknown] {
  return [payload.userId, payload.data[0].data];
}

/** Broadcasts and client events, in the order in which a client got them. */
function order({ frames }: Client): string[] {
  const events = frames.filter(({ type }) => /^(client-\d|E\d)/.test(type));
  return events.map((frame) => `${Object(frame).from?.userId ?? "backend"} ${frame.type}`);
}
