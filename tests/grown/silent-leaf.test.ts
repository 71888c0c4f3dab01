/**
 * One leaf does not answer, and the rest of the room goes on: docs/protocol.md, P15.7, P15.8, P15.11 and P15.12.
 *
 * Its database is no database any more when it wakes, as after damage to a disk. So its object can't start, and nothing
 * else has failed.
 */

import assert from "node:assert/strict";
import { readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Client } from "../support/client.ts";
import { broadcasts, settle } from "../support/expect.ts";
import { idle } from "../support/hibernation.ts";
import { received } from "../support/received.ts";
import { positionOf, returnTo } from "../support/recovery.ts";
import type { Runtime } from "../support/runtime.ts";
import {
  NEEDS_OWN_RUNTIME,
  type Room,
  type RoomState,
  SECRET,
  startOwnServer,
} from "../support/target.ts";
import { apart, GROWING, grownRoom, isTold, type Member, PLACES, stateIs } from "./places.ts";

const MISSED = ["ONE", "TWO", "THREE"];
const MOST_TRIES = 3;

interface Broken {
  runtime: Runtime;
  room: Room;
  /** Those at places that work. */
  others: Member[];
  /** The one at the leaf that does not answer. */
  lost: Member;
  /** A position that they all have. */
  since: string;
  /** Lets the leaf work again. */
  mend(): Promise<void>;
}

/** A room with a user at each place, which has slept and finds one of its leaves broken. */
async function brokenRoom(): Promise<Broken> {
  const { server, runtime } = await startOwnServer({ vars: GROWING });
  const small = server.room();
  await small.broadcast("FIRST");
  const [root] = await databases(runtime);
  const room = await grownRoom(server, undefined, small);
  const members = await apart(room, PLACES);
  // Until everybody knows how many there are, the room stays awake to tell them.
  await Promise.all(members.map(({ client }) => isTold(client, PLACES)));
  const since = await positionOf(room);
  const leaf = (await databases(runtime)).find((path) => path !== root) ?? "";
  const mend = () => rename(`${leaf}.away`, leaf);
  const state = await breakAsleep(room, leaf, mend);
  const [index, ...none] = silent(state).map(({ leaf }) => leaf);
  assert.deepEqual(none, []);
  const others = members.filter(({ place }) => place !== index);
  const [lost] = members.filter(({ place }) => place === index);
  assert.ok(lost);
  return { runtime, room, others, lost, since, mend };
}

/** Breaks a leaf while it sleeps. On a busy machine it may be awake for longer than usual: then it is tried again. */
async function breakAsleep(
  room: Room,
  leaf: string,
  mend: () => Promise<void>,
): Promise<RoomState> {
  for (let tried = 0; tried < MOST_TRIES; tried += 1) {
    await idle();
    await rename(leaf, `${leaf}.away`);
    await writeFile(leaf, "no database".repeat(1_000));
    const state = await room.state();
    if (silent(state).length > 0) return state;
    await mend();
  }
  throw new Error(`${room.id} does not sleep`);
}

/** The leaves that do not answer. */
const silent = ({ leaves = [] }: RoomState) => leaves.filter(({ answers }) => !answers);

/** The databases of a server's rooms and their leaves. */
async function databases({ folder }: Runtime): Promise<string[]> {
  const rooms = join(folder, "storage", "ProjectRoom");
  const files = await readdir(rooms);
  return files.filter((name) => /^\w{64}\.sqlite$/.test(name)).map((name) => join(rooms, name));
}

const clients = (members: Member[]): Client[] => members.map(({ client }) => client);

function remove(room: Room, userId: string): Promise<Response> {
  const headers = { Authorization: `Bearer ${SECRET}` };
  return fetch(`${room.url}/users/${userId}?for=60`, { method: "DELETE", headers });
}

describe("a leaf that does not answer", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  test("P15.7, P15.11, P15.12 is named, the others have every event, and its clients recover when it is back", async () => {
    const { runtime, room, others, lost, since, mend } = await brokenRoom();
    for (const event of MISSED)
      assert.deepEqual(await published(room, event), { recipients: PLACES - 1, partial: true });
    await Promise.all(clients(others).map((client) => client.next("THREE")));
    // The runtime breaks the sockets of an object that can't start.
    await lost.client.close();
    assert.deepEqual(broadcasts(lost.client), []);
    assert.equal(await received(room.connect({ userId: lost.userId, since })), 4200);
    const [line] = await runtime.untilLines("leaf_lost", 1);
    assert.deepEqual([line?.level, line?.leaf], ["error", lost.place]);

    await mend();
    await stateIs(room, (state) => silent(state).length === 0, "leaves that all answer");
    const { client, connected } = await returnTo(room, lost.userId, since);
    assert.equal(connected.recovered, true);
    assert.deepEqual(await published(room, "LAST"), { recipients: PLACES });
    await settle(room, client, ...clients(others));
    for (const each of [client, ...clients(others)])
      assert.deepEqual(broadcasts(each), [...MISSED, "LAST"]);
    assert.equal((await runtime.untilLines("leaf_back", 1))[0]?.leaf, lost.place);
  });

  test("P8.1, P15.8 a removal is 503 and stored, and its leaf carries it out before anything else", async () => {
    const { room, others, lost, mend } = await brokenRoom();
    const refusal = await remove(room, lost.userId);
    assert.equal(refusal.status, 503);
    assert.ok(Number(refusal.headers.get("Retry-After")) > 0);
    assert.equal(((await refusal.json()) as { code: string }).code, "room_unavailable");

    await mend();
    await stateIs(room, (state) => silent(state).length === 0, "leaves that all answer");
    assert.equal(await received(room.connect({ userId: lost.userId })), 4003);
    assert.equal((await remove(room, lost.userId)).status, 200);
    await room.broadcast("AFTER");
    await settle(room, ...clients(others));
    await lost.client.close();
    assert.deepEqual(broadcasts(lost.client), []);
  });
});

interface Sums {
  recipients: number;
  partial?: true;
}

async function published(room: Room, eventType: string): Promise<Sums> {
  const { recipients, partial }: Sums = await room.broadcast(eventType);
  return partial ? { recipients, partial } : { recipients };
}
