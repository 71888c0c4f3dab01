/**
 * Chaos in rooms that have grown: clients come and go in numbers, so that rooms grow and shrink while they crash. Nobody
 * waits ten minutes until a room shrinks: while the server is down, that time is said to have passed.
 */

import { setTimeout as pause } from "node:timers/promises";
import { smallForTenMinutes } from "../support/storage.ts";
import type { World } from "./world.ts";

/** Over so many places is a room at high tide. */
const PLACES = 8;
/** One crash of so many is followed by tides, each of which has time to make rooms grow and clients move. */
const CRASHES_TO_TIDES = 5;
const MOST_TIDES = 4;
const LONGEST_TIDE_MS = 3_000;
/** Which parts of the clients are there. */
const TIDES = [1, 1, 0.5, 0.2, 0.02];

/** Variables with which rooms of so many clients grow, and look every few seconds whether they are too large. */
export function growingVars(clientsInRoom: number): Record<string, string> {
  const LEAF_SOCKETS = `${Math.ceil(clientsInRoom / PLACES)}`;
  return { LEAF_SOCKETS, STALE_SOCKET_SECONDS: "5" };
}

/** A crash, after which clients may come and go. There are never more than so many. */
export async function crashInTides(world: World, most: number): Promise<void> {
  const { random, runtime, rooms } = world;
  await world.crash(async () => {
    for (const room of rooms) if (random.below(3) === 0) await smallForTenMinutes(runtime, room);
  });
  if (random.below(CRASHES_TO_TIDES) > 0) return;
  for (let tides = 1 + random.below(MOST_TIDES); tides > 0; tides -= 1) {
    const clients = Math.max(1, Math.trunc(most * random.of(...TIDES)));
    world.departUntil(clients);
    world.arrive(Math.max(0, clients - world.clients.length));
    await pause(random.below(LONGEST_TIDE_MS));
  }
}
