/** A project's room is erased: docs/protocol.md, P8.7. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertRefused } from "../support/expect.ts";
import { idle } from "../support/hibernation.ts";
import { stored } from "../support/storage.ts";
import { NEEDS_OWN_RUNTIME, type Room, SECRET, startOwnServer } from "../support/target.ts";
import { JWT_SECRET, token } from "../support/token.ts";

const CLOSED = { code: 4200, reason: '{"code":"try_again","retryAfterMs":1000}' };

const { server, runtime } = await startOwnServer();
const { server: strict } = await startOwnServer({ vars: { CONNECT_AUTH: "jwt", JWT_SECRET } });

function erase(room: Room, query = "", secret = SECRET): Promise<Response> {
  const headers = { Authorization: `Bearer ${secret}` };
  return fetch(room.url + query, { method: "DELETE", headers });
}

async function erased(room: Room, query = ""): Promise<number> {
  const response = await erase(room, query);
  const { disconnected, ...rest } = (await response.json()) as Record<string, unknown>;
  assert.deepEqual(
    [response.status, rest],
    [200, { success: true, message: "Project erased" }],
    JSON.stringify(rest),
  );
  return disconnected as number;
}

async function remove(room: Room, userId: string): Promise<void> {
  const headers = { Authorization: `Bearer ${SECRET}` };
  await fetch(`${room.url}/users/${userId}?for=600`, { method: "DELETE", headers });
}

async function revoke(room: Room, userId: string): Promise<void> {
  const headers = { Authorization: `Bearer ${SECRET}` };
  const body = JSON.stringify({ userId });
  await fetch(`${room.url}/revoke`, { method: "POST", headers, body });
}

async function closeCode(room: Room, query: Record<string, string>): Promise<number | "in"> {
  const client = await room.join(query);
  const connected = client.next("CONNECTED").then(() => "in" as const);
  connected.catch(() => {});
  return Promise.race([connected, client.closed.then(({ code }) => code)]);
}

describe("an erased room", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  test("P8.7 all sockets close with 4200, and their clients find another epoch", async () => {
    const room = server.room();
    const clients = [await room.user("ann"), await room.user("ben"), await room.user("")];
    const { seq } = await room.broadcast("E", { payload: { secret: 1 } });
    const { epoch } = await room.state();
    assert.equal(await erased(room), 3);
    for (const client of clients) assert.deepEqual(await client.close(), CLOSED);
    const back = await room.join({ userId: "ann", since: `${epoch}:${seq}` });
    const { payload } = await back.next("CONNECTED");
    assert.deepEqual([payload.recovered, payload.seq, payload.activeUsers], [false, 0, 1]);
    assert.notEqual(payload.epoch, epoch);
    assert.equal((await room.broadcast("E")).seq, 1);
  });

  test("P8.7 users who were expected back are forgotten, and a retry counts as new", async () => {
    const room = server.room();
    (await room.user("ann")).socket.terminate();
    await room.broadcast("E", { id: "once" });
    await erased(room);
    const { users, activeUsers, oldestSeq } = await room.state();
    assert.deepEqual([users, activeUsers, oldestSeq], [[], 0, null]);
    assert.equal((await room.broadcast("E", { id: "once" })).duplicate, undefined);
  });

  test("P8.7 it can be repeated, and the room need not exist", async () => {
    const room = server.room();
    for (let times = 0; times < 3; times++) assert.equal(await erased(room), 0);
  });

  test("P8.7 removals and revocations are kept", async () => {
    const [room, guarded] = [server.room(), strict.room()];
    const query = { token: token() };
    await remove(room, "ann");
    await revoke(guarded, "ann");
    for (const each of [room, guarded]) await erased(each);
    assert.equal(await closeCode(room, { userId: "ann" }), 4003);
    assert.equal(await closeCode(guarded, query), 4100);
    await idle();
    assert.equal(await closeCode(room, { userId: "ann" }), 4003);
    assert.equal(await closeCode(guarded, query), 4100);
  });

  test("P8.7 with all=true they are erased too", async () => {
    const [room, guarded] = [server.room(), strict.room()];
    await remove(room, "ann");
    await revoke(guarded, "ann");
    for (const each of [room, guarded]) await erased(each, "?all=true");
    assert.equal(await closeCode(room, { userId: "ann" }), "in");
    assert.equal(await closeCode(guarded, { token: token() }), "in");
  });

  test("P8.7 it needs the secret, and a valid value of all", async () => {
    const room = server.room();
    const { seq } = await room.broadcast("E");
    await assertRefused(await erase(room, "", "wrong"), 401, "unauthorized");
    for (const query of ["?all", "?all=1", "?all=false"])
      await assertRefused(await erase(room, query), 400, "invalid_field");
    assert.equal((await room.state()).seq, seq);
    await runtime.untilLines("erasure", 1);
  });
});

test("P8.7 after a crash an erased room is erased, with its refusals", {
  skip: NEEDS_OWN_RUNTIME,
}, async () => {
  const { server: crashing, runtime: own } = await startOwnServer();
  const room = crashing.room();
  const payload = { note: "the-contents-that-must-be-gone" };
  await room.broadcast("E", { payload });
  await remove(room, "ann");
  await erased(room);
  await own.kill();
  await own.run();
  const { seq, oldestSeq } = await room.state();
  assert.deepEqual([seq, oldestSeq], [0, null]);
  assert.equal(await closeCode(room, { userId: "ann" }), 4003);
  await own.kill();
  const left = await stored(own, room);
  assert.deepEqual(Object.keys(left.values), ["epoch"]);
  assert.ok(!JSON.stringify(left).includes(payload.note));
});
