/** Expired events leave the storage: docs/protocol.md, P7.2. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { positionOf, returnTo } from "../support/recovery.ts";
import type { Runtime } from "../support/runtime.ts";
import { ageByAnHour, runOnStorage, stored } from "../support/storage.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";

/** A version that kept its journal in tables. */
const BY_AN_EARLIER_VERSION = "CREATE TABLE journal (seq INTEGER PRIMARY KEY, frame TEXT)";

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

async function anHourPasses(runtime: Runtime, room: Room): Promise<void> {
  await runtime.kill();
  await ageByAnHour(runtime, room);
  await runtime.run();
}

/** The pages of the journal that are stored. */
async function pages(runtime: Runtime, room: Room): Promise<string[]> {
  const { values } = await stored(runtime, room);
  const keys = Object.keys(values).filter((key) => key.startsWith("page/"));
  return keys.map((key) => values[key] ?? "");
}

describe("an expired event", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server, runtime } = await startOwnServer({ vars: { PRESENCE_GRACE_SECONDS: "1" } });

  test("P7.2 is removed with its payload, its users and its id, and leaves a number", async () => {
    const room = server.room();
    const first = await positionOf(room);
    await publishThree(room);
    const newest = await positionOf(room);
    await runtime.kill();
    const before = JSON.stringify(await pages(runtime, room));
    for (const part of ["contents-of-2", "key-2", "zoe"]) assert.ok(before.includes(part), part);
    await runtime.run();

    await anHourPasses(runtime, room);
    await untilAlarm(room);
    await runtime.kill();
    const left = await pages(runtime, room);
    assert.equal(left.length, 1);
    for (const part of ["contents", "key-", "zoe"])
      assert.ok(!JSON.stringify(await stored(runtime, room)).includes(part), part);

    await runtime.run();
    assert.equal(await positionOf(room), newest);
    assert.equal((await returnTo(room, "ann", newest)).connected.recovered, true);
    assert.equal((await returnTo(room, "ann", first)).connected.recovered, false);
    const next = await room.broadcast("E", { id: "key-3" });
    // Nobody was there when the object began: P7.1.
    assert.deepEqual([next.seq, next.duplicate], [1_003, undefined]);
    assert.equal((await returnTo(room, "ann", newest)).connected.recovered, true);
  });

  test("P7.2 is removed, and those that have not expired stay", async () => {
    const room = server.room();
    await publishThree(room);
    await anHourPasses(runtime, room);
    const before = await positionOf(room);
    await room.broadcast("F");
    await untilAlarm(room);
    assert.equal((await returnTo(room, "ann", before)).connected.recovered, true);
    await runtime.kill();
    const left = await pages(runtime, room);
    await runtime.run();
    assert.deepEqual(
      left.map((page) => [page.includes("contents"), page.includes('"type":"F"')]),
      [[false, true]],
    );
  });

  test("P7.2 what an earlier version stored is removed, and begins again with another epoch", async () => {
    const room = server.room();
    await publishThree(room);
    const before = await positionOf(room);
    await runtime.kill();
    await runOnStorage(runtime, room, BY_AN_EARLIER_VERSION);
    await runtime.run();
    assert.equal((await returnTo(room, "ann", before)).connected.recovered, false);
    assert.match(await positionOf(room), /:0$/);
    await runtime.kill();
    assert.deepEqual((await stored(runtime, room)).tables, {});
    await runtime.run();
  });
});
