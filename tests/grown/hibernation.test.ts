/** A room that has grown sleeps and wakes, place by place, and stays what it was: docs/protocol.md, P5.4, P7, P15. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sends, TALKING, typesHeard } from "../client-events/talk.ts";
import type { Client } from "../support/client.ts";
import { broadcasts, settle } from "../support/expect.ts";
import { assertAwakeSince, idle } from "../support/hibernation.ts";
import { received } from "../support/received.ts";
import { positionOf, returnTo } from "../support/recovery.ts";
import { NEEDS_OWN_RUNTIME, type Room, SECRET, startOwnServer } from "../support/target.ts";
import { apart, GROWING, grownRoom, isTold, type Member, PLACES, stateIs } from "./places.ts";

const { server } = await startOwnServer({ vars: { ...GROWING, ...TALKING } });

const clients = (members: Member[]): Client[] => members.map(({ client }) => client);

async function asleep(): Promise<{ room: Room; members: Member[]; since: string; start: number }> {
  const room = await grownRoom(server);
  const members = await apart(room, PLACES, (userId) => ({ userId, _pk: `of ${userId}` }));
  await room.broadcast("BEFORE");
  await settle(room, ...clients(members));
  // Until everybody knows how many there are, the room stays awake to tell them.
  await Promise.all(clients(members).map((client) => isTold(client, PLACES)));
  const since = await positionOf(room);
  await idle();
  return { room, members, since, start: Date.now() };
}

/** Nobody was told to come back. */
async function assertAllConnected(room: Room, members: Member[]): Promise<void> {
  await settle(room, ...clients(members));
  for (const { client } of members) assert.equal(client.socket.readyState, client.socket.OPEN);
}

// All of them wait for their rooms to fall asleep, so they do it together.
describe("a room that has grown and slept", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  test("P2.1 a broadcast wakes it and reaches everybody, and nobody is told to come back", async () => {
    const { room, members, start } = await asleep();
    const answer = await room.broadcast("E", { excludeUserId: members[1]?.userId });
    assert.deepEqual([answer.recipients, answer.excluded], [PLACES - 1, 1]);
    await assertAllConnected(room, members);
    for (const [index, { client }] of members.entries())
      assert.deepEqual(broadcasts(client), index === 1 ? ["BEFORE"] : ["BEFORE", "E"]);
    await assertAwakeSince(room, start);
  });

  test("P5.4 everybody is who they were", async () => {
    const { room, members } = await asleep();
    const state = await stateIs(room, ({ connections }) => connections === PLACES, "all");
    const ids = state.users.map(({ userId }) => userId).toSorted();
    assert.deepEqual(ids, members.map(({ userId }) => userId).toSorted());
    assert.equal(state.activeUsers, PLACES);
    assert.equal(state.leaves?.length, PLACES - 1);
    await assertAllConnected(room, members);
  });

  test("P11.3 a client event from any place wakes the others", async () => {
    const { room, members } = await asleep();
    const [first, ...others] = members.toReversed() as [Member, ...Member[]];
    first.client.send(sends("client-x"));
    for (const { client } of others) await client.next("client-x");
    await assertAllConnected(room, members);
    assert.deepEqual(typesHeard(first.client), []);
  });

  test("P7.4 a client that returns to any place gets what it missed", async () => {
    const { room, members, since } = await asleep();
    await room.broadcast("E");
    for (const { userId } of members) {
      const { client, connected } = await returnTo(room, userId, since);
      assert.equal(connected.recovered, true);
      await client.next("E");
    }
    await assertAllConnected(room, members);
  });

  test("P7.4 the client that wakes its place with its position is recovered", async () => {
    const { room, members, since } = await asleep();
    for (const { userId } of members) {
      const { connected } = await returnTo(room, userId, since);
      assert.equal(connected.recovered, true);
    }
    await assertAllConnected(room, members);
  });

  test("P8.1, P8.2 a removal reaches the place of the user before the answer", async () => {
    const { room, members } = await asleep();
    const { userId, client } = members.at(-1) as Member;
    const headers = { Authorization: `Bearer ${SECRET}` };
    const url = `${room.url}/users/${userId}?for=60`;
    const response = await fetch(url, { method: "DELETE", headers });
    assert.equal(response.status, 200);
    assert.equal((await room.broadcast("AFTER")).recipients, PLACES - 1);
    assert.equal((await client.close()).code, 4003);
    assert.ok(!broadcasts(client).includes("AFTER"));
    assert.equal(await received(room.connect({ userId })), 4003);
    await assertAllConnected(room, members.slice(0, -1));
  });
});
