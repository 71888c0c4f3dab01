/**
 * A disk that takes no more: docs/protocol.md, P2.10 and P7.6.
 *
 * The process can't write files beyond a size, so that at some event the runtime can't commit.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertRefused, settle } from "../support/expect.ts";
import { returnTo, seqs } from "../support/recovery.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";

const payload = "x".repeat(30_000);

/** Broadcasts until one is refused. Returns how many were accepted, and the refusal. */
async function fillDisk(room: Room): Promise<{ taken: number; refusal: Response }> {
  for (let taken = 0; taken < 100; taken += 1) {
    const refusal = await room.post({ eventType: "E", payload });
    if (refusal.status !== 200) return { taken, refusal };
    await refusal.body?.cancel();
  }
  throw new Error("3 MB were taken");
}

describe("a full disk", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server } = await startOwnServer({ maxFileBytes: 1_048_576 });

  test("P7.6 an event that can't be stored is not answered with 200, and nobody goes on believing in it", async () => {
    const room = server.room();
    const ann = await room.user("ann");
    const { epoch } = await room.state();
    const { taken, refusal } = await fillDisk(room);
    await assertRefused(refusal, 503, "room_unavailable");
    assert.equal((await ann.close()).code, 1006);
    // The last one was sent too, unless it came after a pause: then this runtime fails before its frames leave.
    const all = Array.from({ length: taken + 1 }, (_, index) => index + 1);
    const seen = seqs(ann, "E");
    assert.deepEqual(seen, all.slice(0, Math.max(seen.length, taken)));
    assert.equal((await returnTo(room, "ann", `${epoch}:${taken + 1}`)).connected.recovered, false);

    const { seq } = await room.broadcast("NEXT");
    assert.ok(seq !== undefined && seq > taken + 1);
    const { client, connected } = await returnTo(room, "ann", `${epoch}:${taken}`);
    assert.equal(connected.recovered, true);
    await settle(room, client);
    assert.deepEqual([seqs(client, "E"), seqs(client, "NEXT")], [[], [seq]]);
    assert.equal((await returnTo(room, "ann", `${epoch}:${taken + 1}`)).connected.recovered, false);
  });
});
