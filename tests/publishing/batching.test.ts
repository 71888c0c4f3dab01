/** Several events in one frame: docs/protocol.md, clause P3.4. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "../support/client.ts";
import { broadcasts, settle } from "../support/expect.ts";
import { halfSent } from "../support/half-sent.ts";
import { NO_PROXY_BETWEEN, type Room, startServer } from "../support/target.ts";

const BURST = 20;
/** On a busy machine the events of a burst can arrive one by one: then the next burst is tried. */
const MOST_BURSTS = 50;

const server = await startServer();

async function batchingIn(room: Room, query: Record<string, string> = {}): Promise<Client> {
  const client = await room.join({ frames: "batch", ...query });
  await client.next("CONNECTED");
  return client;
}

async function burst(room: Room, fields: Record<string, unknown> = {}): Promise<void> {
  const events = Array.from({ length: BURST }, (_, number) => `E${number}`);
  await Promise.all(events.map((type) => room.broadcast(type, fields)));
}

function arrays({ texts }: Client): string[] {
  return texts.filter((text) => text.startsWith("["));
}

async function burstsUntilBatched(room: Room, client: Client): Promise<void> {
  for (let bursts = 0; bursts < MOST_BURSTS; bursts++) {
    await burst(room);
    await settle(room, client);
    if (arrays(client).length > 0) return;
  }
  assert.fail(`no batch in ${MOST_BURSTS} bursts`);
}

test("P3.4 events that arrive together reach a client that asked for batches in one JSON array", async () => {
  const room = server.room();
  const ann = await batchingIn(room);
  await burstsUntilBatched(room, ann);
  for (const frame of arrays(ann)) assert.ok(JSON.parse(frame).length > 1);
});

test("P3.4 each event is there once, in the same order as for clients that get them singly", async () => {
  const room = server.room();
  const [batches, singles] = [await batchingIn(room), await room.join()];
  await burstsUntilBatched(room, batches);
  await settle(room, singles);
  assert.deepEqual(broadcasts(batches), broadcasts(singles));
});

test("P3.4 a client that did not ask for batches gets one event per frame", async () => {
  const room = server.room();
  const [batches, singles] = [await batchingIn(room), await room.join()];
  await burstsUntilBatched(room, batches);
  assert.deepEqual(arrays(singles), []);
});

test("P3.4 a single event is an object", async () => {
  const room = server.room();
  const ann = await batchingIn(room);
  await room.broadcast("ALONE", { payload: { taskId: "t1" } });
  await ann.next("ALONE");
  assert.deepEqual(arrays(ann), []);
});

test("P3.4 an excluded user's batch has no event that excludes them", async () => {
  const room = server.room();
  const [ann, ben] = [await batchingIn(room, { userId: "ann" }), await batchingIn(room)];
  await burst(room, { excludeUserId: "ann" });
  await settle(room, ann, ben);
  assert.deepEqual(broadcasts(ann), []);
  assert.equal(broadcasts(ben).length, BURST);
});

test("P3.4 an event does not wait for one whose body never arrives", {
  skip: NO_PROXY_BETWEEN,
}, async () => {
  const room = server.room();
  const ann = await batchingIn(room);
  const slow = await halfSent(room, "SLOW", "of known length");
  await room.broadcast("PROMPT");
  await ann.next("PROMPT");
  await slow.finish();
  await ann.next("SLOW");
});

test("P3.4 a reply counts the clients that get the event with the next ones", async () => {
  const room = server.room();
  await Promise.all([batchingIn(room), batchingIn(room), room.join()]);
  const replies = await Promise.all(Array.from({ length: BURST }, () => room.broadcast("E")));
  for (const { recipients } of replies) assert.equal(recipients, 3);
});
