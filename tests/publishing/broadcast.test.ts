/** Who gets a broadcast: docs/protocol.md, clauses P2.1, P2.4, P2.5 and P2.9. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { broadcasts, settle } from "../support/expect.ts";
import { type Room, startServer } from "../support/target.ts";

const server = await startServer();

/** A room with ann on two devices, ben, and somebody without a name. */
async function peopledRoom() {
  const room = server.room();
  const anonymous = await anonymousIn(room);
  const [ann, annsPhone, ben] = await Promise.all([
    room.user("ann"),
    room.user("ann"),
    room.user("ben"),
  ]);
  return { room, ann, annsPhone, ben, anonymous };
}

async function anonymousIn(room: Room) {
  const client = await room.join();
  await client.next("CONNECTED");
  return client;
}

test("P2.1 everybody in the room gets the event, as one frame, once", async () => {
  const { room, ann, annsPhone, ben, anonymous } = await peopledRoom();
  const clients = [ann, annsPhone, ben, anonymous];
  await room.broadcast("TASK_UPDATED", { payload: { taskId: "t1" } });
  for (const client of clients) {
    const { payload } = await client.next("TASK_UPDATED");
    assert.deepEqual(payload, { taskId: "t1" });
  }
  await settle(room, ...clients);
  for (const client of clients) assert.deepEqual(broadcasts(client), ["TASK_UPDATED"]);
});

test("P2.1 no event crosses from one project to another", async () => {
  const [here, there] = [server.room(), server.room()];
  const [ann, alsoAnn] = await Promise.all([here.user("ann"), there.user("ann")]);
  await here.broadcast("HERE");
  await there.broadcast("THERE");
  await Promise.all([settle(here, ann), settle(there, alsoAnn)]);
  assert.deepEqual(broadcasts(ann), ["HERE"]);
  assert.deepEqual(broadcasts(alsoAnn), ["THERE"]);
});

test("P2.1 rooms whose ids differ only in case are separate", async () => {
  const lower = server.room();
  const upper = server.room(lower.id.toUpperCase());
  const ann = await lower.user("ann");
  assert.equal((await upper.broadcast("ELSEWHERE")).recipients, 0);
  await settle(lower, ann);
  assert.deepEqual(broadcasts(ann), []);
});

test("P2.1 events posted one after another arrive in that order", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  const types = Array.from({ length: 50 }, (_, index) => `E${index}`);
  for (const type of types) await room.broadcast(type);
  await settle(room, ann);
  assert.deepEqual(broadcasts(ann), types);
});

test("P2.1 events posted at once arrive in the same order for everybody", async () => {
  const room = server.room();
  const [ann, ben] = await Promise.all([room.user("ann"), room.user("ben")]);
  const types = Array.from({ length: 50 }, (_, index) => `E${index}`);
  await Promise.all(types.map((type) => room.broadcast(type)));
  await settle(room, ann, ben);
  assert.deepEqual(broadcasts(ann).sort(), types.sort());
  assert.deepEqual(broadcasts(ben), broadcasts(ann));
});

test("P2.4 the excluded user gets nothing on any device", async () => {
  const { room, ann, annsPhone, ben, anonymous } = await peopledRoom();
  await room.broadcast("E", { excludeUserId: "ann" });
  await settle(room, ann, annsPhone, ben, anonymous);
  assert.deepEqual([ann, annsPhone, ben, anonymous].map(broadcasts), [[], [], ["E"], ["E"]]);
});

test("P2.4 excludeUserIds leaves out each user of the list", async () => {
  const { room, ann, annsPhone, ben, anonymous } = await peopledRoom();
  await room.broadcast("E", { excludeUserIds: ["ann", "ben", "nobody"] });
  await settle(room, ann, annsPhone, ben, anonymous);
  assert.deepEqual([ann, annsPhone, ben, anonymous].map(broadcasts), [[], [], [], ["E"]]);
});

test("P2.4 excludeUserId and excludeUserIds add up", async () => {
  const { room, ann, annsPhone, ben, anonymous } = await peopledRoom();
  await room.broadcast("E", { excludeUserId: "ben", excludeUserIds: ["ann"] });
  await settle(room, ann, annsPhone, ben, anonymous);
  assert.deepEqual([ann, annsPhone, ben, anonymous].map(broadcasts), [[], [], [], ["E"]]);
});

for (const fields of [
  { excludeUserId: null },
  { excludeUserId: "" },
  { excludeUserIds: null },
  { excludeUserIds: [] },
]) {
  test(`P2.4 ${JSON.stringify(fields)} excludes nobody, not even the anonymous`, async () => {
    const { room } = await peopledRoom();
    const { recipients, excluded } = await room.broadcast("E", fields);
    assert.deepEqual({ recipients, excluded }, { recipients: 4, excluded: 0 });
  });
}

test("P2.4 an id with more than ASCII excludes its user", async () => {
  const room = server.room();
  const zoe = await room.user("zoë 😀 + & %41");
  await room.broadcast("E", { excludeUserId: "zoë 😀 + & %41" });
  await settle(room, zoe);
  assert.deepEqual(broadcasts(zoe), []);
});

test("P2.4 ids are compared in their case", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  await room.broadcast("E", { excludeUserId: "Ann" });
  await ann.next("E");
});

test("P2.5 only the users of userIds get a targeted event, on every device", async () => {
  const { room, ann, annsPhone, ben, anonymous } = await peopledRoom();
  await room.broadcast("E", { userIds: ["ann", "nobody"] });
  await settle(room, ann, annsPhone, ben, anonymous);
  assert.deepEqual([ann, annsPhone, ben, anonymous].map(broadcasts), [["E"], ["E"], [], []]);
});

test("P2.5 exclusions hold among the users of userIds", async () => {
  const { room, ann, annsPhone, ben, anonymous } = await peopledRoom();
  await room.broadcast("E", { userIds: ["ann", "ben"], excludeUserId: "ann" });
  await settle(room, ann, annsPhone, ben, anonymous);
  assert.deepEqual([ann, annsPhone, ben, anonymous].map(broadcasts), [[], [], ["E"], []]);
});

test("P2.5 userIds null counts as absent", async () => {
  const { room } = await peopledRoom();
  assert.equal((await room.broadcast("E", { userIds: null })).recipients, 4);
});

test("P2.5 a user who is in userIds twice gets the event once", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  await room.broadcast("E", { userIds: ["ann", "ann"] });
  await settle(room, ann);
  assert.deepEqual(broadcasts(ann), ["E"]);
});

test("P2.9 the answer counts the sockets that got the event and those left out", async () => {
  const { room } = await peopledRoom();
  assert.deepEqual(await room.broadcast("E", { excludeUserId: "ann" }), {
    success: true,
    message: "Broadcast sent",
    recipients: 2,
    excluded: 2,
    seq: 1,
  });
});

test("P2.9 who was not addressed is not counted as excluded", async () => {
  const { room } = await peopledRoom();
  const fields = { userIds: ["ben"], excludeUserIds: ["ann"] };
  const { recipients, excluded } = await room.broadcast("E", fields);
  assert.deepEqual({ recipients, excluded }, { recipients: 1, excluded: 0 });
});

test("P2.9 an excluded user of userIds is counted as excluded", async () => {
  const { room } = await peopledRoom();
  const fields = { userIds: ["ann", "ben"], excludeUserIds: ["ann"] };
  const { recipients, excluded } = await room.broadcast("E", fields);
  assert.deepEqual({ recipients, excluded }, { recipients: 1, excluded: 2 });
});

test("P2.9 a room that nobody is in takes an event, for no recipients", async () => {
  const { recipients, excluded } = await server.room().broadcast("E");
  assert.deepEqual({ recipients, excluded }, { recipients: 0, excluded: 0 });
});

test("P2.9 a socket that has left is not counted", async () => {
  const { room, ben } = await peopledRoom();
  await ben.leave();
  assert.equal((await room.broadcast("E")).recipients, 3);
});

test("P2.9 an event is not kept for those who come later", async () => {
  const room = server.room();
  await room.broadcast("EARLY");
  const ann = await room.user("ann");
  await settle(room, ann);
  assert.deepEqual(broadcasts(ann), []);
});
