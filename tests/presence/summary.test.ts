/** Presence in a large room, told in summaries: docs/protocol.md, P5.5. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Client } from "../support/client.ts";
import type { Frame } from "../support/inbox.ts";
import { connectionsAre, summary, told } from "../support/presence.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";

const MAX = 3;
/** A summary is stamped with the server's clock, which stands still during an event. */
const INTERVAL_MS = 1_000;

const { server } = await startOwnServer({
  vars: { PRESENCE_EVENTS_MAX: `${MAX}`, PRESENCE_GRACE_SECONDS: "1" },
});

describe("P5.5 a large room", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  test("P5.5 a room of exactly PRESENCE_EVENTS_MAX users is told of each join and leave", async () => {
    const room = server.room();
    const watcher = await room.join();
    const users = await join(room, MAX);
    await users[0]?.leave();
    await connectionsAre(room, MAX);
    const joins = users.map((_, index) => `USER_JOINED u${index}`);
    assert.deepEqual(await told(room, watcher), [...joins, "USER_LEFT u0"]);
  });

  test("P5.5 the join that makes it larger is announced as PRESENCE, to everybody", async () => {
    const room = server.room();
    const anonymous = await room.join();
    const users = await join(room, MAX + 1);
    for (const client of [anonymous, ...users]) {
      const { payload, timestamp } = await client.next("PRESENCE");
      assert.deepEqual(payload, { activeUsers: MAX + 1 });
      assert.equal(typeof timestamp, "number");
    }
    assert.ok(!summary(anonymous.frames).includes(`USER_JOINED u${MAX}`));
  });

  test("P5.5 many joins and leaves give at most one PRESENCE a second, the last with the final count", async () => {
    const room = server.room();
    const watcher = await room.join();
    const users = await join(room, 12);
    const start = Date.now();
    await Promise.all(users.slice(0, 4).map((user) => user.leave()));
    await counted(watcher, 8, start);
    assertSpaced(watcher.frames.filter(({ type }) => type === "PRESENCE"));
    const events = summary(watcher.frames).filter((event) => !event.startsWith("PRESENCE"));
    assert.deepEqual(
      events,
      users.slice(0, MAX).map((_, index) => `USER_JOINED u${index}`),
    );
  });

  test("P5.5 when it is small again one PRESENCE lists everybody, and joins and leaves are announced again", async () => {
    const room = server.room();
    const watcher = await room.join();
    const users = await join(room, MAX + 1);
    await watcher.next("PRESENCE");
    await users[0]?.leave();
    const { payload } = await watcher.next("PRESENCE");
    assert.equal(payload.activeUsers, MAX);
    const listed = (await room.state()).users.map(({ devices: _, ...user }) => user);
    assert.deepEqual(payload.users, listed);
    await users[1]?.leave();
    assert.equal((await watcher.next()).type, "USER_LEFT");
    await room.user("ann");
    assert.equal((await watcher.next()).type, "USER_JOINED");
  });

  test("P5.5 a user whose grace period ends in a large room counts in the PRESENCE", async () => {
    const room = server.room();
    const watcher = await room.join();
    const users = await join(room, MAX + 2);
    await counted(watcher, MAX + 2);
    const start = Date.now();
    users[0]?.socket.terminate();
    await counted(watcher, MAX + 1, start);
    assert.ok(!summary(watcher.frames).includes("USER_LEFT u0"));
  });

  test("P5.5 a room that keeps changing its size gets at most one count per second", async () => {
    const room = server.room();
    const watcher = await room.join();
    await join(room, MAX);
    for (let round = 0; round < 4; round++) {
      const one = await room.user("one-too-many");
      await one.leave();
      await connectionsAre(room, MAX + 1);
    }
    await told(room, watcher);
    const counts = watcher.frames.filter(
      ({ type, payload }) => type === "PRESENCE" && !payload.users,
    );
    assertSpaced(counts);
  });
});

/** So many users, one after the other. */
async function join(room: Room, count: number): Promise<Client[]> {
  const users: Client[] = [];
  for (let index = 0; index < count; index++) users.push(await room.user(`u${index}`));
  return users;
}

/** Waits for a PRESENCE with this count, sent since then. */
async function counted(watcher: Client, activeUsers: number, since = 0): Promise<void> {
  for (;;) {
    const { payload, timestamp = 0 } = await watcher.next("PRESENCE");
    if (payload.activeUsers === activeUsers && timestamp >= since) return;
  }
}

function assertSpaced(frames: Frame[]): void {
  const times = frames.map(({ timestamp }) => timestamp ?? 0);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  assert.ok(
    gaps.every((gap) => gap >= INTERVAL_MS),
    `gaps between summaries: ${gaps.join(", ")} ms`,
  );
}
