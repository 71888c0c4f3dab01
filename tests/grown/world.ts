/** A room that grows or shrinks under load, with an auditor behind each client: the world of the chaos tests. */

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { dropClients, publish } from "../chaos/scenario.ts";
import { World, type WorldOptions } from "../chaos/world.ts";
import { SEED } from "../support/random.ts";
import { Room, type RoomState, Server } from "../support/target.ts";
import { counts, GROWING, LEAF_SOCKETS, stateIs } from "./places.ts";

/** How many places a room grows to. */
export const PLACES = 8;
/** So few clients that a single place could hold twice as many. */
export const FEW = LEAF_SOCKETS / 2;
export const ENOUGH = PLACES * LEAF_SOCKETS;
const USERS = 20;

export async function start(
  context: TestContext,
  options: Partial<WorldOptions> = {},
): Promise<World> {
  const vars = { ...GROWING, ...options.vars };
  const world = await World.start({ clients: FEW, rooms: 1, users: USERS, ...options, vars });
  context.after(() => world.stop());
  return world;
}

/** The room, as the other tests see it. */
export function roomOf({ runtime, rooms: [room] }: World): Room {
  return new Room(new Server(runtime.url), room?.id);
}

/** How many places a room has. */
export const places = async (world: World): Promise<number> =>
  counts(await roomOf(world).state()).length;

/** Lets clients in, a few at a time, until the room has grown to so many places. */
export async function growTo(world: World, wanted: number): Promise<void> {
  while ((await places(world)) < wanted) {
    assert.ok(world.clients.length < 2 * ENOUGH, `${await places(world)} places, SEED=${SEED}`);
    world.arrive(3);
    await world.untilReturned();
  }
}

/** Does something while backends publish and clients lose their connections. */
export async function underLoad(world: World, work: () => Promise<void>): Promise<void> {
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
export async function assertAllIsWell(world: World): Promise<void> {
  await world.settle();
  const users = world.rooms[0]?.present() ?? new Set();
  const isRight = ({ connections, activeUsers }: RoomState) =>
    connections === world.clients.length && activeUsers === users.size;
  const what = `${world.clients.length} sockets of ${users.size} users`;
  const state = await stateIs(roomOf(world), isRight, what);
  assert.deepEqual(
    state.users.map(({ userId }) => userId).toSorted(),
    [...users].toSorted(),
    `SEED=${SEED}`,
  );
  await world.untilToldOf(state.leaves ? "their number" : "users");
  world.judge({ isEnd: true });
  assert.deepEqual(world.notes.violations, [], `SEED=${SEED}`);
}
