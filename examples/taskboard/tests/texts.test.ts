/** Descriptions between the database and the real server of documents: made once, and copied for searching. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createDocuments } from "@validiant/realtime/server";
import { eq, sql } from "drizzle-orm";
import * as Y from "yjs";
import { PATIENCE_MS } from "../../../tests/support/inbox.ts";
import { Runtime } from "../../../tests/support/runtime.ts";
import { createApp } from "../api/app.ts";
import { tasks } from "../api/schema.ts";
import { Texts } from "../api/texts.ts";
import { DESCRIPTION_MAX, type SingleTask, type Task } from "../shared/board.ts";
import { TEXT_NAME } from "../shared/text.ts";
import { newDatabase } from "./support/database.ts";
import { partsFor } from "./support/parts.ts";

const SECRET = "secret-of-the-text-tests";
const AS_TEXT = { as: "text", name: TEXT_NAME } as const;

const [runtime, database] = await Promise.all([
  Runtime.start({ vars: { BROADCAST_SECRET: SECRET, CONNECT_AUTH: "open" } }),
  newDatabase(),
]);
const server = { url: runtime.url, secret: SECRET };
const documents = createDocuments(server);
const { db, close } = database;
const { outbox, privateProjects } = partsFor(database, server);
after(async () => {
  await outbox.flush();
  await Promise.all([close(), runtime.stop()]);
});

/** How often the API has read a text. */
let reads = 0;
const readDocument = ((...args: Parameters<typeof documents.readDocument>) => {
  reads += 1;
  return documents.readDocument(...args);
}) as typeof documents.readDocument;
const texts = new Texts(db, outbox, { ...documents, readDocument });
const app = createApp({ db, outbox, texts, privateProjects, realtimeUrl: runtime.url });

async function call(method: string, path: string, body?: object): Promise<Response> {
  const headers = {
    "X-User-Id": "ann",
    "Content-Type": "application/json",
    "Idempotency-Key": randomUUID(),
  };
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  return app.request(`/api${path}`, init);
}

async function newTask(description = ""): Promise<{ project: string; task: string }> {
  const [project, task] = [randomUUID(), randomUUID()];
  await call("POST", "/projects", { id: project, name: "Website" });
  const given = { title: "Write", status: "todo", priority: "low", position: "V" };
  await call("POST", `/projects/${project}/tasks`, { id: task, ...given });
  await db.update(tasks).set({ description }).where(eq(tasks.id, task));
  return { project, task };
}

const textIn = (project: string, task: string) => documents.readDocument(project, task, AS_TEXT);

async function taskOf(task: string): Promise<SingleTask> {
  return (await (await call("GET", `/tasks/${task}`)).json()) as SingleTask;
}

function seed(project: string, task: string, text: string) {
  const doc = new Y.Doc();
  doc.getText(TEXT_NAME).insert(0, text);
  return documents.seedDocument(project, task, Y.encodeStateAsUpdate(doc));
}

test("an older description becomes the text when it is first opened, and never again", async () => {
  const { project, task } = await newTask("Three paragraphs");
  const opened = await Promise.all([1, 2, 3].map(() => call("POST", `/tasks/${task}/text/open`)));
  assert.deepEqual(
    opened.map(({ status }) => status),
    [204, 204, 204],
  );
  assert.equal(await textIn(project, task), "Three paragraphs");
  await call("POST", `/tasks/${task}/text/read`);
  assert.equal((await taskOf(task)).version, 1);
});

test("a text is copied when it is asked for, and only another one makes a new version", async () => {
  const { project, task } = await newTask();
  await call("POST", `/tasks/${task}/text/open`);
  assert.equal((await call("POST", `/tasks/${task}/text/read`)).status, 204);
  assert.deepEqual([(await taskOf(task)).description, (await taskOf(task)).version], ["", 1]);
  await seed(project, task, "  In two copies.\0\n");
  for (let i = 0; i < 2; i += 1) await call("POST", `/tasks/${task}/text/read`);
  assert.deepEqual(
    [(await taskOf(task)).description, (await taskOf(task)).version],
    ["In two copies.", 2],
  );
});

test("of a long text the table has the beginning", async () => {
  const { project, task } = await newTask();
  // The last character that would fit is half of one.
  await seed(project, task, `${"x".repeat(DESCRIPTION_MAX - 1)}😀`);
  await call("POST", `/tasks/${task}/text/read`);
  assert.equal((await taskOf(task)).description, `${"x".repeat(DESCRIPTION_MAX - 1)}\u{fffd}`);
});

test("a text that nobody has asked for since it was open is read with the list of the tasks", async () => {
  const { project, task } = await newTask();
  await call("POST", `/tasks/${task}/text/open`);
  await seed(project, task, "In two copies.");
  const list = async () =>
    ((await (await call("GET", `/projects/${project}/tasks`)).json()) as Task[])[0]?.description;
  reads = 0;
  await list();
  assert.equal(reads, 0, "somebody may be writing still");
  const ago = sql`now() - interval '21 minutes'`;
  await db.update(tasks).set({ openedAt: ago }).where(eq(tasks.id, task));
  const deadline = Date.now() + PATIENCE_MS;
  while ((await list()) !== "In two copies.") {
    assert.ok(Date.now() < deadline);
    // Database and API are in this process: nothing else would ever have its turn.
    await setImmediate();
  }
  const before = reads;
  await list();
  assert.equal(reads, before);
});

test("a copy is not replaced by one that was read earlier", async () => {
  const { project, task } = await newTask();
  await seed(project, task, "New");
  const future = sql`now() + interval '1 minute'`;
  await db
    .update(tasks)
    .set({ description: "Newest", describedAt: future })
    .where(eq(tasks.id, task));
  await call("POST", `/tasks/${task}/text/read`);
  assert.equal((await taskOf(task)).description, "Newest");
});

test("a server that is away takes no description away", async () => {
  const { task } = await newTask("Three paragraphs");
  // Nobody listens there.
  const away = createDocuments({ ...server, url: "http://127.0.0.1:1", retries: 0 });
  const failing = new Texts(db, outbox, away);
  await assert.rejects(failing.open(task));
  await assert.rejects(failing.read(task));
  assert.equal((await taskOf(task)).description, "Three paragraphs");
  await call("POST", `/tasks/${task}/text/open`);
  await call("POST", `/tasks/${task}/text/read`);
  assert.equal((await taskOf(task)).description, "Three paragraphs");
});

test("a text of a task that does not exist is refused", async () => {
  assert.equal((await call("POST", `/tasks/${randomUUID()}/text/open`)).status, 404);
  assert.equal((await call("POST", `/tasks/${randomUUID()}/text/read`)).status, 404);
  assert.equal((await call("POST", "/tasks/1/text/open")).status, 400);
});

test("the text of a task that is gone for good is erased", async () => {
  const { project, task } = await newTask();
  await seed(project, task, "In two copies.");
  await call("DELETE", `/tasks/${task}`);
  await texts.forgetDeleted();
  assert.equal(await textIn(project, task), "In two copies.");
  const old = sql`now() - interval '31 days'`;
  await db.update(tasks).set({ deletedAt: old }).where(eq(tasks.id, task));
  await texts.forgetDeleted();
  assert.equal(await textIn(project, task), undefined);
  assert.equal((await call("GET", `/tasks/${task}`)).status, 404);
});
