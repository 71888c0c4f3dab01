/** What the API makes of requests that are sent again, and of changes that meet. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { sql } from "drizzle-orm";
import { forgetKeys } from "../api/keys.ts";
import type { SingleTask, Task } from "../shared/board.ts";
import { startApi } from "./support/api.ts";

const { app, db, outbox, call, ok, events, newProject, newTask } = await startApi();
const projectId = await newProject();

/** A task of which nobody has been told yet. */
async function quietTask(): Promise<string> {
  const taskId = await newTask(projectId, "Write the text");
  await events();
  return taskId;
}

const theTask = (taskId: string) => ok<SingleTask>("GET", `/tasks/${taskId}`);

test("a change that is sent again, as after a lost answer, is applied and told once", async () => {
  const taskId = await quietTask();
  const body = { set: { title: "Write all texts" }, base: { title: "Write the text" } };
  const answers = [];
  for (let i = 0; i < 2; i += 1) {
    const response = await call("PATCH", `/tasks/${taskId}`, body, "ann", `key of ${taskId}`);
    answers.push([response.status, response.headers.get("etag"), await response.json()]);
  }
  assert.deepEqual(answers[0], answers[1]);
  assert.equal(answers[0]?.[1], '"v2"');
  assert.equal((await theTask(taskId)).version, 2);
  assert.equal((await events()).length, 1);
});

test("a request without a key is refused, and so is another one under a known key", async () => {
  const taskId = await quietTask();
  const headers = { "X-User-Id": "ann" };
  const without = await app.request(`/api/tasks/${taskId}`, { method: "DELETE", headers });
  assert.deepEqual([without.status, (await without.json()).code], [400, "key_required"]);
  const key = randomUUID();
  await call("POST", `/tasks/${taskId}/restore`, undefined, "ann", key);
  const other = await call("DELETE", `/tasks/${taskId}`, undefined, "ann", key);
  assert.deepEqual([other.status, (await other.json()).code], [422, "key_reused"]);
  // Somebody else's key is another key.
  assert.equal((await call("DELETE", `/tasks/${taskId}`, undefined, "ben", key)).status, 204);
  await events();
});

test("a key is forgotten when no page can send it any more", async () => {
  const key = randomUUID();
  const project = { id: randomUUID(), name: "Website" };
  const send = (name: string) => call("POST", "/projects", { ...project, name }, "ann", key);
  await send("Website");
  await db.execute(sql`UPDATE idempotency_keys SET kept_at = now() - interval '6 days'`);
  await forgetKeys(db);
  assert.equal((await send("Other")).status, 422);
  await db.execute(sql`UPDATE idempotency_keys SET kept_at = now() - interval '8 days'`);
  await forgetKeys(db);
  assert.equal((await send("Other")).status, 201);
  await events();
});

test("a field that somebody else has changed since is a conflict, which says who it was and when", async () => {
  const taskId = await quietTask();
  const seen = await theTask(taskId);
  const base = { title: seen.title, priority: seen.priority };
  await ok("PATCH", `/tasks/${taskId}`, { set: { title: "Theirs" }, base }, "ben");
  await events();
  const set = { title: "Mine", priority: "high" };
  const response = await call("PATCH", `/tasks/${taskId}`, { set, base });
  const { code, current, fields } = await response.json();
  assert.deepEqual([response.status, code, fields], [409, "conflict", ["title"]]);
  assert.deepEqual([current.title, current.version, current.changed.by], ["Theirs", 2, "ben"]);
  assert.ok(Math.abs(Date.now() - Date.parse(current.changed.at)) < 60_000);
  // All of it or nothing.
  assert.equal((await theTask(taskId)).priority, "medium");
  assert.deepEqual(await events(), []);
});

test("changes of different fields meet without a conflict, and so do two of the same value", async () => {
  const taskId = await quietTask();
  const base = { title: "Write the text", status: "todo" };
  await ok("PATCH", `/tasks/${taskId}`, { set: { title: "Theirs" }, base }, "ben");
  await ok("PATCH", `/tasks/${taskId}`, { set: { status: "completed" }, base });
  const again = { set: { title: "Theirs" }, base };
  assert.equal((await ok<Task>("PATCH", `/tasks/${taskId}`, again)).version, 3);
  assert.equal((await events()).length, 2);
});

test("If-Match works as well as a base, and one of them is needed", async () => {
  const taskId = await quietTask();
  const send = (headers: Record<string, string>) =>
    app.request(`/api/tasks/${taskId}`, {
      method: "PATCH",
      headers: { "X-User-Id": "ann", "Idempotency-Key": randomUUID(), ...headers },
      body: JSON.stringify({ set: { title: "New" } }),
    });
  assert.equal((await send({})).status, 428);
  assert.equal((await send({ "If-Match": '"v7"' })).status, 412);
  assert.equal((await send({ "If-Match": '"v1"' })).status, 200);
  await events();
});

test("an API that was killed before it told the others does so when it starts again", async () => {
  const taskId = await quietTask();
  const payload = { taskId, projectId, title: "Killed", actorId: "ann" };
  const said = { method: "broadcastToProject" as const, args: [projectId, "TASK_MOVED", payload] };
  await outbox.keep(db, [said]);
  await outbox.sendLeft();
  const told = await events();
  assert.deepEqual(
    told.map((event) => [event.eventType, event.payload]),
    [["TASK_MOVED", payload]],
  );
  await outbox.sendLeft();
  assert.deepEqual(await events(), []);
});
