/** Expired events leave the storage: docs/protocol.md, P7.2. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { positionOf, returnTo } from "../support/recovery.ts";
import type { Runtime } from "../support/runtime.ts";
import { runOnStorage, storedRows } from "../support/storage.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";

const AN_HOUR_PASSES = "UPDATE journal SET at = at - 3600000";
const AS_BY_AN_EARLIER_VERSION = "UPDATE epoch SET rowid = 1";

/** Three events with all that an event can have. */
async function publishThree(room: Room): Promise<void> {
  for (const n of [1, 2, 3]) {
    const payload = { note: `contents-of-${n}`, long: "contents".repeat(1_000) };
    await room.broadcast("E", { payload, id: `key-${n}`, userIds: ["ann", "zoe"] });
  }
}

/** A user leaves by alarm. Whatever else the room has to do by alarm is done by then. */
async function untilAlarm(room: Room): Promise<void> {
  const ben = await room.user("ben");
  (await room.user("cat")).socket.terminate();
  await ben.next("USER_LEFT");
  await ben.leave();
}

async function changeStorage(runtime: Runtime, room: Room, statement: string): Promise<void> {
  await runtime.kill();
  await runOnStorage(runtime, room, statement);
  await runtime.run();
}

describe("an expired event", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server, runtime } = await startOwnServer({ vars: { PRESENCE_GRACE_SECONDS: "1" } });

  test("P7.2 is removed with its payload, its users and its id, and leaves a number", async () => {
    const room = server.room();
    const first = await positionOf(room);
    await publishThree(room);
    const newest = await positionOf(room);
    await runtime.kill();
    const stored = JSON.stringify(await storedRows(runtime, room));
    for (const part of ["contents-of-2", "key-2", "zoe"]) assert.ok(stored.includes(part), part);
    await runtime.run();

    await changeStorage(runtime, room, AN_HOUR_PASSES);
    await untilAlarm(room);
    await runtime.kill();
    const left = await storedRows(runtime, room);
    for (const part of ["contents", "key-", "zoe"])
      assert.ok(!JSON.stringify(left).includes(part), part);
    const empty = { key: null, events: null, audience: "", frame: "" };
    assert.deepEqual(left.journal, [{ seq: 3, at: 0, ...empty }]);

    await runtime.run();
    assert.equal(await positionOf(room), newest);
    assert.equal((await returnTo(room, "ann", newest)).connected.recovered, true);
    assert.equal((await returnTo(room, "ann", first)).connected.recovered, false);
    const next = await room.broadcast("E", { id: "key-3" });
    assert.deepEqual([next.seq, next.duplicate], [4, undefined]);
    assert.equal((await returnTo(room, "ann", newest)).connected.recovered, true);
  });

  test("P7.2 gives its row to a new one", async () => {
    const room = server.room();
    await publishThree(room);
    await changeStorage(runtime, room, AN_HOUR_PASSES);
    await room.broadcast("E");
    await room.post({ events: [{ eventType: "F" }, { eventType: "G" }, { eventType: "H" }] });
    await runtime.kill();
    const { journal = [] } = await storedRows(runtime, room);
    await runtime.run();
    assert.deepEqual(
      journal.map(({ seq, key }) => [seq, key]),
      [4, 5, 6, 7].map((seq) => [seq, null]),
    );
  });

  test("P7.2 what an earlier version stored is replayed, and is removed from now on", async () => {
    const room = server.room();
    const before = await positionOf(room);
    await publishThree(room);
    await changeStorage(runtime, room, AS_BY_AN_EARLIER_VERSION);
    assert.equal(await positionOf(room), before.replace(/:0$/, ":3"));
    assert.equal((await returnTo(room, "ann", before)).connected.recovered, true);
    await runtime.kill();
    const [epochs = []] = await runOnStorage(runtime, room, "SELECT rowid FROM epoch");
    assert.deepEqual(epochs, [{ rowid: 2 }]);
    await runtime.run();
  });
});
