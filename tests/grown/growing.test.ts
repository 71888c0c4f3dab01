/**
 * A room grows while it is in use, crashes and returns, and nobody misses anything: docs/protocol.md, P7 and P15. The
 * clients are those of the chaos tests: `partysocket`, with a position, and with an auditor behind each.
 */

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { dropClients, publish, runChaos } from "../chaos/scenario.ts";
import { World, type WorldOptions } from "../chaos/world.ts";
import { SEED } from "../support/random.ts";
import { NEEDS_OWN_RUNTIME, Room, Server } from "../support/target.ts";
import { counts, GROWING, LEAF_SOCKETS, stateIs } from "./places.ts";

const PLACES = 8;
const FEW = 4;
const ENOUGH = PLACES * LEAF_SOCKETS;
const USERS = 20;
const MOST_KILLS = 6;

async function start(context: TestContext, options: Partial<WorldOptions> = {}): Promise<World> {
  const all = { clients: FEW, rooms: 1, users: USERS, vars: GROWING, ...options };
  const world = await World.start(all);
  context.after(() => world.stop());
  return world;
}

/** The room, as the other tests see it. */
function roomOf({ runtime, rooms: [room] }: World): Room {
  return new Room(new Server(runtime.url), room?.id);
}

/** How many places a room has. */
const places = async (world: World): Promise<number> => counts(await roomOf(world).state()).length;

/** Lets clients in, a few at a time, until the room has grown to so many places. */
async function growTo(world: World, wanted: number): Promise<void> {
  while ((await places(world)) < wanted) {
    assert.ok(world.clients.length < 2 * ENOUGH, `${await places(world)} places, SEED=${SEED}`);
    world.arrive(3);
    await world.untilReturned();
  }
}

/** Does something while backends publish and clients lose their connections. */
async function underLoad(world: World, work: () => Promise<void>): Promise<void> {
  let isOver = false;
  const load = Promise.all([publish(world, () => isOver), dropClients(world, () => isOver)]);
  try {
    // The load ends first only by failing.
    await Promise.race([work(), load]);
  } finally {
    isOver = true;
    world.notes.bell.ring();
  }
  await load;
}

/** Everybody has everything, nobody anything twice, and the counts are right when it is quiet. */
async function assertAllIsWell(world: World): Promise<void> {
  await world.settle();
  world.judge({ isEnd: true });
  assert.deepEqual(world.notes.violations, [], `SEED=${SEED}`);
  const users = new Set(world.clients.map(({ userId }) => userId));
  users.delete(undefined);
  const isRight = ({ connections, activeUsers }: { connections: number; activeUsers: number }) =>
    connections === world.clients.length && activeUsers === users.size;
  const what = `${world.clients.length} sockets of ${users.size} users`;
  const state = await stateIs(roomOf(world), isRight, what);
  assert.deepEqual(
    state.users.map(({ userId }) => userId).toSorted(),
    [...users].toSorted(),
    `SEED=${SEED}`,
  );
}

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
