/** What connections say of themselves, and who hears it: docs/protocol.md, P12. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { done } from "../client-events/talk.ts";
import type { Client } from "../support/client.ts";
import { settle } from "../support/expect.ts";
import { assertAwakeSince, idle } from "../support/hibernation.ts";
import type { Frame } from "../support/inbox.ts";
import { connectionsAre } from "../support/presence.ts";
import { durable } from "../support/recovery.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";

const MAX_BYTES = 4_096;
const PRESENCE_DATA_MAX = `${MAX_BYTES}`;
const ON = { CLIENT_EVENTS: "on", PRESENCE_DATA_MAX };

const { server } = await startOwnServer({ vars: ON });
const { server: hasty } = await startOwnServer({ vars: { ...ON, PRESENCE_GRACE_SECONDS: "1" } });
const { server: large } = await startOwnServer({ vars: { ...ON, PRESENCE_EVENTS_MAX: "2" } });
const { server: off } = await startOwnServer({ vars: { PRESENCE_GRACE_SECONDS: "1" } });
const fragile = await startOwnServer({ vars: ON });

describe("P12 presence data", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  test("P12.5 all others hear a change, also the user's other devices, and the sender does not", async () => {
    const room = server.room();
    const ann = await as(room, "ann", "a1");
    const others = [await as(room, "ann", "a2"), await room.user("ben"), await room.join()];
    set(ann, { at: "task:t1", cursor: [0.5, 0.25] });
    for (const other of others) {
      const { payload } = await other.next("USER_UPDATED");
      const { joinedAt, ...rest } = payload;
      assert.equal(typeof joinedAt, "number");
      const data = { at: "task:t1", cursor: [0.5, 0.25] };
      assert.deepEqual(rest, {
        userId: "ann",
        userName: null,
        verified: false,
        projectId: room.id,
        data: [{ connectionId: "a1", data }],
      });
    }
    assert.deepEqual(await updates(room, ann), []);
  });

  test("P12.1 a patch replaces keys, null removes them, and values stay as they were sent", async () => {
    const room = server.room();
    const [ann, ben] = [await as(room, "ann", "a"), await room.user("ben")];
    ann.send('{"type":"PRESENCE_SET","patch":{ "b" : 1.50 , "a":{"x": [1e2, "\\u00e9 "]}}}');
    ann.send('{"type":"PRESENCE_SET","patch":{"b":null,"c":-0}}');
    await done(ann);
    await settle(room, ben);
    const [first = "", second = ""] = ben.texts.filter((text) => text.includes("USER_UPDATED"));
    assert.ok(first.includes('"data":{"a":{"x":[1e2,"\\u00e9 "]},"b":1.50}'), first);
    assert.ok(second.includes('"data":{"a":{"x":[1e2,"\\u00e9 "]},"c":-0}'), second);
  });

  test("P12.4 whoever comes is told what each connection has said, oldest first", async () => {
    const room = server.room();
    const [first, second] = [await as(room, "ann", "z"), await as(room, "ann", "a")];
    set(second, { n: 2 });
    set(first, { n: 1 });
    await Promise.all([done(first), done(second)]);
    const [ann] = await usersFor(room, "ben");
    assert.deepEqual(ann.data, [
      { connectionId: "z", data: { n: 1 } },
      { connectionId: "a", data: { n: 2 } },
    ]);
  });

  test("P12.2 what is refused changes nothing, and the socket stays open", async () => {
    const room = server.room();
    const [ann, ben, nobody] = [
      await as(room, "ann", "a"),
      await room.user("ben"),
      await room.join(),
    ];
    set(ann, { n: 1 });
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, key) => [`k${key}`, key]));
    const refused: [Client, unknown, string][] = [
      [nobody, { n: 2 }, "not_allowed"],
      [ann, { n: "x".repeat(MAX_BYTES) }, "presence_data_too_big"],
      [ann, many, "malformed_message"],
      [ann, [], "malformed_message"],
      [ann, { at: 7 }, "malformed_message"],
      [ann, { at: "x".repeat(257) }, "malformed_message"],
    ];
    for (const [client, patch, code] of refused) {
      set(client, patch);
      assert.equal((await client.next("ERROR")).payload.code, code);
    }
    assert.equal((await updates(room, ben)).length, 1);
    assert.deepEqual((await usersFor(room, "cy"))[0].data, [{ connectionId: "a", data: { n: 1 } }]);
  });

  test("P12.1 names of JavaScript's own are keys like any other", async () => {
    const room = server.room();
    const [ann, ben] = [await as(room, "ann", "a"), await room.user("ben")];
    ann.send('{"type":"PRESENCE_SET","patch":{"__proto__":{"userId":"eve"},"constructor":1}}');
    const { payload } = await ben.next("USER_UPDATED");
    assert.equal(payload.userId, "ann");
    const own = Object.getOwnPropertyNames(payload.data[0].data);
    assert.deepEqual(own.sort(), ["__proto__", "constructor"]);
  });

  test("P12.8 a room that slept knows the data, and a patch goes on from them", async () => {
    const room = server.room();
    const [ann, ben] = [await as(room, "ann", "a"), await room.user("ben")];
    // The runtime keeps two bytes for each character if one of them needs two.
    const longest = `€${"x".repeat(MAX_BYTES - '{"m":1,"n":"€"}'.length - 2)}`;
    set(ann, { m: 1, n: longest });
    await ben.next("USER_UPDATED");
    await idle();
    const start = Date.now();
    const [waking] = await usersFor(room, "cy");
    assert.deepEqual(waking.data, [{ connectionId: "a", data: { m: 1, n: longest } }]);
    await assertAwakeSince(room, start);
    await idle();
    set(ann, { m: null, n: "short" });
    const { payload } = await ben.next("USER_UPDATED");
    assert.deepEqual(payload.data[0].data, { n: "short" });
  });

  test("P12.6 a socket that overlaps an old one has its data, whose end is not told", async () => {
    const room = server.room();
    const [old, ben] = [await as(room, "ann", "a"), await room.user("ben")];
    set(old, { n: 1 });
    await ben.next("USER_UPDATED");
    const again = await as(room, "ann", "a");
    old.socket.terminate();
    await connectionsAre(room, 2);
    assert.deepEqual(await updates(room, ben), []);
    set(again, { m: 2 });
    assert.deepEqual((await ben.next("USER_UPDATED")).payload.data[0].data, { m: 2, n: 1 });
  });

  test("P12.6 in the grace period the last data stand, and come back with the same connection", async () => {
    const room = server.room();
    const [ann, ben] = [await as(room, "ann", "a"), await room.user("ben")];
    set(ann, { n: 1 });
    await ben.next("USER_UPDATED");
    const start = Date.now();
    ann.socket.terminate();
    const lost = (await ben.next("USER_UPDATED")).payload;
    assert.ok(lost.leavesAt >= start + 10_000, `${lost.leavesAt - start}`);
    assert.equal(lost.data, undefined);
    const waiting = (await usersFor(room, "cy"))[0];
    const said = [{ connectionId: "a", data: { n: 1 } }];
    assert.deepEqual([waiting.data, waiting.leavesAt], [said, lost.leavesAt]);
    const users = await usersFor(room, "ann", "a");
    assert.deepEqual([users[0].data, users[0].leavesAt], [said, undefined]);
    const back = (await updates(room, ben)).at(-1);
    assert.deepEqual([back?.payload.data, back?.payload.leavesAt], [undefined, undefined]);
  });

  test("P12.6 a return with another connection ends the old one's data", async () => {
    const room = server.room();
    const [ann, ben] = [await as(room, "ann", "a"), await room.user("ben")];
    set(ann, { n: 1 });
    await done(ann);
    ann.socket.terminate();
    await connectionsAre(room, 1);
    assert.equal((await usersFor(room, "ann", "other"))[0].data, undefined);
    const back = (await updates(room, ben)).at(-1)?.payload;
    assert.deepEqual(back.data, [{ connectionId: "a", data: null }]);
    assert.equal(back.leavesAt, undefined);
  });

  test("P5.3 a user who does not come back leaves, with all data", async () => {
    const room = hasty.room();
    const [ann, ben] = [await as(room, "ann", "a"), await room.user("ben")];
    set(ann, { n: 1 });
    await done(ann);
    ann.socket.terminate();
    await ben.next("USER_LEFT");
    assert.equal((await usersFor(room, "ann", "a")).find(isAnn)?.data, undefined);
  });

  test("P12.8 after a crash the last data of a user who is waited for are there", async () => {
    const room = fragile.server.room();
    const [ann, ben] = [await as(room, "ann", "a"), await as(room, "ben", "b")];
    set(ann, { n: 1 });
    set(ben, { n: 2 });
    await Promise.all([done(ann), done(ben)]);
    ann.socket.terminate();
    await connectionsAre(room, 1);
    await durable(room);
    await fragile.runtime.kill();
    await fragile.runtime.run();
    const users = await usersFor(room, "cy");
    const [waiting, lost] = ["ann", "ben"].map((id) => users.find(({ userId }) => userId === id));
    assert.deepEqual(waiting?.data, [{ connectionId: "a", data: { n: 1 } }]);
    assert.equal(lost?.data, undefined);
  });

  test("P12.5 the end of one of two devices takes its data along", async () => {
    const room = server.room();
    const [one, ben] = [await as(room, "ann", "a1"), await room.user("ben")];
    await as(room, "ann", "a2");
    set(one, { n: 1 });
    await ben.next("USER_UPDATED");
    await one.leave(1000);
    const { payload } = await ben.next("USER_UPDATED");
    assert.deepEqual(payload.data, [{ connectionId: "a1", data: null }]);
  });

  test("P5.7 a changed name is told to those who are there", async () => {
    const room = server.room();
    const [ben] = [await room.user("ben"), await room.user("ann", "Ann")];
    await room.user("ann", "Anna");
    const { payload } = await ben.next("USER_UPDATED");
    assert.deepEqual([payload.userName, payload.data], ["Anna", undefined]);
  });

  test("P12.7 in a large room only those at the same place hear each other", async () => {
    const room = large.room();
    const [ann, ben, cy] = [
      await as(room, "ann", "a"),
      await as(room, "ben", "b"),
      await as(room, "cy", "c"),
    ];
    set(ben, { at: "x" });
    set(cy, { at: "y" });
    await Promise.all([done(ben), done(cy)]);
    set(ann, { at: "x" });
    assert.deepEqual(said(await ann.next("USER_UPDATED")), ["ben", { at: "x" }]);
    const heard = [...(await updates(room, ben)), ...(await updates(room, cy))];
    assert.deepEqual(heard.map(said), [["ann", { at: "x" }]]);
    assert.deepEqual(await updates(room, ann), []);
    assert.ok((await usersFor(room, "dan")).every(({ data }) => data === undefined));
    ann.socket.terminate();
    await connectionsAre(room, 3);
    const again = await as(room, "ann", "a");
    const news = (await updates(room, ben)).map(({ payload }) => typeof payload.leavesAt);
    assert.deepEqual(news, ["number", "undefined"]);
    assert.deepEqual((await updates(room, again)).map(said), [["ben", { at: "x" }]]);
    await again.leave(1000);
    assert.deepEqual((await updates(room, ben)).map(said), [["ann", null]]);
  });

  test("P4.8 without client events nothing of it is ever said", async () => {
    const room = off.room();
    const [ann, ben] = [await as(room, "ann", "a"), await room.user("ben")];
    set(ann, { n: 1 });
    assert.equal((await ann.next("ERROR")).payload.code, "client_events_disabled");
    ann.socket.terminate();
    await connectionsAre(room, 1);
    await room.user("ann", "Ann");
    await room.user("ann", "Anna");
    await settle(room, ben);
    const types = ben.frames.map(({ type }) => type);
    assert.deepEqual(types, ["CONNECTED", "TEST_MARKER"]);
    const [user] = await usersFor(room, "cy");
    assert.deepEqual(Object.keys(user), ["userId", "userName", "joinedAt", "verified"]);
  });
});

interface User {
  userId: string;
  data?: { connectionId: string; data: unknown }[];
  leavesAt?: number;
}

const isAnn = ({ userId }: User) => userId === "ann";

/** Joins with a connection of this name, and reads `CONNECTED`. */
async function as(room: Room, userId: string, _pk: string): Promise<Client> {
  const client = await room.join({ userId, _pk });
  await client.next("CONNECTED");
  return client;
}

function set(client: Client, patch: unknown): void {
  client.send({ type: "PRESENCE_SET", patch });
}

/** The users whom a client is told of that joins now. */
async function usersFor(room: Room, userId: string, _pk = userId): Promise<[User, ...User[]]> {
  const client = await room.join({ userId, _pk });
  return (await client.next("CONNECTED")).payload.users;
}

/** What a client was told of users and has not read, up to now. */
async function updates(room: Room, client: Client): Promise<Frame[]> {
  const marker = `MARKER_${randomUUID()}`;
  await room.broadcast(marker);
  const frames = await client.until(marker);
  return frames.filter(({ type }) => type === "USER_UPDATED");
}

/** The user, and all that the connection says of itself. */
function said({ payload }: Frame): [string, unknown] {
  return [payload.userId, payload.data[0].data];
}
