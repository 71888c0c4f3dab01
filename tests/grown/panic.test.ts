/**
 * A panic takes the memory of all objects of a process, also of those of a room that has grown: docs/protocol.md, P2.10,
 * P7.4 and P15.6. It needs a test build, as in tests/resilience/panic.test.ts.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { assertRefused } from "../support/expect.ts";
import { panickingBuild } from "../support/panicking-build.ts";
import { positionOf, returnTo, seqs } from "../support/recovery.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";
import { apart, GROWING, grownRoom, type Member, PLACES, stateIs } from "./places.ts";

const PANIC = "PLANTED_PANIC";

const { server } = await startOwnServer({ build: await panickingBuild(), vars: GROWING });

/** A room with a user at each place, and a position that they all have. */
async function fullRoom(): Promise<{ room: Room; members: Member[]; since: string }> {
  const room = await grownRoom(server);
  const members = await apart(room, PLACES);
  return { room, members, since: await positionOf(room) };
}

/** Publishes events, and answers their numbers. With a key, what a panic cuts off is published again. */
async function publish(room: Room, eventType: string, times: number): Promise<number[]> {
  const answers = Array.from({ length: times }, async () => {
    const answer = await room.post({ eventType }, { "Idempotency-Key": randomUUID() });
    assert.equal(answer.status, 200);
    return ((await answer.json()) as { seq: number }).seq;
  });
  return (await Promise.all(answers)).toSorted((a, b) => a - b);
}

/** Asserts that everybody has these events: at once, or when they return after their socket was closed. */
async function assertHave(
  { room, members, since }: { room: Room; members: Member[]; since: string },
  numbers: number[],
): Promise<void> {
  await publish(room, "LAST", 1);
  for (const { userId, client } of members) {
    const arrived = client.next("LAST").then(() => client);
    arrived.catch(() => {});
    const closed = client.closed.then(async () => {
      const { client, connected } = await returnTo(room, userId, since);
      assert.equal(connected.recovered, true);
      await client.next("LAST");
      return client;
    });
    assert.deepEqual(seqs(await Promise.race([arrived, closed]), "EVENT"), numbers);
  }
  const isWhole = ({ connections, activeUsers }: { connections: number; activeUsers: number }) =>
    connections === PLACES && activeUsers === PLACES;
  await stateIs(room, isWhole, "everybody");
}

// One after the other: a panic is felt in all rooms of the process.
describe("a panic in a room that has grown", {
  skip: NEEDS_OWN_RUNTIME,
  concurrency: false,
}, () => {
  test("P7.4, P15.6 at a leaf closes its sockets, and nobody misses what comes then", async () => {
    const full = await fullRoom();
    const [lost] = full.members.filter(({ place }) => place !== 0);
    lost?.client.send(PANIC);
    assert.equal((await lost?.client.close())?.code, 1006);
    await assertHave(full, await publish(full.room, "EVENT", 3));
  });

  test("P2.10, P7.6 at the root is told to its caller, and nobody misses what was on its way", async () => {
    const full = await fullRoom();
    const { room, members } = full;
    const before = publish(room, "EVENT", 5);
    await assertRefused(await room.post({ eventType: PANIC }), 503, "room_unavailable");
    const numbers = [...(await before), ...(await publish(room, "EVENT", 3))];
    for (const { client } of members) await client.close();
    await assertHave(full, numbers);
  });

  test("P7.4, P15.6 elsewhere in the process costs nobody an event", async () => {
    const full = await fullRoom();
    const before = publish(full.room, "EVENT", 3);
    await assertRefused(await server.room().post({ eventType: PANIC }), 503, "room_unavailable");
    await assertHave(full, [...(await before), ...(await publish(full.room, "EVENT", 3))]);
  });
});
