/** Several events in one broadcast: docs/protocol.md, P2.12. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, broadcasts, settle } from "../support/expect.ts";
import { posted } from "../support/posted.ts";
import { seqs } from "../support/recovery.ts";
import { startServer } from "../support/target.ts";

const server = await startServer();

const EVENTS = [
  { eventType: "A", payload: 1 },
  { eventType: "B", excludeUserId: "ann" },
  { eventType: "C", ephemeral: true },
  { eventType: "D", userIds: ["ann"] },
];

test("P2.12 events are delivered in order, numbered, and answered one by one", async () => {
  const room = server.room();
  const [ann, ben] = [await room.user("ann"), await room.user("ben")];
  const { status, success, message, events } = await posted(room, { events: EVENTS });
  assert.deepEqual([status, success, message], [200, true, "Broadcast sent"]);
  assert.deepEqual(events, [
    { recipients: 2, excluded: 0, seq: 1 },
    { recipients: 1, excluded: 1, seq: 2 },
    { recipients: 2, excluded: 0 },
    { recipients: 1, excluded: 0, seq: 3 },
  ]);
  await settle(room, ann, ben);
  assert.deepEqual(broadcasts(ann), ["A", "C", "D"]);
  assert.deepEqual(broadcasts(ben), ["A", "B", "C"]);
});

test("P2.12 100 events are one frame to a client that takes batches", async () => {
  const room = server.room();
  const client = await room.join({ frames: "batch" });
  await client.next("CONNECTED");
  const events = Array.from({ length: 100 }, (_, payload) => ({ eventType: "E", payload }));
  await posted(room, { events });
  await settle(room, client);
  assert.deepEqual(
    seqs(client, "E"),
    events.map(({ payload }) => payload + 1),
  );
  // At most 64 go together.
  assert.equal(client.texts.length, 1 + 2 + 1);
});

test("P2.12 one wrong event refuses all, and the answer names it", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  const response = await room.post({ events: [{ eventType: "A" }, { eventType: "PONG" }] });
  const { error } = (await response.clone().json()) as { error: string };
  assert.match(error, /^events\[1\]: /);
  await assertRefused(response, 400, "reserved_event_type");
  await settle(room, ann);
  assert.deepEqual(broadcasts(ann), []);
});

test("P2.12 no events, too many, or events together with an event are refused", async () => {
  const of = (length: number) => ({ events: Array.from({ length }, () => ({ eventType: "E" })) });
  for (const body of [of(0), of(101), { events: {} }, { eventType: "E", ...of(1) }])
    await assertRefused(await server.room().post(body), 400, "invalid_field");
});

test("P2.12 a list is retried as a whole", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  const body = { id: "k", events: EVENTS };
  await posted(room, body);
  const { duplicate, events } = await posted(room, body);
  assert.equal(duplicate, true);
  assert.deepEqual(
    (events as { seq?: number }[]).map(({ seq }) => seq),
    [1, 2, undefined, 3],
  );
  await settle(room, ann);
  assert.deepEqual(broadcasts(ann), ["A", "C", "D"]);
});
