/** Who returns to a room that has grown has missed nothing, or is told so: docs/protocol.md, P7 and P15. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Client } from "../support/client.ts";
import { settle } from "../support/expect.ts";
import { durable, positionOf, returnTo, seqs } from "../support/recovery.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer, UNHURRIED } from "../support/target.ts";
import { apart, GROWING, grownRoom, joinAt, LEAF_SOCKETS, PLACES, stateIs } from "./places.ts";

const HISTORY = 40;
const vars = { ...UNHURRIED, ...GROWING, HISTORY_SIZE: `${HISTORY}` };
const { server } = await startOwnServer({ vars });
const fragile = await startOwnServer({ vars });

/** Numbers, as the payloads have them. */
function numbers(client: Client): number[] {
  return client.frames.filter(({ type }) => type === "E").map(({ payload }) => payload.n);
}

async function publish(room: Room, ...all: number[]): Promise<void> {
  for (const n of all) await room.broadcast("E", { payload: { n } });
}

describe("recovery in a room that has grown", {
  skip: NEEDS_OWN_RUNTIME,
  concurrency: true,
}, () => {
  test("P7.4, P15.5 at every place a client that returns gets exactly what it missed, and then live events", async () => {
    const room = await grownRoom(server);
    const members = await apart(room, PLACES);
    await publish(room, 1, 2);
    const since = await positionOf(room);
    await settle(room, ...members.map(({ client }) => client));
    await Promise.all(members.map(({ client }) => client.leave()));
    await publish(room, 3, 4);
    for (const { userId } of members) {
      const { client, connected } = await returnTo(room, userId, since);
      assert.equal(connected.recovered, true, userId);
      await publish(room, 5);
      await settle(room, client);
      assert.deepEqual(numbers(client).slice(0, 2), [3, 4]);
      assert.equal(numbers(client).at(-1), 5);
      const all = seqs(client, "E");
      assert.deepEqual(
        all,
        all.toSorted((a, b) => a - b),
      );
      assert.equal(new Set(all).size, all.length);
    }
  });

  test("P7.4 events that were not for its user are not among them", async () => {
    const room = await grownRoom(server);
    const members = await apart(room, 3);
    const since = await positionOf(room);
    await Promise.all(members.map(({ client }) => client.leave()));
    const [first] = members;
    await room.broadcast("E", { payload: { n: 1 }, excludeUserId: first?.userId });
    await room.broadcast("E", { payload: { n: 2 }, userIds: [first?.userId] });
    await publish(room, 3);
    for (const member of members) {
      const { client } = await returnTo(room, member.userId, since);
      await settle(room, client);
      assert.deepEqual(numbers(client), member === first ? [2, 3] : [1, 3]);
    }
  });

  test("P7.4, P15.5 a position from before the room grew is as good as ever", async () => {
    const room = server.room();
    const before = Array.from({ length: 5 }, (_, index) => `user-${index}`);
    const clients = await Promise.all(before.map((userId) => room.user(userId)));
    await publish(room, 1);
    const since = await positionOf(room);
    await Promise.all(clients.map((client) => client.leave()));
    await publish(room, 2);
    const crowd = Array.from({ length: 2 * LEAF_SOCKETS + 1 }, () => room.join());
    await Promise.all(crowd);
    await stateIs(room, ({ leaves = [] }) => leaves.length > 0, "a leaf");
    await publish(room, 3);
    for (const userId of before) {
      const { client, connected } = await returnTo(room, userId, since);
      assert.equal(connected.recovered, true);
      await settle(room, client);
      assert.deepEqual(numbers(client), [2, 3]);
    }
  });

  test("P7.4, P15.5 the position that the state of the room has is good at every place", async () => {
    const room = await grownRoom(server);
    const members = await apart(room, PLACES);
    for (const [index, { userId }] of members.entries()) {
      await publish(room, index);
      const { client, connected } = await returnTo(room, userId, await positionOf(room));
      assert.equal(connected.recovered, true);
      await settle(room, client);
      assert.deepEqual(numbers(client), []);
    }
  });

  test("P7.5 a position from another epoch, from the future, or too old is not recovered at any place", async () => {
    const room = await grownRoom(server);
    const members = await apart(room, 3);
    const old = await positionOf(room);
    await publish(room, ...Array(HISTORY + 1).keys());
    const { epoch, seq } = await room.state();
    for (const { userId } of members)
      for (const since of [
        old,
        `other:${seq}`,
        `${epoch}:${seq + 5}`,
        "unreadable",
        `${epoch}:x`,
      ]) {
        const { client, connected } = await returnTo(room, userId, since);
        assert.deepEqual([connected.recovered, connected.epoch], [false, epoch], since);
        assert.equal(connected.seq, seq);
        await client.leave();
        assert.deepEqual(numbers(client), []);
      }
  });

  test("P7.5 more than 1 MiB is not replayed at any place", async () => {
    const room = await grownRoom(server);
    const members = await apart(room, 2);
    const since = await positionOf(room);
    const payload = { text: "x".repeat(31_000) };
    for (let n = 0; n < 35; n += 1) await room.broadcast("E", { payload });
    for (const { userId } of members) {
      const { connected } = await returnTo(room, userId, since);
      assert.equal(connected.recovered, false);
    }
  });
});

describe("after a crash of a room that had grown", { skip: NEEDS_OWN_RUNTIME }, () => {
  test("P7.4 it is still there, and at every place a client that returns has missed nothing", async () => {
    const { runtime } = fragile;
    const room = await grownRoom(fragile.server);
    const members = await apart(room, PLACES);
    await publish(room, 1);
    const since = await positionOf(room);
    await publish(room, 2);
    await durable(room);
    await runtime.kill();
    await runtime.run();
    const back = await Promise.all(members.map(({ userId }) => returnTo(room, userId, since)));
    for (const { connected } of back) assert.equal(connected.recovered, true);
    await publish(room, 3);
    await settle(room, ...back.map(({ client }) => client));
    for (const { client } of back) assert.deepEqual(numbers(client), [2, 3]);
    assert.equal((await room.state()).leaves?.length, PLACES - 1);
    const [, place] = await joinAt(room, { userId: members[1]?.userId ?? "" });
    assert.equal(place, members[1]?.place);
  });
});
