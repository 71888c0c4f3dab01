/** Who is present: docs/protocol.md, clauses P3.3 and P5. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionsAre, listed, told } from "../support/presence.ts";
import { startServer } from "../support/target.ts";

const server = await startServer();

/** How long "at once" may take on a busy machine: less than the grace period. */
const AT_ONCE_MS = 8_000;

test("P5.1 a user's first socket is announced to everybody else, anonymous sockets included", async () => {
  const room = server.room();
  const ben = await room.user("ben");
  const anonymous = await room.join();
  const ann = await room.user("ann", "Ann");
  for (const other of [ben, anonymous])
    assert.equal((await other.next("USER_JOINED")).payload.userId, "ann");
  assert.deepEqual(await told(room, ann), []);
});

test("P3.3 a join has the user as in the list of users, and the project", async () => {
  const room = server.room();
  const ben = await room.user("ben");
  await room.user("ann", "Ann");
  const { users } = (await (await room.join()).next("CONNECTED")).payload;
  const ann = users.find(({ userId }: { userId: string }) => userId === "ann");
  assert.deepEqual((await ben.next("USER_JOINED")).payload, { ...ann, projectId: room.id });
});

test("P3.3 a user without a name joins and leaves with userName null", async () => {
  const room = server.room();
  const ben = await room.user("ben");
  const ann = await room.user("ann");
  await ann.leave();
  const payload = { userId: "ann", userName: null, projectId: room.id };
  assert.equal((await ben.next("USER_JOINED")).payload.userName, null);
  assert.deepEqual((await ben.next("USER_LEFT")).payload, payload);
});

test("P5.1 a second device announces nothing, to nobody", async () => {
  const room = server.room();
  const ben = await room.user("ben");
  const ann = await room.user("ann");
  await ben.next("USER_JOINED");
  await room.user("ann");
  assert.deepEqual(await told(room, ben), []);
  assert.deepEqual(await told(room, ann), []);
  const { connections, activeUsers } = await room.state();
  assert.deepEqual({ connections, activeUsers }, { connections: 3, activeUsers: 2 });
});

test("P5.1 a user is announced in the room that they joined and in no other", async () => {
  const [here, elsewhere] = [server.room(), server.room()];
  const [ben, cy] = [await here.user("ben"), await elsewhere.user("cy")];
  await here.user("ann");
  assert.deepEqual(await told(elsewhere, cy), []);
  assert.deepEqual(await told(here, ben), ["USER_JOINED ann"]);
});

test("P4.4 an anonymous socket joins and leaves without an announcement", async () => {
  const room = server.room();
  const ben = await room.user("ben");
  const anonymous = await room.join();
  const { connections, users } = await room.state();
  assert.equal(connections, 2);
  assert.deepEqual(
    users.map(({ userId }) => userId),
    ["ben"],
  );
  await anonymous.leave();
  await connectionsAre(room, 1);
  assert.deepEqual(await told(room, ben), []);
});

test("P5.2 USER_LEFT goes out at once when the last socket ends with 1000", async () => {
  const room = server.room();
  const ben = await room.user("ben");
  const anonymous = await room.join();
  const ann = await room.user("ann", "Ann");
  const start = Date.now();
  await ann.leave(1000);
  const payload = { userId: "ann", userName: "Ann", projectId: room.id };
  for (const other of [ben, anonymous])
    assert.deepEqual((await other.next("USER_LEFT")).payload, payload);
  assert.ok(Date.now() - start < AT_ONCE_MS);
  assert.equal(await listed(room, "ann"), undefined);
});

test("P5.2 the end of one of two devices announces nothing", async () => {
  const room = server.room();
  const ben = await room.user("ben");
  const phone = await room.user("ann");
  await room.user("ann");
  await ben.next("USER_JOINED");
  await phone.leave(1000);
  const { activeUsers } = await connectionsAre(room, 2);
  assert.equal(activeUsers, 2);
  assert.deepEqual(await told(room, ben), []);
});

test("P5.2 the end of the last device decides: it ends with 1000 after another was lost", async () => {
  const room = server.room();
  const ben = await room.user("ben");
  const [phone, laptop] = [await room.user("ann"), await room.user("ann")];
  phone.socket.terminate();
  await connectionsAre(room, 2);
  const start = Date.now();
  await laptop.leave(1000);
  await ben.next("USER_LEFT");
  assert.ok(Date.now() - start < AT_ONCE_MS);
});

test("P5.3 the end of the last device decides: it is lost after another ended with 1000", async () => {
  const room = server.room();
  const ben = await room.user("ben");
  const [phone, laptop] = [await room.user("ann"), await room.user("ann")];
  await phone.leave(1000);
  await connectionsAre(room, 2);
  laptop.socket.terminate();
  const { activeUsers } = await connectionsAre(room, 1);
  assert.equal(activeUsers, 2);
  assert.deepEqual(await told(room, ben), ["USER_JOINED ann"]);
});

test("P5.2 a user who left and joins again is announced again", async () => {
  const room = server.room();
  const ben = await room.user("ben");
  const ann = await room.user("ann");
  const before = await listed(room, "ann");
  await ann.leave();
  await ben.next("USER_LEFT");
  await room.user("ann");
  const joined = await ben.next("USER_JOINED");
  const after = await listed(room, "ann");
  assert.equal(after?.joinedAt, joined.timestamp);
  assert.notEqual(after?.joinedAt, before?.joinedAt);
});

test("P4.2 overlapping sockets of one connection are one user with one device", async () => {
  const room = server.room();
  const ben = await room.user("ben");
  for (const _ of ["old", "new"]) await room.join({ userId: "ann", _pk: "laptop" });
  const { connections, activeUsers, users } = await room.state();
  assert.deepEqual({ connections, activeUsers }, { connections: 3, activeUsers: 2 });
  assert.equal(users.find(({ userId }) => userId === "ann")?.devices, 1);
  assert.deepEqual(await told(room, ben), ["USER_JOINED ann"]);
});

for (const end of ["clean", "broken"] as const) {
  test(`P4.2 the late ${end} end of the old socket takes nothing from the new one`, async () => {
    const room = server.room();
    const ben = await room.user("ben");
    const old = await room.join({ userId: "ann", _pk: "laptop" });
    const fresh = await room.join({ userId: "ann", _pk: "laptop" });
    if (end === "clean") await old.leave(1000);
    else old.socket.terminate();
    await connectionsAre(room, 2);
    assert.deepEqual(await told(room, ben), ["USER_JOINED ann"]);
    assert.equal((await listed(room, "ann"))?.devices, 1);
    await room.broadcast("TASK_UPDATED", { userIds: ["ann"] });
    await fresh.next("TASK_UPDATED");
  });
}

test("P5.7 the newest name that a user gave counts, in the state, in CONNECTED and in USER_LEFT", async () => {
  const room = server.room();
  const devices = [await room.user("ann", "Ann"), await room.user("ann", "Annie")];
  assert.equal((await listed(room, "ann"))?.userName, "Annie");
  const ben = await room.join({ userId: "ben" });
  const { payload } = await ben.next("CONNECTED");
  const [first] = payload.users;
  assert.equal(first.userName, "Annie");
  for (const device of devices.toReversed()) await device.leave();
  assert.equal((await ben.next("USER_LEFT")).payload.userName, "Annie");
});

test("P5.7 a device without a name does not take the name away", async () => {
  const room = server.room();
  await room.user("ann", "Ann");
  await room.user("ann");
  assert.equal((await listed(room, "ann"))?.userName, "Ann");
});

test("P5.7 joinedAt is the time of the join that was announced, for a second device too", async () => {
  const room = server.room();
  const ben = await room.user("ben");
  await room.user("ann");
  const { timestamp } = await ben.next("USER_JOINED");
  await room.user("ann");
  assert.equal((await listed(room, "ann"))?.joinedAt, timestamp);
});
