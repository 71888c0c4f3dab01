/** A user whose last connection was lost may return: docs/protocol.md, P5.3. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "../support/client.ts";
import { connectionsAre, listed, summary, told } from "../support/presence.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";

/** Longer than a busy machine takes to let somebody return in time. */
const GRACE_MS = 5_000;
/** How late an alarm can be on a busy machine. */
const LATE_MS = 8_000;

const { server } = await startOwnServer({
  vars: { PRESENCE_GRACE_SECONDS: `${GRACE_MS / 1_000}` },
});
const { server: withoutGrace } = await startOwnServer({ vars: { PRESENCE_GRACE_SECONDS: "0" } });

/** All ends but a Close with 1000. */
const BREAKS: Record<string, (client: Client) => void> = {
  "a lost network (1006)": (client) => client.socket.terminate(),
  "a reload (1001)": (client) => client.socket.close(1001),
  "a Close without a code (1005)": (client) => client.socket.close(),
  "a code of the app's own (4900)": (client) => client.socket.close(4900),
  "a frame over the limit (4009)": (client) => client.send("x".repeat(16_385)),
};

describe("P5.3 a broken end", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  for (const [name, end] of Object.entries(BREAKS)) {
    test(`P5.3 ${name} leaves the user present until the grace period is over`, async () => {
      const room = server.room();
      const ben = await room.user("ben");
      const ann = await room.user("ann", "Ann");
      const start = Date.now();
      end(ann);
      const { activeUsers, users } = await connectionsAre(room, 1);
      assert.equal(activeUsers, 2);
      assert.equal(users.find(({ userId }) => userId === "ann")?.devices, 0);
      const left = await ben.next("USER_LEFT");
      assert.deepEqual(left.payload, { userId: "ann", userName: "Ann", projectId: room.id });
      assertInTime(left.timestamp, start);
      assert.equal(await listed(room, "ann"), undefined);
    });
  }

  test("P5.3 a newcomer is shown the user who is expected back", async () => {
    const room = server.room();
    await broken(room, "ann");
    const ben = await room.join({ userId: "ben" });
    const { payload } = await ben.next("CONNECTED");
    assert.equal(payload.activeUsers, 2);
    assert.ok(payload.users.some(({ userId }: { userId: string }) => userId === "ann"));
  });

  test("P5.3 the alarm tells anonymous sockets too", async () => {
    const room = server.room();
    const anonymous = await room.join();
    await broken(room, "ann");
    assert.equal((await anonymous.next("USER_LEFT")).payload.userId, "ann");
  });

  test("P5.3 if the user returns in time, nothing is announced, then or later", async () => {
    const room = server.room();
    const ben = await room.user("ben");
    await broken(room, "ann");
    const waiting = await listed(room, "ann");
    await room.user("ann");
    // This user's grace period ends after the one that ann had.
    await broken(room, "cy");
    const heard = await ben.until("USER_LEFT");
    assert.deepEqual(summary(heard), ["USER_JOINED ann", "USER_JOINED cy"]);
    assert.deepEqual(await listed(room, "ann"), { ...waiting, devices: 1 });
  });

  test("P5.3 the grace period of a user who is lost twice counts from the second time", async () => {
    const room = server.room();
    const ben = await room.user("ben");
    await broken(room, "ann");
    // Not a wait for something: it tells the two periods apart.
    await pause(GRACE_MS / 2);
    const start = await broken(room, "ann");
    assertInTime((await ben.next("USER_LEFT")).timestamp, start);
  });

  test("P5.3 each user has their own grace period", async () => {
    const room = server.room();
    const ben = await room.user("ben");
    const anns = await broken(room, "ann");
    await pause(GRACE_MS / 2);
    const cys = await broken(room, "cy");
    const [ann, cy] = [await ben.next("USER_LEFT"), await ben.next("USER_LEFT")];
    assert.deepEqual(summary([ann, cy]), ["USER_LEFT ann", "USER_LEFT cy"]);
    assertInTime(ann.timestamp, anns);
    assertInTime(cy.timestamp, cys);
  });

  test("P5.7 a user who returns keeps joinedAt and may bring a newer name", async () => {
    const room = server.room();
    const ann = await room.user("ann", "Ann");
    const before = await listed(room, "ann");
    ann.socket.terminate();
    await connectionsAre(room, 0);
    await room.user("ann", "Annie");
    assert.deepEqual(await listed(room, "ann"), { ...before, userName: "Annie" });
  });

  test("P5.3 without a grace period USER_LEFT goes out at once", async () => {
    const room = withoutGrace.room();
    const ben = await room.user("ben");
    await broken(room, "ann");
    assert.equal((await room.state()).activeUsers, 1);
    assert.deepEqual(await told(room, ben), ["USER_JOINED ann", "USER_LEFT ann"]);
  });
});

/** A user joins and their connection is lost. Returns when that was. */
async function broken(room: Room, userId: string): Promise<number> {
  const { connections } = await room.state();
  const client = await room.user(userId);
  const start = Date.now();
  client.socket.terminate();
  await connectionsAre(room, connections);
  return start;
}

function assertInTime(leftAt: number | undefined, start: number): void {
  const waited = (leftAt ?? 0) - start;
  assert.ok(waited >= GRACE_MS && waited < GRACE_MS + LATE_MS, `left after ${waited} ms`);
}
