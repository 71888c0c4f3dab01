/** The API on a database of its own, and what it tells the realtime server. To be called once in a file. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after } from "node:test";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createApp } from "../../api/app.ts";
import { Store } from "../../api/store.ts";
import type { Project, SingleTask } from "../../shared/board.ts";
import { newDatabase } from "./database.ts";
import { partsFor } from "./parts.ts";

export const JWT_SECRET = "a secret of at least 32 bytes, for the tests";

export interface Told {
  room: string;
  eventType: string;
  payload: Record<string, unknown>;
  excludeUserId?: string;
  excludeConnectionId?: string;
  userIds?: string[];
}

export async function startApi() {
  const told: Told[] = [];
  const server = { url: await serveRooms(told), secret: "secret" };
  const database = await newDatabase();
  after(database.close);
  const { db } = database;
  const store = new Store(db);
  const parts = partsFor(database, server);
  const { outbox } = parts;
  const app = createApp({
    ...parts,
    realtimeUrl: "http://localhost:1999",
    jwtSecret: JWT_SECRET,
  });

  function call(
    method: string,
    path: string,
    body?: unknown,
    user = "ann",
    key: string = randomUUID(),
  ): Promise<Response> {
    const headers = {
      "X-User-Id": user,
      "Content-Type": "application/json",
      "Idempotency-Key": key,
    };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return Promise.resolve(app.request(`/api${path}`, init));
  }

  async function ok<T>(method: string, path: string, body?: unknown, user?: string): Promise<T> {
    const response = await call(method, path, body, user);
    const text = await response.text();
    assert.ok(response.ok, text);
    return text === "" ? (undefined as T) : (JSON.parse(text) as T);
  }

  return {
    app,
    db,
    store,
    outbox,
    call,
    ok,
    /** What was told since the last call, once all is sent. */
    async events(): Promise<Told[]> {
      await outbox.flush();
      return told.splice(0);
    },
    /** Changes a task as somebody does who sees it as it is. */
    async change(taskId: string, set: object, user?: string): Promise<void> {
      const { version: baseVersion } = await ok<SingleTask>("GET", `/tasks/${taskId}`);
      await ok("PATCH", `/tasks/${taskId}`, { set, baseVersion }, user);
    },
    async newProject(): Promise<string> {
      const { id } = await ok<Project>("POST", "/projects", { id: randomUUID(), name: "Website" });
      return id;
    },
    async newTask(projectId: string, title: string, position = "V"): Promise<string> {
      const task = { id: randomUUID(), title, status: "todo", priority: "medium", position };
      await ok("POST", `/projects/${projectId}/tasks`, task);
      return task.id;
    },
  };
}

/** Stands in for the realtime server, and keeps what it is told. */
async function serveRooms(told: Told[]): Promise<string> {
  const known = new Set<string | undefined>();
  const rooms = new Hono().post("/parties/main/:room", async (c) => {
    // Sent again, because the answer took too long.
    const id = c.req.header("idempotency-key");
    if (known.has(id)) return c.json({ success: true });
    known.add(id);
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
