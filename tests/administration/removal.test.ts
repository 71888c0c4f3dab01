/** A user is removed from a room: docs/protocol.md, P8. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertRefused, broadcasts, settle } from "../support/expect.ts";
import { idle } from "../support/hibernation.ts";
import { PATIENCE_MS } from "../support/inbox.ts";
import { told } from "../support/presence.ts";
import {
  NEEDS_OWN_RUNTIME,
  type Room,
  SECRET,
  startOwnServer,
  startServer,
} from "../support/target.ts";

const server = await startServer();
const REMOVED = { code: 4003, reason: '{"code":"removed"}' };

function remove(room: Room, userId: string, query = "", secret = SECRET): Promise<Response> {
  return fetch(`${room.url}/users/${encodeURIComponent(userId)}${query}`, {
    method: "DELETE",
    headers: { Authorization: `Bearer ${secret}` },
  });
}

/** How a client that comes now is received. */
async function received(room: Room, userId: string): Promise<number | "CONNECTED"> {
  const client = await room.join({ userId });
  const connected = client.next("CONNECTED").then(() => "CONNECTED" as const);
  connected.catch(() => {});
  return Promise.race([connected, client.closed.then(({ code }) => code)]);
}

// Most of them wait, for a Close or for the end of a time, so they do it together.
describe("a removal", { concurrency: true }, () => {
  test("P8.1 all sockets of the user close with 4003, and no others", async () => {
    const room = server.room();
    const anns = [await room.user("ann"), await room.user("ann")];
    const others = [await room.user("ben"), await room.user("ann2")];
    const response = await remove(room, "ann");
    assert.equal(response.status, 200);
    const answer = { success: true, message: "User removed", disconnected: 2, refusedUntil: null };
    assert.deepEqual(await response.json(), answer);
    for (const ann of anns) assert.deepEqual(await ann.close(), REMOVED);
    await settle(room, ...others);
  });

  test("P8.1 no event after the answer reaches the user", async () => {
    const room = server.room();
    const ann = await room.user("ann");
    await room.broadcast("BEFORE");
    await remove(room, "ann");
    assert.equal((await room.broadcast("AFTER")).recipients, 0);
    await ann.close();
    assert.deepEqual(broadcasts(ann), ["BEFORE"]);
  });

  test("P8.1 the others are told at once, even about a user who was expected back", async () => {
    const room = server.room();
    const ben = await room.user("ben");
    await room.user("ann");
    (await room.user("eve")).socket.terminate();
    for (const user of ["ann", "eve"]) await remove(room, user);
    const joins = ["USER_JOINED ann", "USER_JOINED eve"];
    assert.deepEqual(await told(room, ben), [...joins, "USER_LEFT ann", "USER_LEFT eve"]);
  });

  test("P8.1 a user who is not there is removed too, even with an odd name", async () => {
    const response = await remove(server.room(), "a/b ü%");
    assert.equal(((await response.json()) as { disconnected: number }).disconnected, 0);
  });

  test("P8.2 without for the user may return at once", async () => {
    const room = server.room();
    await room.user("ann");
    await remove(room, "ann");
    assert.equal(await received(room, "ann"), "CONNECTED");
  });

  test("P8.2 with for, that user is kept out of that room until then", async () => {
    const room = server.room();
    const before = Date.now();
    const { refusedUntil } = (await (await remove(room, "ann", "?for=60")).json()) as {
      refusedUntil: number;
    };
    assert.ok(refusedUntil >= before + 60_000 && refusedUntil <= Date.now() + 60_000);
    assert.equal(await received(room, "ann"), 4003);
    assert.equal(await received(room, "ben"), "CONNECTED");
    assert.equal(await received(room, ""), "CONNECTED");
    assert.equal(await received(server.room(), "ann"), "CONNECTED");
  });

  test("P8.2 when the time has passed the user may return", async () => {
    const room = server.room();
    await remove(room, "ann", "?for=3");
    const until = Date.now() + PATIENCE_MS;
    let came = await received(room, "ann");
    assert.equal(came, 4003);
    while (came === 4003 && Date.now() < until) came = await received(room, "ann");
    assert.equal(came, "CONNECTED");
  });

  test("P8.2 the newest removal counts: without for it lets the user return", async () => {
    const room = server.room();
    await remove(room, "ann", "?for=60");
    await remove(room, "ann");
    assert.equal(await received(room, "ann"), "CONNECTED");
  });

  for (const query of ["?for=0", "?for=", "?for=-1", "?for=31536001", "?for=soon"]) {
    test(`P8.2 ${query} is refused`, async () => {
      await assertRefused(await remove(server.room(), "ann", query), 400, "invalid_removal");
    });
  }

  test("P8.1 an invalid user id is refused", async () => {
    for (const id of ["x".repeat(129), "a\nb"])
      await assertRefused(await remove(server.room(), id), 400, "invalid_removal");
  });

  test("P8.1 it needs the secret, and wakes no room without it", async () => {
    const room = server.room();
    const ann = await room.user("ann");
    await assertRefused(await remove(room, "ann", "", "wrong"), 401, "unauthorized");
    await settle(room, ann);
  });

  describe("a refused return", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, async () => {
    const { server: crashing, runtime } = await startOwnServer();

    test("P8.2 is remembered by a room that slept", async () => {
      const room = server.room();
      await remove(room, "ann", "?for=60");
      await idle();
      assert.equal(await received(room, "ann"), 4003);
    });

    test("P8.2 is remembered after a crash", async () => {
      const room = crashing.room();
      await remove(room, "ann", "?for=60");
      await runtime.kill();
      await runtime.run();
      assert.equal(await received(room, "ann"), 4003);
    });
  });
});
