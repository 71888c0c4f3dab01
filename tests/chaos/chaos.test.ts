/** Crash after crash, with many clients and a stream of events: recovery (P7) and repeats (P2.11) hold in all of it. */

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { SEED } from "../support/random.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";
import type { ChaosClient } from "./client.ts";
import { runChaos } from "./scenario.ts";
import { World, type WorldOptions } from "./world.ts";

const KILLS = { least: 10, most: 20 };
/** After this long the minimum is enough: on a busy machine the rest would take long, and other tests wait. */
const ENOUGH_MS = 20_000;
const SMALL_HISTORY = 5;
const skip = { skip: NEEDS_OWN_RUNTIME };

async function start(context: TestContext, options: WorldOptions): Promise<World> {
  const world = await World.start(options);
  context.after(() => world.stop());
  return world;
}

/** Waits until all have all, and asserts that nothing went against the protocol. */
async function assertAllIsWell(world: World): Promise<void> {
  await world.settle();
  world.judge({ isEnd: true });
  assert.deepEqual(world.notes.violations, [], `SEED=${SEED}`);
}

test(
  "P2.11, P7.1, P7.4, P7.6 200 clients have every event once and in order or are told of its loss, crash after crash",
  skip,
  async (context) => {
    const world = await start(context, { clients: 200, rooms: 3, users: 20 });
    const end = performance.now() + ENOUGH_MS;
    const isEnough = ({ kills }: { kills: number }) =>
      kills >= (performance.now() < end ? KILLS.most : KILLS.least);
    const { counts, violations } = await runChaos(world, { isEnough });
    context.diagnostic(JSON.stringify(counts));
    assert.deepEqual(violations, [], `SEED=${SEED}`);
    for (const what of [
      "events",
      "retries",
      "duplicates",
      "drops",
      "recovered",
      "replayed",
    ] as const)
      assert.ok(counts[what] > 0, `the run was idle: no ${what}`);
  },
);

test(
  "P7.5 after a crash those who missed more than is kept are told so, and nobody else",
  skip,
  async (context) => {
    const world = await start(context, {
      clients: 3 * SMALL_HISTORY,
      rooms: 1,
      users: 3,
      historySize: SMALL_HISTORY,
    });
    await leaveOneByOne(world);
    const [room] = world.rooms;
    const missed = (client: ChaosClient) =>
      (room?.ledger.newest ?? 0) - (client.position?.seq ?? 0);
    const expected = world.clients.map((client) => missed(client) <= SMALL_HISTORY);
    await world.crash();
    for (const client of world.clients) client.reconnect();
    await world.untilReturned();
    const recovered = world.clients.map(({ history }) => history?.recovered);
    assert.deepEqual(recovered, expected);
    assert.equal(recovered.filter(Boolean).length, SMALL_HISTORY);
    await assertAllIsWell(world);
  },
);

/** So each client has missed one event more than the next. */
async function leaveOneByOne(world: World): Promise<void> {
  for (const client of world.clients) {
    client.close();
    await world.publishToAll();
  }
}

test(
  "P7.5 after the loss of its disk everybody is told so, and after another crash nobody",
  skip,
  async (context) => {
    const world = await start(context, { clients: 12, rooms: 2, users: 3 });
    const told = async () => {
      await world.untilReturned();
      return world.clients.filter(({ history }) => history?.recovered === false).length;
    };
    await assertAllIsWell(world);
    for (const [crash, expected] of [
      [() => world.crash(), 0],
      [() => world.crashAndLoseDisk(), 12],
      [() => world.crash(), 0],
    ] as const) {
      await crash();
      assert.equal(await told(), expected);
      await assertAllIsWell(world);
    }
  },
);
