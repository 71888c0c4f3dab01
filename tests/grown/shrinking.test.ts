/**
 * A room shrinks while it is in use, crashes meanwhile, and grows again, and nobody misses anything: docs/protocol.md, P7
 * and P15.1. Nobody waits ten minutes: while the server is down, the time is dated back since when the room is too large.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { World } from "../chaos/world.ts";
import { SEED } from "../support/random.ts";
import { smallForTenMinutes } from "../support/storage.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";
import { stateIs } from "./places.ts";
import { assertAllIsWell, FEW, growTo, PLACES, roomOf, start, underLoad } from "./world.ts";

/** With these, a room looks every few seconds whether it is too large. */
const OFTEN = { STALE_SOCKET_SECONDS: "5" };
/** Within this time, most rooms have begun to shrink, moved their clients and given up places. */
const LONGEST_SHRINKING_MS = 3_000;

const crashAndBeSmall = (world: World): Promise<void> =>
  world.crash(() => smallForTenMinutes(world.runtime, roomOf(world)));

const untilInOneObject = (world: World) =>
  stateIs(roomOf(world), ({ leaves }) => leaves === undefined, "one object");

describe("a room that shrinks", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  test("P2.1, P7.4, P15.1 to one object under load, and grows again: every client has every event once and in order", async (context) => {
    const world = await start(context, { vars: OFTEN });
    await underLoad(world, async () => {
      await growTo(world, PLACES);
      world.departUntil(FEW);
      await crashAndBeSmall(world);
      await untilInOneObject(world);
      const [[from = 0, to] = [], ...more] = resizes(world);
      assert.deepEqual([from >= PLACES, to, more], [true, 1, []], `from ${from}, SEED=${SEED}`);
    });
    await assertAllIsWell(world);
    await underLoad(world, () => growTo(world, PLACES / 2));
    await assertAllIsWell(world);
  });

  test("P7.4 crash after crash while it shrinks, everybody is back and has everything", async (context) => {
    const world = await start(context, { vars: OFTEN });
    await underLoad(world, async () => {
      await growTo(world, PLACES);
      for (let enough = PLACES - 1; enough > 0; enough -= 1) {
        world.departUntil(enough * FEW);
        await crashAndBeSmall(world);
        await pause(world.random.below(LONGEST_SHRINKING_MS));
      }
      await untilInOneObject(world);
    });
    await assertAllIsWell(world);
  });
});

/** From how many places to how many the room has gone since the last crash. */
const resizes = ({ runtime }: World) =>
  runtime.lines("resize").map(({ from, to }) => [Number(from), Number(to)]);
