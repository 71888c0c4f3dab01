/** Rooms that have grown over several objects, and people at several of their places. */

import { setTimeout as pause } from "node:timers/promises";
import type { Client, ConnectOptions } from "../support/client.ts";
import type { Room, RoomState, Server } from "../support/target.ts";

/** What a place holds before the room grows. */
export const LEAF_SOCKETS = 6;
/** Variables with which small rooms grow. */
export const GROWING = { LEAF_SOCKETS: `${LEAF_SOCKETS}` };
/** How many places the rooms of the tests have. So they hold 24 sockets before they grow again. */
export const PLACES = 4;

const PATIENCE_MS = 30_000;
const MOST_TRIES = 40;

/** A client, and which of the room's places it is at. 0 is the room's own object. */
export interface Member {
  userId: string;
  client: Client;
  place: number;
}

/** A room that has grown. Those who made it grow are gone again. */
export async function grownRoom(
  server: Server,
  query: (index: number) => Record<string, string> = () => ({}),
  room = server.room(),
): Promise<Room> {
  const crowd: Client[] = [];
  await untilSo(async () => {
    const { leaves = [] } = await room.state();
    if (leaves.length + 1 >= PLACES) return true;
    crowd.push(
      ...(await Promise.all(
        Array.from({ length: LEAF_SOCKETS }, (_, index) => room.join(query(crowd.length + index))),
      )),
    );
    return false;
  }, `${PLACES} places`);
  await Promise.all(crowd.map((client) => client.leave()));
  await stateIs(room, ({ connections }) => connections === 0, "nobody");
  return room;
}

/** Lets users in until there is one at each of so many places. The others leave again. */
export async function apart(
  room: Room,
  places: number,
  query: (userId: string) => Record<string, string> = (userId) => ({ userId }),
  options?: ConnectOptions,
): Promise<Member[]> {
  const members: Member[] = [];
  const others: Client[] = [];
  for (let tried = 0; members.length < places; tried += 1) {
    if (tried > MOST_TRIES) throw new Error(`users are at ${members.length} places`);
    const userId = `user-${tried}`;
    const [client, place] = await joinAt(room, query(userId), options);
    const isNew = members.every((member) => member.place !== place);
    if (isNew) members.push({ userId, client, place });
    else others.push(client);
  }
  await Promise.all(others.map((client) => client.leave()));
  await stateIs(room, ({ connections }) => connections === places, `${places} sockets`);
  return members;
}

/** Joins, reads `CONNECTED`, and tells at which place the socket is. */
export async function joinAt(
  room: Room,
  query: Record<string, string>,
  options?: ConnectOptions,
): Promise<[Client, number]> {
  const before = counts(await room.state());
  const client = await room.join(query, options);
  await client.next("CONNECTED");
  const after = counts(await room.state());
  const place = after.findIndex((sockets, index) => sockets > (before[index] ?? 0));
  if (place < 0) throw new Error(`nobody came: ${before} and then ${after}`);
  return [client, place];
}

/** How many sockets each place has. */
export function counts({ connections, leaves = [] }: RoomState): number[] {
  const elsewhere = leaves.reduce((sum, leaf) => sum + leaf.connections, 0);
  const all = [connections - elsewhere];
  for (const { leaf, connections } of leaves) all[leaf] = connections;
  return Array.from(all, (sockets) => sockets ?? 0);
}

/** Waits until the state of a room is so, and answers it. */
export async function stateIs(
  room: Room,
  isSo: (state: RoomState) => boolean,
  what: string,
): Promise<RoomState> {
  let state = await room.state();
  await untilSo(async () => {
    if (isSo(state)) return true;
    state = await room.state();
    return false;
  }, `${what} in ${room.id}`).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(state)}`);
  });
  return state;
}

/** Waits until a client has been told of so many users. */
export async function isTold(client: Client, users: number): Promise<void> {
  const told = () => client.frames.findLast(({ type }) => type === "PRESENCE");
  while (told()?.payload.activeUsers !== users) await client.next("PRESENCE");
}

async function untilSo(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await pause(20);
  }
}
