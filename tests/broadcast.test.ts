/** Broadcasting: docs/protocol.md, clauses P2. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { startServer } from "./support/target.ts";

const server = await startServer();

test("P2.1 everybody in the room gets the event, but for the excluded user's devices", async () => {
  const room = server.room();
  const [ann, annsPhone, ben] = await Promise.all([
    room.user("ann"),
    room.user("ann"),
    room.user("ben"),
  ]);
  const reply = await room.broadcast("TASK_UPDATED", {
    payload: { taskId: "t1" },
    excludeUserId: "ann",
  });
  assert.deepEqual(reply, {
    success: true,
    message: "Broadcast sent",
    recipients: 1,
    excluded: 2,
  });
  const event = await ben.next("TASK_UPDATED");
  assert.deepEqual(event.payload, { taskId: "t1" });
  await room.broadcast("AFTER");
  for (const device of [ann, annsPhone]) {
    await device.next("AFTER");
    assert.ok(!device.frames.some((frame) => frame.type === "TASK_UPDATED"));
  }
});
