/** Repeats, lists of events, and events for many projects: docs/protocol.md, P2.11 to P2.13. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { assertRefused, broadcasts, settle } from "../support/expect.ts";
import { idle } from "../support/hibernation.ts";
import { seqs } from "../support/recovery.ts";
import {
  NEEDS_OWN_RUNTIME,
  type Room,
  SECRET,
  startOwnServer,
  startServer,
} from "../support/target.ts";

const server = await startServer();

/** Posts, and answers the status with the body. */
async function post(
  room: Room,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const response = await room.post(body, headers);
  return { status: response.status, ...((await response.json()) as object) };
}

for (const [place, fields, headers] of [
  ["id", { id: "k-1" }, {}],
  ["Idempotency-Key", {}, { "Idempotency-Key": "k-1" }],
  ["both alike", { id: "k-1" }, { "Idempotency-Key": "k-1" }],
] as const) {
  test(`P2.11 a repeat by ${place} is answered with the first seq, and nobody gets it again`, async () => {
    const room = server.room();
    const ann = await room.user("ann");
    const event = { eventType: "E", payload: { n: 1 }, ...fields };
    const first = await post(room, event, headers);
    assert.deepEqual([first.seq, first.recipients, first.duplicate], [1, 1, undefined]);
    for (let repeat = 0; repeat < 3; repeat += 1) {
      const { seq, recipients, duplicate } = await post(room, event, headers);
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
  const all = Array.from({ length: 20 }, () => post(room, { eventType: "E" }, key));
  const answers = await Promise.all(all);
  assert.deepEqual(new Set(answers.map(({ seq }) => seq)), new Set([1]));
  assert.equal(answers.filter(({ duplicate }) => duplicate).length, 19);
  await settle(room, ann);
  assert.deepEqual(broadcasts(ann), ["E"]);
});

test("P2.11 the same id for another event is 409, and nobody gets it", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  await post(room, { eventType: "E", id: "k" });
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
    assert.equal((await post(room, { eventType: "E", id: "k" })).duplicate, undefined);
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
  await post(room, { eventType: "E", id: "k" });
  await idle();
  const { seq, duplicate } = await post(room, { eventType: "E", id: "k" });
  assert.deepEqual({ seq, duplicate }, { seq: 1, duplicate: true });
});

const EVENTS = [
  { eventType: "A", payload: 1 },
  { eventType: "B", excludeUserId: "ann" },
  { eventType: "C", ephemeral: true },
  { eventType: "D", userIds: ["ann"] },
];

test("P2.12 events are delivered in order, numbered, and answered one by one", async () => {
  const room = server.room();
  const [ann, ben] = [await room.user("ann"), await room.user("ben")];
  const { status, success, message, events } = await post(room, { events: EVENTS });
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
  await post(room, { events });
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
  await post(room, body);
  const { duplicate, events } = await post(room, body);
  assert.equal(duplicate, true);
  assert.deepEqual(
    (events as { seq?: number }[]).map(({ seq }) => seq),
    [1, 2, undefined, 3],
  );
  await settle(room, ann);
  assert.deepEqual(broadcasts(ann), ["A", "C", "D"]);
});

/** Posts to the party itself. */
function postToMany(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}/parties/main`, {
    method: "POST",
    headers: { Authorization: `Bearer ${SECRET}`, ...headers },
    body: JSON.stringify(body),
  });
}

test("P2.13 an event reaches every project, and the answer of each is returned", async () => {
  const rooms = [server.room(), server.room(), server.room(`ü/ ${randomUUID()}`.replace("/", ":"))];
  const clients = await Promise.all(rooms.map((room) => room.user("ann")));
  const projectIds = rooms.map(({ id }) => id);
  const response = await postToMany({ eventType: "E", payload: { n: 1 }, projectIds });
  assert.equal(response.status, 200);
  const answer = { status: 200, success: true, message: "Broadcast sent" };
  const results = projectIds.map((projectId) => ({
    projectId,
    ...answer,
    recipients: 1,
    excluded: 0,
    seq: 1,
  }));
  assert.deepEqual(await response.json(), { success: true, results });
  for (const client of clients) assert.deepEqual((await client.next("E")).payload, { n: 1 });
});

test("P2.13 a project that refuses hides no other", async () => {
  const [taken, other] = [server.room(), server.room()];
  await post(taken, { eventType: "ANOTHER", id: "k" });
  const projectIds = [taken.id, other.id];
  const response = await postToMany({ eventType: "E", id: "k", projectIds });
  const { success, results } = (await response.json()) as {
    success: boolean;
    results: Record<string, unknown>[];
  };
  assert.deepEqual([response.status, success], [200, false]);
  assert.deepEqual(
    results.map(({ projectId, status, code, seq }) => [projectId, status, code ?? seq]),
    [
      [taken.id, 409, "idempotency_conflict"],
      [other.id, 200, 1],
    ],
  );
});

test("P2.13 100 projects are reached, one of them named twice gets the event once", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  const rest = Array.from({ length: 98 }, () => server.room().id);
  const response = await postToMany({ eventType: "E", projectIds: [room.id, ...rest, room.id] });
  const { success, results } = (await response.json()) as { success: boolean; results: unknown[] };
  assert.deepEqual([success, results.length], [true, 99]);
  await settle(room, ann);
  assert.deepEqual(broadcasts(ann), ["E"]);
});

for (const [name, body, code] of [
  ["without projectIds", { eventType: "E" }, "invalid_field"],
  ["with none", { eventType: "E", projectIds: [] }, "invalid_field"],
  ["with 101", { eventType: "E", projectIds: Array(101).fill("p") }, "invalid_field"],
  ["with null among them", { eventType: "E", projectIds: ["p", null] }, "invalid_field"],
  ["with a wrong id", { eventType: "E", projectIds: ["a/b"] }, "invalid_project_id"],
  ["without an event", { projectIds: ["p"] }, "missing_event_type"],
  ["with a wrong event", { eventType: "PONG", projectIds: ["p"] }, "reserved_event_type"],
] as const) {
  test(`P2.13 ${name} it is refused as a whole`, async () => {
    await assertRefused(await postToMany(body), 400, code);
  });
}

test("P2.13 it needs the secret, and is bounded like any other", async () => {
  const body = { eventType: "E", projectIds: ["p"], payload: "x".repeat(40_000) };
  await assertRefused(await postToMany(body), 413, "payload_too_large");
  const stranger = await postToMany(body, { Authorization: "Bearer wrong" });
  await assertRefused(stranger, 401, "unauthorized");
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
      const answer = await post(room, { eventType: "E", id: "k" });
      assert.deepEqual(
        [answer.seq, answer.recipients, answer.duplicate],
        [undefined, 1, undefined],
      );
    }
  });
});
