/** A crash of the whole server, by SIGKILL: docs/protocol.md, P5.4. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { PartyClient } from "../support/party.ts";
import { connectionsAre, listed, summary, told } from "../support/presence.ts";
import { durable } from "../support/recovery.ts";
import type { Runtime } from "../support/runtime.ts";
import { NEEDS_OWN_RUNTIME, type Room, type Server, startOwnServer } from "../support/target.ts";

const ROOMS = 4;
const USERS_PER_ROOM = 5;
const SWEEP_MS = 5_000;
const GRACE_MS = 1_000;
/** How late an alarm can be on a busy machine: less than the time after which the room would sleep again. */
const LATE_MS = 4_000;

// A crash is felt by all rooms of a process: what is to run at the same time has its own.
const party = await startOwnServer();
const { server, runtime } = await startOwnServer();
const brief = await startOwnServer({
  vars: { PRESENCE_GRACE_SECONDS: "1", STALE_SOCKET_SECONDS: "5" },
});

describe("a crash of the server", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  test("P5.4 every partysocket client is back and receiving, twice in a row, and nothing is announced", async () => {
    const clients = await fill(party.server);
    for (const round of ["FIRST", "SECOND"]) {
      await crash(party.runtime);
      await Promise.all(clients.map(({ client }) => client.next("CONNECTED")));
      for (const room of new Set(clients.map(({ room }) => room))) {
        const { recipients } = await room.broadcast(round);
        assert.equal(recipients, USERS_PER_ROOM);
      }
      const heard = await Promise.all(clients.map(({ client }) => client.until(round)));
      assert.deepEqual(summary(heard.flat()), []);
    }
  });

  describe("with the usual grace period", { concurrency: false }, () => {
    test("P5.4 a user who has not returned yet is in users, with the old joinedAt", async () => {
      const room = server.room();
      await room.user("ann", "Ann");
      await durable(room);
      const before = await listed(room, "ann");
      await crash(runtime);
      const ben = await room.join({ userId: "ben" });
      const { payload } = await ben.next("CONNECTED");
      assert.equal(payload.activeUsers, 2);
      assert.deepEqual({ ...payload.users[0], devices: 1 }, before);
      assert.deepEqual(await listed(room, "ann"), { ...before, devices: 0 });
    });

    test("P5.4 a user who returns is not announced", async () => {
      const room = server.room();
      for (const userId of ["ann", "ben"]) await room.user(userId);
      const before = await room.state();
      await durable(room);
      await crash(runtime);
      const ben = await room.user("ben");
      await room.user("ann");
      assert.deepEqual(await told(room, ben), []);
      assert.deepEqual((await room.state()).users, before.users);
    });

    test("P5.7 the newest name counts, from whichever device it came", async () => {
      const room = server.room();
      for (const name of ["Ann", "Annie"]) await room.user("ann", name);
      await durable(room);
      await crash(runtime);
      assert.equal((await listed(room, "ann"))?.userName, "Annie");
    });

    test("P5.2 a user who had left before is not there afterwards", async () => {
      const room = server.room();
      const [ann] = [await room.user("ann"), await room.user("ben")];
      await ann.leave();
      await connectionsAre(room, 1);
      await durable(room);
      await crash(runtime);
      const { users } = await room.state();
      assert.deepEqual(
        users.map(({ userId }) => userId),
        ["ben"],
      );
    });

    test("P4.7 pings are answered", async () => {
      const room = server.room();
      await room.user("ann");
      await crash(runtime);
      const ann = await room.user("ann");
      ann.send('{"type":"PING"}');
      assert.deepEqual(await ann.next("PONG"), { type: "PONG", payload: {} });
    });
  });

  describe("with a short grace period", { concurrency: false }, () => {
    test("P5.4 a user who does not return leaves when the grace period from waking is over", async () => {
      const room = brief.server.room();
      for (const userId of ["ann", "ben"]) await room.user(userId);
      await crash(brief.runtime);
      const start = Date.now();
      const ben = await room.user("ben");
      const { payload, timestamp = 0 } = await ben.next("USER_LEFT");
      assert.equal(payload.userId, "ann");
      assert.ok(timestamp - start >= GRACE_MS);
    });

    test("P5.4 everybody leaves by alarm even if nothing ever calls the room again", async () => {
      const room = brief.server.room();
      for (const userId of ["ann", "ben"]) await room.user(userId);
      await crash(brief.runtime);
      const start = Date.now();
      // The sweep that was due wakes the room; asking it before would do that in its place.
      await pause(SWEEP_MS + GRACE_MS + LATE_MS);
      const { users, awakeSince } = await room.state();
      assert.deepEqual(users, []);
      assert.ok(awakeSince >= start && awakeSince < start + SWEEP_MS + GRACE_MS);
    });
  });
});

async function crash(runtime: Runtime): Promise<void> {
  await runtime.kill();
  await runtime.run();
}

/** Rooms full of partysocket clients that all know of each other. */
async function fill(server: Server): Promise<{ room: Room; client: PartyClient }[]> {
  const clients = Array.from({ length: ROOMS }, () => server.room()).flatMap((room) =>
    Array.from({ length: USERS_PER_ROOM }, (_, index) => {
      return { room, client: new PartyClient(room, `user-${index}`, `User ${index}`) };
    }),
  );
  await Promise.all(clients.map(({ client }) => client.next("CONNECTED")));
  for (const room of new Set(clients.map(({ room }) => room))) await room.broadcast("READY");
  await Promise.all(clients.map(({ client }) => client.next("READY")));
  return clients;
}
