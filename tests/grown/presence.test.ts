/** Who is there, in a room that has grown: docs/protocol.md, P5 and P15. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { count, settle } from "../support/expect.ts";
import { connectionsAre, listed } from "../support/presence.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";
import {
  apart,
  counts,
  GROWING,
  grownRoom,
  isTold,
  type Member,
  PLACES,
  stateIs,
} from "./places.ts";

const { server } = await startOwnServer({ vars: GROWING });
const brief = await startOwnServer({ vars: { ...GROWING, PRESENCE_GRACE_SECONDS: "1" } });

const ids = (members: Member[]) => members.map(({ userId }) => userId).toSorted();

describe("presence in a room that has grown", {
  skip: NEEDS_OWN_RUNTIME,
  concurrency: true,
}, () => {
  test("P1.9, P15.11 the state has the users of all places, and says how many are at each leaf", async () => {
    const room = await grownRoom(server);
    const members = await apart(room, PLACES);
    const { connections, activeUsers, users, leaves, ...state } = await room.state();
    assert.deepEqual([connections, activeUsers], [PLACES, PLACES]);
    assert.deepEqual(users.map(({ userId }) => userId).toSorted(), ids(members));
    assert.ok(users.every(({ devices }) => devices === 1));
    assert.deepEqual(
      leaves,
      [1, 2, 3].map((leaf) => ({ leaf, connections: 1, activeUsers: 1, answers: true })),
    );
    assert.equal(state.projectId, room.id);
  });

  test("P3.2, P15.3 CONNECTED counts everybody at all places, and whoever comes", async () => {
    const room = await grownRoom(server);
    const members = await apart(room, PLACES);
    await settle(room, ...members.map(({ client }) => client));
    for (const [index, { userId }] of members.entries()) {
      const second = await room.join({ userId });
      const { payload } = await second.next("CONNECTED");
      assert.deepEqual([payload.activeUsers, payload.connections], [PLACES, PLACES + 1 + index]);
      await stateIs(room, ({ connections }) => connections === PLACES + 1 + index, "another");
      await settle(room, ...members.map(({ client }) => client));
    }
  });

  test("P5.5, P15.3 PRESENCE with the number of all users stands for single joins and leaves", async () => {
    const room = await grownRoom(server);
    const members = await apart(room, PLACES);
    for (const { client } of members) await isTold(client, PLACES);
    const [gone, ...others] = members as [Member, ...Member[]];
    await gone.client.leave();
    for (const { client } of others) {
      await isTold(client, PLACES - 1);
      assert.deepEqual([count(client, "USER_JOINED"), count(client, "USER_LEFT")], [0, 0]);
    }
  });

  test("P5.2, P5.3 who leaves is gone at once, who is cut off stays for the grace period", async () => {
    const room = await grownRoom(brief.server);
    const members = await apart(room, PLACES);
    const [leaves, breaks] = members.slice(1) as [Member, Member];
    const start = Date.now();
    await leaves.client.leave();
    breaks.client.socket.terminate();
    const { users } = await connectionsAre(room, PLACES - 2);
    const devices = new Map(users.map(({ userId, devices }) => [userId, devices]));
    assert.equal(devices.has(leaves.userId), false);
    assert.equal(devices.get(breaks.userId), 0);
    const state = await stateIs(
      room,
      ({ activeUsers }) => activeUsers === PLACES - 2,
      "the end of the grace period",
    );
    assert.ok(Date.now() - start >= 1_000);
    assert.ok(!state.users.some(({ userId }) => userId === breaks.userId));
  });

  test("P5.3, P5.7 who returns in time is who they were", async () => {
    const room = await grownRoom(server);
    const members = await apart(room, 3, (userId) => ({ userId, userName: `The ${userId}` }));
    for (const { userId, client } of members) {
      const before = await listed(room, userId);
      client.socket.terminate();
      await connectionsAre(room, 2);
      await room.user(userId);
      assert.deepEqual(await listed(room, userId), before);
      assert.equal(before?.userName, `The ${userId}`);
    }
  });

  test("P5.1, P15.2 a user with several sockets is one user, at one place", async () => {
    const room = await grownRoom(server);
    const [member] = await apart(room, 1);
    const more = await Promise.all([1, 2, 3].map(() => room.user(member?.userId ?? "")));
    const state = await stateIs(room, ({ connections }) => connections === 4, "four sockets");
    assert.equal(state.activeUsers, 1);
    assert.equal(counts(state)[member?.place ?? 0], 4);
    assert.equal(more.length, 3);
  });

  test("P4.4, P15.2 anonymous sockets are spread, too, and are no users", async () => {
    const room = await grownRoom(server);
    await Promise.all(Array.from({ length: 12 }, () => room.join()));
    const state = await stateIs(room, ({ connections }) => connections === 12, "twelve sockets");
    assert.equal(state.activeUsers, 0);
    assert.ok(counts(state).filter((sockets) => sockets > 0).length > 1, `${counts(state)}`);
  });
});
