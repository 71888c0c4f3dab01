/** One event for many projects: docs/protocol.md, P2.13. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { assertRefused, broadcasts, settle } from "../support/expect.ts";
import { posted } from "../support/posted.ts";
import { SECRET, startServer } from "../support/target.ts";

const server = await startServer();

interface ManyAnswer {
  success: boolean;
  results: { projectId: string; status: number; [field: string]: unknown }[];
  remaining?: string[];
}

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
  const { success, results } = (await response.json()) as ManyAnswer;
  assert.deepEqual([response.status, success], [200, false]);
  assert.deepEqual(
    results.map(({ projectId, status, code, seq }) => [projectId, status, code ?? seq]),
    [
      [taken.id, 409, "idempotency_conflict"],
      [other.id, 200, 1],
    ],
  );
});

test("P2.13 100 projects are reached at once, one that is named twice gets the event once", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  const rest = Array.from({ length: 99 }, () => server.room().id);
  const response = await postToMany({ eventType: "E", projectIds: [room.id, ...rest, room.id] });
  const { success, results, ...more } = (await response.json()) as ManyAnswer;
  assert.deepEqual([success, results.length, more], [true, 100, {}]);
  await settle(room, ann);
  assert.deepEqual(broadcasts(ann), ["E"]);
});

test("P2.13 of more, the first 100 are reached, and the others remain, for the next request", async () => {
  const last = server.room();
  const ann = await last.user("ann");
  const ids = [...Array.from({ length: 249 }, () => server.room().id), last.id];
  const event = { eventType: "E", id: "k", payload: { n: 1 } };
  const reached: string[] = [];
  const successes: boolean[] = [];
  let remaining: string[] | undefined = [...ids, ids[0] as string];
  while (remaining) {
    const response = await postToMany({ ...event, projectIds: remaining });
    assert.equal(response.status, 200);
    const answer = (await response.json()) as ManyAnswer;
    for (const { projectId, ...result } of answer.results) {
      reached.push(projectId);
      assert.deepEqual([result.status, result.seq, result.duplicate], [200, 1, undefined]);
    }
    successes.push(answer.success);
    remaining = answer.remaining;
    assert.deepEqual([...reached, ...(remaining ?? [])], ids, "each project once, in order");
  }
  assert.deepEqual(successes, [false, false, true]);
  assert.deepEqual((await ann.next("E")).payload, { n: 1 });
  const again = await postToMany({ ...event, projectIds: [last.id] });
  const [repeated] = ((await again.json()) as ManyAnswer).results;
  assert.deepEqual([repeated?.seq, repeated?.duplicate], [1, true]);
  await settle(last, ann);
  assert.deepEqual(broadcasts(ann), ["E"]);
});

test("P2.13 1,000 projects can be named, of which each counts once", async () => {
  const [one, other] = [server.room().id, server.room().id];
  const projectIds = Array.from({ length: 1_000 }, (_, n) => (n % 2 === 0 ? one : other));
  const body = { eventType: "E", projectIds };
  assert.ok(JSON.stringify(body).length > 32_768, "is refused for its size");
  await assertRefused(await postToMany(body), 413, "payload_too_large");
  const short = Array.from({ length: 1_000 }, (_, n) => (n === 0 ? one : "p"));
  const response = await postToMany({ eventType: "E", projectIds: short });
  const { success, results } = (await response.json()) as ManyAnswer;
  assert.deepEqual([success, results.map(({ projectId }) => projectId)], [true, [one, "p"]]);
});

for (const [name, body, code] of [
  ["without projectIds", { eventType: "E" }, "invalid_field"],
  ["with none", { eventType: "E", projectIds: [] }, "invalid_field"],
  ["with 1,001", { eventType: "E", projectIds: Array(1_001).fill("p") }, "invalid_field"],
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
