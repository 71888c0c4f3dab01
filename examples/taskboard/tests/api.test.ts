/** The API on a database in memory: what it stores, and what it tells to whom. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import { serve } from "@hono/node-server";
import { createBroadcaster } from "@validiant/realtime/server";
import { Hono } from "hono";
import { verify } from "hono/jwt";
import { createApp } from "../api/app.ts";
import { openDatabase } from "../api/database.ts";
import { Store } from "../api/store.ts";
import type { Project, Task } from "../shared/board.ts";

const JWT_SECRET = "a secret of at least 32 bytes, for the tests";

interface Told {
  room: string;
  eventType: string;
  payload: Record<string, unknown>;
  excludeUserId: string;
}

const told: Told[] = [];
const realtime = createBroadcaster({ url: await serveRooms(), secret: "secret" });
const { db, close } = await openDatabase();
after(close);
const app = createApp({
  store: new Store(db),
  realtime,
  realtimeUrl: "http://localhost:1999",
  jwtSecret: JWT_SECRET,
});

/** Stands in for the realtime server, and keeps what it is told. */
async function serveRooms(): Promise<string> {
  const rooms = new Hono().post("/parties/main/:room", async (c) => {
    const body: Omit<Told, "room"> = await c.req.json();
    told.push({ ...body, room: c.req.param("room") });
    return c.json({ success: true });
  });
  return new Promise((listening) => {
    const server = serve({ fetch: rooms.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
      listening(`http://127.0.0.1:${port}`),
    );
    after(() => server.close());
  });
}

function call(method: string, path: string, body?: unknown, user = "ann"): Promise<Response> {
  const headers = { "X-User-Id": user, "Content-Type": "application/json" };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  return Promise.resolve(app.request(`/api${path}`, init));
}

async function ok<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await call(method, path, body);
  const text = await response.text();
  assert.ok(response.ok, text);
  return text === "" ? (undefined as T) : (JSON.parse(text) as T);
}

/** What was told since the last call, once all is sent. */
async function events(): Promise<Told[]> {
  await realtime.flush();
  return told.splice(0);
}

async function newProject(): Promise<string> {
  const { id } = await ok<Project>("POST", "/projects", { id: randomUUID(), name: "Website" });
  return id;
}

async function newTask(projectId: string, title: string, priority = "medium"): Promise<string> {
  const task = { id: randomUUID(), title, status: "todo", priority };
  await ok("POST", `/projects/${projectId}/tasks`, task);
  return task.id;
}

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
  await ok("PATCH", `/tasks/${taskId}`, { status: "in_progress" });
  await ok("PATCH", `/tasks/${taskId}`, { assigneeId: "ben" });
  await ok("PATCH", `/tasks/${taskId}`, { assigneeId: null });
  await ok("PATCH", `/tasks/${taskId}`, { title: "Write all texts", priority: "high" });
  await ok("PATCH", `/tasks/${taskId}`, { priority: "high" });
  const [task] = await ok<Task[]>("GET", `/projects/${projectId}/tasks`);
  assert.deepEqual(task, {
    id: taskId,
    projectId,
    title: "Write all texts",
    status: "in_progress",
    priority: "high",
    assigneeId: null,
    comments: 0,
  });
  const heard = (await events()).filter(({ room }) => room === projectId);
  assert.ok(heard.every(({ excludeUserId }) => excludeUserId === "ann"));
  const common = { taskId, projectId, actorId: "ann", title: "Write the text" };
  assert.deepEqual(
    heard.map(({ eventType, payload }) => [eventType, payload]),
    [
      ["TASK_CREATED", { ...common, status: "todo", priority: "medium", createdBy: "ann" }],
      ["TASK_STATUS_CHANGED", { ...common, status: "in_progress" }],
      ["TASK_ASSIGNED", { ...common, assigneeId: "ben", removed: false }],
      ["TASK_ASSIGNED", { ...common, assigneeId: "ben", removed: true }],
      [
        "TASK_UPDATED",
        { ...common, title: "Write all texts", status: "in_progress", priority: "high" },
      ],
    ],
  );
});

test("urgent tasks come first, old ones before new ones", async () => {
  const projectId = await newProject();
  await newTask(projectId, "later", "low");
  await newTask(projectId, "first", "high");
  await newTask(projectId, "soon", "medium");
  await newTask(projectId, "second", "high");
  const tasks = await ok<Task[]>("GET", `/projects/${projectId}/tasks`);
  assert.deepEqual(
    tasks.map(({ title }) => title),
    ["first", "second", "soon", "later"],
  );
});

test("comments are counted and told; a deleted task takes them along", async () => {
  const projectId = await newProject();
  const taskId = await newTask(projectId, "Write the text");
  const comment = { id: randomUUID(), text: "By Friday" };
  await events();
  await ok("POST", `/tasks/${taskId}/comments`, comment);
  const [task] = await ok<Task[]>("GET", `/projects/${projectId}/tasks`);
  assert.equal(task?.comments, 1);
  await ok("DELETE", `/tasks/${taskId}`);
  assert.deepEqual(await ok("GET", `/projects/${projectId}/tasks`), []);
  assert.deepEqual(await ok("GET", `/tasks/${taskId}/comments`), []);
  await ok("DELETE", `/tasks/${taskId}`);
  const types = (await events()).map(({ eventType }) => eventType);
  assert.deepEqual(types, ["COMMENT_ADDED", "TASK_DELETED"]);
});

test("a repeated creation, as after a lost answer, is stored and told once", async () => {
  const project = { id: randomUUID(), name: "Website" };
  const task = { id: randomUUID(), title: "Write the text", status: "todo", priority: "low" };
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
  const text = await (await call("GET", "/realtime-token/p1")).text();
  const claims = await verify(text, JWT_SECRET, "HS256");
  assert.deepEqual([claims.sub, claims.name, claims.projects], ["ann", "Ann Keller", ["p1"]]);
  assert.ok((claims.exp ?? 0) * 1_000 > Date.now());
});

test("what is wrong is refused with a reason, and nobody hears of it", async () => {
  const projectId = await newProject();
  const taskId = await newTask(projectId, "Write the text");
  await events();
  const refusals: [number, ...Parameters<typeof call>][] = [
    [401, "GET", "/projects", undefined, "nobody"],
    [404, "GET", `/projects/${randomUUID()}/tasks`],
    [400, "GET", "/projects/1/tasks"],
    [400, "POST", `/projects/${projectId}/tasks`, { id: randomUUID(), title: " " }],
    [400, "PATCH", `/tasks/${taskId}`, {}],
    [400, "PATCH", `/tasks/${taskId}`, { status: "finished" }],
    [400, "PATCH", `/tasks/${taskId}`, { assigneeId: "nobody" }],
    [404, "PATCH", `/tasks/${randomUUID()}`, { status: "todo" }],
    [404, "POST", `/tasks/${randomUUID()}/comments`, { id: randomUUID(), text: "Hello" }],
  ];
  for (const [status, ...request] of refusals) {
    const response = await call(...request);
    const { error } = (await response.json()) as { error?: string };
    assert.equal(response.status, status, `${request.slice(0, 2).join(" ")}: ${error}`);
    assert.ok(error);
  }
  const headers = { "X-User-Id": "ann" };
  const noJson = await app.request("/api/projects", { method: "POST", headers, body: "{" });
  assert.equal(noJson.status, 400);
  assert.deepEqual(await events(), []);
});
