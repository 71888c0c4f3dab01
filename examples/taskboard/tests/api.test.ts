/** The API on a database of its own: what it stores, and what it tells to whom. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { sql } from "drizzle-orm";
import { verify } from "hono/jwt";
import type { Project, SingleTask, Task } from "../shared/board.ts";
import { JWT_SECRET, startApi } from "./support/api.ts";

/** What a new task has beside its id and title. */
const BESIDES = { status: "todo", priority: "low", position: "V" };

const { app, db, store, call, ok, change, events, newProject, newTask } = await startApi();

test("a new project is stored, and all but its maker hear of it", async () => {
  const projectId = await newProject();
  const projects = await ok<Project[]>("GET", "/projects");
  assert.ok(projects.some(({ id }) => id === projectId));
  const payload = { projectId, name: "Website", actorId: "ann" };
  assert.deepEqual(await events(), [
    { room: "workspace", eventType: "PROJECT_CREATED", payload, excludeUserId: "ann" },
  ]);
});

test("each change of a task is stored and told as what it is", async () => {
  const projectId = await newProject();
  const taskId = await newTask(projectId, "Write the text");
  await change(taskId, { position: "W" });
  await change(taskId, { status: "in_progress", position: "X" });
  await change(taskId, { assigneeId: "ben" });
  await change(taskId, { assigneeId: null });
  await change(taskId, { title: "Write all texts", priority: "high" });
  await change(taskId, { priority: "high" });
  await change(taskId, { dueOn: "2028-02-29" });
  const [task] = await ok<Task[]>("GET", `/projects/${projectId}/tasks`);
  assert.deepEqual(task, {
    id: taskId,
    projectId,
    title: "Write all texts",
    description: "",
    status: "in_progress",
    priority: "high",
    position: "X",
    version: 7,
    assigneeId: null,
    dueOn: "2028-02-29",
    comments: 0,
  });
  const heard = (await events()).filter(({ room }) => room === projectId);
  assert.ok(heard.every(({ excludeUserId }) => excludeUserId === "ann"));
  const common = { taskId, projectId, actorId: "ann", title: "Write the text" };
  const now = { title: "Write all texts", status: "in_progress", priority: "high" };
  assert.deepEqual(
    heard.map(({ eventType, payload }) => [eventType, payload]),
    [
      ["TASK_CREATED", { ...common, version: 1, ...BESIDES, priority: "medium", createdBy: "ann" }],
      ["TASK_MOVED", { ...common, version: 2, position: "W" }],
      ["TASK_STATUS_CHANGED", { ...common, version: 3, status: "in_progress", position: "X" }],
      ["TASK_ASSIGNED", { ...common, version: 4, assigneeId: "ben", removed: false }],
      ["TASK_ASSIGNED", { ...common, version: 5, assigneeId: "ben", removed: true }],
      ["TASK_UPDATED", { ...common, version: 6, ...now, changed: ["title", "priority"] }],
      ["TASK_UPDATED", { ...common, version: 7, ...now, changed: ["dueOn"] }],
    ],
  );
});

async function titles(projectId: string): Promise<string[]> {
  const tasks = await ok<Task[]>("GET", `/projects/${projectId}/tasks`);
  return tasks.map(({ title }) => title);
}

test("tasks stand in the order of their positions, as characters and not as a language has it", async () => {
  const projectId = await newProject();
  await newTask(projectId, "third", "a");
  await newTask(projectId, "second", "Z");
  await newTask(projectId, "first", "9z");
  assert.deepEqual(await titles(projectId), ["first", "second", "third"]);
});

test("of two tasks for one place the second stands behind the first", async () => {
  const projectId = await newProject();
  await newTask(projectId, "first", "V");
  await newTask(projectId, "last", "W");
  const ids = await Promise.all(["A", "B"].map((title) => newTask(projectId, title, "k")));
  await Promise.all(ids.map((id) => change(id, { position: "V" })));
  const order = await titles(projectId);
  assert.deepEqual([order[0], order[3]], ["first", "last"]);
  const tasks = await ok<Task[]>("GET", `/projects/${projectId}/tasks`);
  assert.equal(new Set(tasks.map(({ position }) => position)).size, 4);
});

test("a column whose positions have become long is spread again, in the same order", async () => {
  const projectId = await newProject();
  await newTask(projectId, "first", "V");
  const moved = await newTask(projectId, "second", "W");
  await newTask(projectId, "last", `V${"0".repeat(60)}2`);
  await change(moved, { position: `V${"0".repeat(60)}1` });
  assert.deepEqual(await titles(projectId), ["first", "second", "last"]);
  const tasks = await ok<Task[]>("GET", `/projects/${projectId}/tasks`);
  assert.ok(tasks.every(({ position }) => position.length <= 5));
});

test("comments are counted and told; a deleted task takes them along, and brings them back", async () => {
  const projectId = await newProject();
  const taskId = await newTask(projectId, "Write the text");
  const comment = { id: randomUUID(), text: "By Friday" };
  await events();
  await ok("POST", `/tasks/${taskId}/comments`, comment);
  const [task] = await ok<Task[]>("GET", `/projects/${projectId}/tasks`);
  assert.equal(task?.comments, 1);
  assert.equal((await ok<SingleTask>("GET", `/tasks/${taskId}`)).deleted, null);
  // Twice, as after a lost answer.
  for (let i = 0; i < 2; i += 1) await ok("DELETE", `/tasks/${taskId}`);
  assert.deepEqual(await ok("GET", `/projects/${projectId}/tasks`), []);
  const { deleted, ...kept } = await ok<SingleTask>("GET", `/tasks/${taskId}`);
  assert.deepEqual(kept, { ...task, version: 2 });
  assert.equal(deleted?.by, "ann");
  assert.ok(Math.abs(Date.now() - Date.parse(deleted?.at ?? "")) < 60_000);
  for (let i = 0; i < 2; i += 1) await ok("POST", `/tasks/${taskId}/restore`);
  assert.deepEqual(await ok("GET", `/projects/${projectId}/tasks`), [{ ...task, version: 3 }]);
  const types = (await events()).map(({ eventType }) => eventType);
  assert.deepEqual(types, ["COMMENT_ADDED", "TASK_DELETED", "TASK_RESTORED"]);
});

test("a deleted task can be restored for 30 days", async () => {
  const projectId = await newProject();
  const [recent, old] = [await newTask(projectId, "Recent"), await newTask(projectId, "Old", "W")];
  for (const id of [recent, old]) await ok("DELETE", `/tasks/${id}`);
  const age = sql`UPDATE tasks SET deleted_at = now() - interval '31 days' WHERE id = ${old}`;
  await db.execute(age);
  for (const { id } of await store.deletedLongAgo()) await store.forget(id);
  await ok("POST", `/tasks/${recent}/restore`);
  assert.deepEqual(await titles(projectId), ["Recent"]);
  assert.equal((await call("POST", `/tasks/${old}/restore`)).status, 404);
  await events();
});

test("a repeated creation, as after a lost answer, is stored and told once", async () => {
  const project = { id: randomUUID(), name: "Website" };
  const task = { id: randomUUID(), title: "Write the text", ...BESIDES };
  const comment = { id: randomUUID(), text: "By Friday" };
  for (let i = 0; i < 2; i += 1) {
    await ok("POST", "/projects", project);
    await ok("POST", `/projects/${project.id}/tasks`, task);
    await ok("POST", `/tasks/${task.id}/comments`, comment);
  }
  const types = (await events()).map(({ eventType }) => eventType);
  assert.deepEqual(types.sort(), ["COMMENT_ADDED", "PROJECT_CREATED", "TASK_CREATED"]);
});

test("a token is for the user and one room, and ends", async () => {
  const { token } = await (await call("GET", "/realtime-token/p1")).json();
  const claims = await verify(token, JWT_SECRET, "HS256");
  assert.deepEqual([claims.sub, claims.name, claims.projects], ["ann", "Ann Keller", ["p1"]]);
  assert.ok((claims.exp ?? 0) * 1_000 > Date.now());
});

test("what is wrong is refused with a reason, and nobody hears of it", async () => {
  const projectId = await newProject();
  const taskId = await newTask(projectId, "Write the text");
  const deletedId = await newTask(projectId, "Gone", "W");
  await ok("DELETE", `/tasks/${deletedId}`);
  await events();
  const refusals: [number, ...Parameters<typeof call>][] = [
    [401, "GET", "/projects", undefined, "nobody"],
    [404, "GET", `/projects/${randomUUID()}/tasks`],
    [400, "GET", "/projects/1/tasks"],
    [400, "POST", "/projects", []],
    [400, "POST", "/projects", { id: randomUUID(), name: "x".repeat(201) }],
    [400, "POST", `/projects/${projectId}/tasks`, { ...BESIDES, id: randomUUID(), title: " " }],
    [400, "POST", `/projects/${projectId}/tasks`, { ...BESIDES, id: "1", title: "Text" }],
    ...["", "a0", "a b", "é", "x".repeat(129), 1].map(
      (position): [number, ...Parameters<typeof call>] => [
        400,
        "PATCH",
        `/tasks/${taskId}`,
        { set: { position } },
      ],
    ),
    ...["2026-02-30", "2026-2-3", "0026-02-03", "3000-01-01", "tomorrow", "", 1].map(
      (dueOn): [number, ...Parameters<typeof call>] => [
        400,
        "PATCH",
        `/tasks/${taskId}`,
        { set: { dueOn } },
      ],
    ),
    [400, "PATCH", `/tasks/${taskId}`, { set: { title: "NUL \0" } }],
    [400, "PATCH", `/tasks/${taskId}`, { set: { description: "In two copies." } }],
    [413, "PATCH", `/tasks/${taskId}`, { set: { title: "x".repeat(40_000) } }],
    [404, "GET", `/tasks/${randomUUID()}`],
    [404, "POST", `/tasks/${randomUUID()}/restore`],
    [404, "PATCH", `/tasks/${deletedId}`, { set: { status: "todo" } }],
    [404, "POST", `/tasks/${deletedId}/comments`, { id: randomUUID(), text: "Hello" }],
    [400, "PATCH", `/tasks/${taskId}`, { set: {} }],
    [400, "PATCH", `/tasks/${taskId}`, { set: { status: "finished" } }],
    [400, "PATCH", `/tasks/${taskId}`, { set: { assigneeId: "nobody" } }],
    [404, "PATCH", `/tasks/${randomUUID()}`, { set: { status: "todo" } }],
    [404, "POST", `/tasks/${randomUUID()}/comments`, { id: randomUUID(), text: "Hello" }],
  ];
  for (const [status, ...request] of refusals) {
    const response = await call(...request);
    const { error } = (await response.json()) as { error?: string };
    assert.equal(response.status, status, `${request.slice(0, 2).join(" ")}: ${error}`);
    assert.ok(error);
  }
  const headers = { "X-User-Id": "ann", "Idempotency-Key": "k" };
  const noJson = await app.request("/api/projects", { method: "POST", headers, body: "{" });
  assert.equal(noJson.status, 400);
  assert.deepEqual(await events(), []);
});
