/** A room that slept is the room that it was: docs/protocol.md, P1.9, P4.7 and P5.4. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { settle } from "../support/expect.ts";
import { assertAwakeSince, idle } from "../support/hibernation.ts";
import { connectionsAre, listed, told } from "../support/presence.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";

const PING = '{"type":"PING"}';
/** Longer than it takes a room to fall asleep. */
const GRACE_MS = 14_000;

const { server } = await startOwnServer({
  vars: { PRESENCE_GRACE_SECONDS: `${GRACE_MS / 1_000}` },
});
const { server: sweeping } = await startOwnServer({ vars: { STALE_SOCKET_SECONDS: "11" } });

// All of them wait for their rooms to fall asleep, so they do it together.
describe("a room that slept", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  test("P1.9 awakeSince stays while the room is in use, and is new after an idle time", async () => {
    const room = server.room();
    await room.user("ann");
    const { awakeSince } = await room.state();
    await room.broadcast("TASK_UPDATED");
    assert.equal((await room.state()).awakeSince, awakeSince);
    await idle();
    await assertAwakeSince(room, Date.now());
  });

  test("P5.4 its sockets are open and all members are who they were, joinedAt included", async () => {
    const room = server.room();
    for (const _pk of ["phone", "laptop"]) await room.join({ userId: "ann", userName: "Ann", _pk });
    await room.user("ben");
    await room.join();
    const before = await room.state();
    await idle();
    const start = Date.now();
    const after = await room.state();
    assert.ok(after.awakeSince >= start);
    assert.deepEqual({ ...after, awakeSince: 0 }, { ...before, awakeSince: 0 });
  });

  test("P2.4 the broadcast that wakes it leaves out all devices of the excluded user", async () => {
    const room = server.room();
    const anns = [await room.user("ann"), await room.user("ann")];
    const others = [await room.user("ben"), await room.join()];
    await idle();
    const start = Date.now();
    const reply = await room.broadcast("TASK_UPDATED", { excludeUserId: "ann" });
    assert.deepEqual([reply.recipients, reply.excluded], [2, 2]);
    for (const other of others) await other.next("TASK_UPDATED");
    await settle(room, ...anns);
    assert.ok(!anns.some(({ frames }) => frames.some(({ type }) => type === "TASK_UPDATED")));
    await assertAwakeSince(room, start);
  });

  test("P5.2 the clean leave that wakes it is announced at once", async () => {
    const room = server.room();
    const [ann, ben] = [await room.user("ann", "Ann"), await room.user("ben")];
    await idle();
    const start = Date.now();
    await ann.leave(1000);
    const { payload, timestamp = 0 } = await ben.next("USER_LEFT");
    assert.deepEqual(payload, { userId: "ann", userName: "Ann", projectId: room.id });
    assert.ok(timestamp - start < GRACE_MS / 2);
    await assertAwakeSince(room, start);
  });

  test("P5.3 the lost connection that wakes it leaves the user present", async () => {
    const room = server.room();
    const [ann, ben] = [await room.user("ann"), await room.user("ben")];
    const before = await listed(room, "ann");
    await idle();
    ann.socket.terminate();
    const { users } = await connectionsAre(room, 1);
    assert.deepEqual(users[0], { ...before, devices: 0 });
    assert.deepEqual(await told(room, ben), []);
  });

  test("P5.1 the second device that wakes it announces nothing", async () => {
    const room = server.room();
    const [ben] = [await room.user("ben"), await room.user("ann")];
    await idle();
    const start = Date.now();
    await room.user("ann");
    await assertAwakeSince(room, start);
    assert.deepEqual(await told(room, ben), ["USER_JOINED ann"]);
  });

  test("P5.1 the new user who wakes it is announced, and is shown who is there", async () => {
    const room = server.room();
    const ben = await room.user("ben");
    const { users } = await room.state();
    await idle();
    const ann = await room.join({ userId: "ann" });
    const { payload } = await ann.next("CONNECTED");
    assert.deepEqual([payload.activeUsers, payload.connections], [2, 2]);
    assert.equal(payload.users[0].joinedAt, users[0]?.joinedAt);
    assert.equal((await ben.next("USER_JOINED")).payload.userId, "ann");
  });

  test("P5.7 the newest name counts, although the device that sent it has left", async () => {
    const room = server.room();
    await room.user("ann", "Ann");
    await (await room.user("ann", "Annie")).leave();
    await connectionsAre(room, 1);
    await idle();
    assert.equal((await listed(room, "ann"))?.userName, "Annie");
  });

  test("P4.7 pings are answered while it sleeps, and do not wake it", async () => {
    const room = server.room();
    const ann = await room.user("ann");
    // Pings at 6 s and at 12 s: an object that either of them counts for is older than the last call.
    for (const _ of [6, 12]) {
      await pause(6_000);
      ann.send(PING);
      assert.deepEqual(await ann.next("PONG"), { type: "PONG", payload: {} });
    }
    await pause(1_000);
    await assertAwakeSince(room, Date.now());
  });

  test("P4.7 pings are answered by the runtime after it woke, too", async () => {
    const room = server.room();
    const ann = await room.user("ann");
    await idle();
    await room.broadcast("TASK_UPDATED");
    ann.send(PING);
    assert.deepEqual(await ann.next("PONG"), { type: "PONG", payload: {} });
  });

  test("P4.8 the message that wakes it is answered", async () => {
    const room = server.room();
    const ann = await room.user("ann");
    await idle();
    const start = Date.now();
    ann.send({ type: "TASK_UPDATED" });
    assert.equal((await ann.next("ERROR")).payload.code, "client_events_disabled");
    await assertAwakeSince(room, start);
  });

  test("P5.3 the alarm at the end of a grace period wakes it and tells the others", async () => {
    const room = server.room();
    const [ann, ben] = [await room.user("ann", "Ann"), await room.user("ben")];
    const start = Date.now();
    ann.socket.terminate();
    await pause(GRACE_MS - 1_000);
    const { payload, timestamp = 0 } = await ben.next("USER_LEFT");
    assert.deepEqual(payload, { userId: "ann", userName: "Ann", projectId: room.id });
    assert.ok(timestamp >= start + GRACE_MS);
    // The alarm and nothing before it made the object.
    await assertAwakeSince(room, start + GRACE_MS - 500);
  });

  test("P5.3 a user who returns in time after it slept is not announced", async () => {
    const room = server.room();
    const [ben, ann] = [await room.user("ben"), await room.user("ann")];
    ann.socket.terminate();
    const before = await connectionsAre(room, 1);
    await idle();
    await room.user("ann");
    // Past the end of the grace period that had begun before.
    await pause(GRACE_MS - 10_000);
    assert.deepEqual(await told(room, ben), ["USER_JOINED ann"]);
    const { joinedAt } = before.users[1] ?? {};
    assert.equal((await listed(room, "ann"))?.joinedAt, joinedAt);
  });

  test("P5.3 the very last user leaves by alarm too, with nobody there to see it", async () => {
    const room = server.room();
    const ann = await room.user("ann");
    ann.socket.terminate();
    await connectionsAre(room, 0);
    await pause(GRACE_MS + 1_500);
    const ben = await room.join({ userId: "ben" });
    assert.equal((await ben.next("CONNECTED")).payload.activeUsers, 1);
  });

  test("P5.6 a silent socket is swept though the room slept, and one that pings asleep is not", async () => {
    const room = sweeping.room();
    const [silent, pinging] = [await room.user("silent"), await room.user("pinging")];
    for (const client of [silent, pinging]) client.send(PING);
    const timer = setInterval(() => pinging.send(PING), 3_000);
    assert.equal((await silent.close(25_000)).code, 4200);
    clearInterval(timer);
    await room.broadcast("TASK_UPDATED");
    await pinging.next("TASK_UPDATED");
  });
});
