/**
 * A room grows while it is in use, crashes and returns, and nobody misses anything: docs/protocol.md, P7 and P15. The
 * clients are those of the chaos tests: `partysocket`, with a position, and with an auditor behind each.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runChaos } from "../chaos/scenario.ts";
import { SEED } from "../support/random.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";
import { assertAllIsWell, ENOUGH, growTo, PLACES, places, start, underLoad } from "./world.ts";

const MOST_KILLS = 6;

describe("a room that grows", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  test("P2.1, P7.4, P15.1 from 1 to 8 places under load: every client has every event once and in order", async (context) => {
    const world = await start(context);
    assert.equal(await places(world), 1);
    await underLoad(world, () => growTo(world, PLACES));
    await assertAllIsWell(world);
    const { counts: happened } = world.notes;
    context.diagnostic(JSON.stringify(happened));
    for (const what of ["events", "drops", "recovered", "replayed"] as const)
      assert.ok(happened[what] > 0, `the run was idle: no ${what}`);
  });

  test("P7.4 after a crash in the middle of growing everybody is back, and it grows on", async (context) => {
    const world = await start(context);
    await underLoad(world, async () => {
      for (const middle of [2, 4, 6]) {
        await growTo(world, middle);
        world.arrive(3);
        await world.crash();
        await world.untilReturned();
      }
      await growTo(world, PLACES);
    });
    await assertAllIsWell(world);
  });

  test("P7.4, P7.6, P2.11 crash after crash, every client has every event once and in order or is told of its loss", async (context) => {
    const world = await start(context, { clients: ENOUGH });
    const { counts: happened, violations } = await runChaos(world, {
      isEnough: ({ kills }) => kills >= MOST_KILLS,
    });
    context.diagnostic(JSON.stringify(happened));
    assert.deepEqual(violations, [], `SEED=${SEED}`);
    await assertAllIsWell(world);
  });

  test("P7.4 everybody comes back at once after a crash, and nobody has to fetch again", async (context) => {
    const world = await start(context, { clients: ENOUGH });
    await growTo(world, PLACES);
    await world.settle();
    const before = world.notes.counts.notRecovered;
    await world.crash();
    await world.untilReturned();
    await world.publishToAll();
    assert.equal(world.notes.counts.notRecovered, before);
    await assertAllIsWell(world);
  });
});
