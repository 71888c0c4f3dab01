/** One event for many projects: docs/protocol.md, P2.13. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { assertRefused, broadcasts, settle } from "../support/expect.ts";
import { posted } from "../support/posted.ts";
import { SECRET, startServer } from "../support/target.ts";

const server = await startServer();

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
  await posted(taken, { eventType: "ANOTHER", id: "k" });
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
