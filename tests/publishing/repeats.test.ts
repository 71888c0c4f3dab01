/** A broadcast that is repeated is delivered once: docs/protocol.md, P2.11. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { assertRefused, broadcasts, settle } from "../support/expect.ts";
import { idle } from "../support/hibernation.ts";
import { posted } from "../support/posted.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer, startServer } from "../support/target.ts";

const server = await startServer();

for (const [place, fields, headers] of [
  ["id", { id: "k-1" }, {}],
  ["Idempotency-Key", {}, { "Idempotency-Key": "k-1" }],
  ["both alike", { id: "k-1" }, { "Idempotency-Key": "k-1" }],
] as const) {
  test(`P2.11 a repeat by ${place} is answered with the first seq, and nobody gets it again`, async () => {
    const room = server.room();
    const ann = await room.user("ann");
    const event = { eventType: "E", payload: { n: 1 }, ...fields };
    const first = await posted(room, event, headers);
    assert.deepEqual([first.seq, first.recipients, first.duplicate], [1, 1, undefined]);
    for (let repeat = 0; repeat < 3; repeat += 1) {
      const { seq, recipients, duplicate } = await posted(room, event, headers);
      assert.deepEqual({ seq, recipients, duplicate }, { seq: 1, recipients: 0, duplicate: true });
    }
    await settle(room, ann);
    assert.deepEqual(broadcasts(ann), ["E"]);
  });
}

test("P2.11 simultaneous retries are delivered once", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  const key = { "Idempotency-Key": randomUUID() };
  const all = Array.from({ length: 20 }, () => posted(room, { eventType: "E" }, key));
  const answers = await Promise.all(all);
  assert.deepEqual(new Set(answers.map(({ seq }) => seq)), new Set([1]));
  assert.equal(answers.filter(({ duplicate }) => duplicate).length, 19);
  await settle(room, ann);
  assert.deepEqual(broadcasts(ann), ["E"]);
});

test("P2.11 the same id for another event is 409, and nobody gets it", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  await posted(room, { eventType: "E", id: "k" });
  for (const other of [
    { eventType: "F", id: "k" },
    { eventType: "E", id: "k", payload: {}, excludeUserId: "ann" },
    { events: [{ eventType: "E" }, { eventType: "E" }], id: "k" },
  ])
    await assertRefused(await room.post(other), 409, "idempotency_conflict");
  await settle(room, ann);
  assert.deepEqual(broadcasts(ann), ["E"]);
});

test("P2.11 an id belongs to one room", async () => {
  for (const room of [server.room(), server.room()])
    assert.equal((await posted(room, { eventType: "E", id: "k" })).duplicate, undefined);
});

for (const [name, body, headers] of [
  ["that is empty", { id: "" }, {}],
  ["of 65 bytes", { id: "x".repeat(65) }, {}],
  ["of 65 bytes in the header", {}, { "Idempotency-Key": "x".repeat(65) }],
  ["that is no string", { id: 7 }, {}],
  ["that is another one than that of the header", { id: "a" }, { "Idempotency-Key": "b" }],
] as const) {
  test(`P2.11 an id ${name} is refused`, async () => {
    const event = { eventType: "E", ...body };
    await assertRefused(await server.room().post(event, { ...headers }), 400, "invalid_field");
  });
}

test("P2.11 an over-long body with an id is 413", async () => {
  const body = { eventType: "E", payload: "x".repeat(40_000) };
  const response = await server.room().post(body, { "Idempotency-Key": "k" });
  await assertRefused(response, 413, "payload_too_large");
});

test("P2.11 an id is remembered by a room that slept", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const room = server.room();
  await posted(room, { eventType: "E", id: "k" });
  await idle();
  const { seq, duplicate } = await posted(room, { eventType: "E", id: "k" });
  assert.deepEqual({ seq, duplicate }, { seq: 1, duplicate: true });
});

describe("without a history", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server } = await startOwnServer({ vars: { HISTORY_SIZE: "0" } });

  test("P7.2 events have no number, and an id does nothing", async () => {
    const room = server.room();
    const { payload } = await (await room.join()).next("CONNECTED");
    assert.deepEqual(
      ["epoch" in payload, "seq" in payload, payload.recovered],
      [false, false, false],
    );
    for (let repeat = 0; repeat < 2; repeat += 1) {
      const answer = await posted(room, { eventType: "E", id: "k" });
      assert.deepEqual(
        [answer.seq, answer.recipients, answer.duplicate],
        [undefined, 1, undefined],
      );
    }
  });
});
