/** Private projects between the API and the real server: who gets in, what is told, and what a removal ends. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import { Client } from "../../../tests/support/client.ts";
import { Runtime } from "../../../tests/support/runtime.ts";
import { createApp } from "../api/app.ts";
import { seedDemo } from "../api/seed.ts";
import { type Project, SALARIES_PROJECT, type SingleTask } from "../shared/board.ts";
import { WORKSPACE } from "../shared/events.ts";
import { newDatabase } from "./support/database.ts";
import { partsFor } from "./support/parts.ts";
import { JWT_SECRET, SECRET } from "./support/site.ts";

const [runtime, database] = await Promise.all([
  Runtime.start({ vars: { BROADCAST_SECRET: SECRET, JWT_SECRET } }),
  newDatabase(),
]);
const parts = partsFor(database, { url: runtime.url, secret: SECRET });
const app = createApp({ ...parts, realtimeUrl: runtime.url, jwtSecret: JWT_SECRET });
const sockets: Client[] = [];
after(async () => {
  for (const { socket } of sockets) socket.terminate();
  await parts.outbox.flush();
  await Promise.all([database.close(), runtime.stop()]);
});

async function call(
  user: string,
  method: string,
  path: string,
  body?: object,
): Promise<[status: number, body: unknown]> {
  const headers = {
    "X-User-Id": user,
    "Content-Type": "application/json",
    "Idempotency-Key": randomUUID(),
  };
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  const response = await app.request(`/api${path}`, init);
  const text = await response.text();
  return [response.status, text === "" ? undefined : JSON.parse(text)];
}

async function newProject(members: string[]): Promise<string> {
  const id = randomUUID();
  const [status] = await call("ann", "POST", "/projects", { id, name: "Salaries", members });
  assert.equal(status, 201);
  return id;
}

async function newTask(project: string): Promise<string> {
  const id = randomUUID();
  const task = { id, title: "A raise", status: "todo", priority: "low", position: "V" };
  assert.equal((await call("ann", "POST", `/projects/${project}/tasks`, task))[0], 201);
  return id;
}

/** Adds a comment to a task. Returns its thread. */
async function newComment(task: string, user = "ann"): Promise<string> {
  const comment = { id: randomUUID(), text: "By a tenth" };
  assert.equal((await call(user, "POST", `/tasks/${task}/comments`, comment))[0], 201);
  return comment.id;
}

/** A user's socket, with a token of the API, once the server has answered. */
async function connect(user: string, room: string): Promise<Client> {
  const [, body] = await call(user, "GET", `/realtime-token/${room}`);
  const { token } = body as { token: string };
  const protocols = ["validiant", `bearer.${token}`];
  const client = new Client(`${runtime.url}/parties/main/${room}`, { protocols });
  sockets.push(client);
  await client.opened();
  return client;
}

async function roomOf(project: string): Promise<{ minKeyEpoch?: number }> {
  const headers = { Authorization: `Bearer ${SECRET}` };
  const response = await fetch(`${runtime.url}/parties/main/${project}`, { headers });
  return (await response.json()) as { minKeyEpoch?: number };
}

test("only members see a private project, what is in it, its keys and its tokens", async () => {
  const project = await newProject(["ann", "ben"]);
  const task = await newTask(project);
  const thread = await newComment(task);
  const paths = [
    `/projects/${project}/tasks`,
    `/projects/${project}/unread`,
    `/projects/${project}/keys/current`,
    `/projects/${project}/keys/1`,
    `/tasks/${task}`,
    `/tasks/${task}/comments`,
    `/tasks/${task}/threads`,
    `/realtime-token/${project}`,
  ];
  for (const path of paths) {
    assert.equal((await call("ben", "GET", path))[0], 200, path);
    assert.equal((await call("dan", "GET", path))[0], 403, path);
  }
  const writes: [method: string, path: string, body?: object][] = [
    ["POST", `/projects/${project}/tasks`, { id: randomUUID() }],
    ["PATCH", `/tasks/${task}`, { set: { title: "No raise" } }],
    ["POST", `/tasks/${task}/text/open`],
    ["POST", `/tasks/${task}/comments`, { id: randomUUID(), text: "Hello" }],
    ["PATCH", `/comments/${thread}`, { text: "By a fifth" }],
    ["PUT", `/threads/${thread}/resolved`],
    ["PUT", `/projects/${project}/members/dan`],
    ["DELETE", `/projects/${project}/members/ben`],
    ["DELETE", `/tasks/${task}`],
  ];
  for (const [method, path, body] of writes)
    assert.equal((await call("dan", method, path, body))[0], 403, path);
  const listed = async (user: string) =>
    ((await call(user, "GET", "/projects"))[1] as Project[]).find(({ id }) => id === project);
  assert.deepEqual(await listed("ben"), { id: project, name: "Salaries", members: ["ann", "ben"] });
  assert.equal(await listed("dan"), undefined);
});

test("a project for everybody has no key, and of one that is not there nobody can tell", async () => {
  const id = randomUUID();
  const path = `/projects/${id}/keys/current`;
  assert.equal((await call("ann", "GET", path))[0], 404);
  await call("ann", "POST", "/projects", { id, name: "Website" });
  assert.deepEqual(await call("dan", "GET", path), [200, null]);
  assert.equal((await roomOf(id)).minKeyEpoch, undefined);
});

test("what is told in a private project is encrypted from its first event, and its name is told nobody", async () => {
  const workspace = await connect("dan", WORKSPACE);
  const ours = await connect("ann", WORKSPACE);
  const project = await newProject(["ann", "ben"]);
  const shared = await ours.next("MEMBERS_CHANGED");
  const who = { projectId: project, actorId: "ann", userIds: ["ann", "ben"], isMember: true };
  assert.deepEqual(shared.payload, who);
  const ben = await connect("ben", project);
  await ben.next("CONNECTED");
  const task = await newTask(project);
  await newComment(task);
  const added = await ben.next("TASK_CREATED");
  assert.deepEqual(Object.keys(added.payload), ["e2e", "k", "n", "c", "by"]);
  assert.deepEqual([added.payload.k, added.payload.by], [1, "b:api"]);
  await ben.next("COMMENT_ADDED");
  assert.equal((await roomOf(project)).minKeyEpoch, 1);
  const all = [...workspace.texts, ...ours.texts, ...ben.texts, ...runtime.log].join("\n");
  for (const secret of ["Salaries", "A raise", "By a tenth"]) assert.ok(!all.includes(secret));
  assert.ok(!workspace.texts.join().includes(project));
});

test("a removal takes the keys first, then begins a new epoch, and closes the sockets", async () => {
  const project = await newProject(["ann", "ben", "cleo"]);
  const task = await newTask(project);
  // The first event begins the first epoch, which raises the floor, too.
  await parts.outbox.flush();
  const [ann, ben] = [await connect("ann", project), await connect("ben", project)];
  await Promise.all([ann.next("CONNECTED"), ben.next("CONNECTED")]);
  assert.deepEqual(await call("ann", "DELETE", `/projects/${project}/members/ben`), [
    204,
    undefined,
  ]);
  assert.equal((await ben.closed).code, 4003);
  assert.deepEqual((await ann.next("KEY_EPOCH")).payload, { minKeyEpoch: 2 });
  for (const epoch of ["current", "1", "2"])
    assert.equal((await call("ben", "GET", `/projects/${project}/keys/${epoch}`))[0], 403);
  const [, current] = await call("ann", "GET", `/projects/${project}/keys/current`);
  assert.equal((current as { epoch: number }).epoch, 2);
  await newComment(task, "cleo");
  assert.equal((await ann.next("COMMENT_ADDED")).payload.k, 2);
  assert.ok(!ben.texts.join().includes('"k":2'));
});

test("who is added again gets in at once, and has the key of every epoch", async () => {
  const project = await newProject(["ann", "ben"]);
  await call("ann", "DELETE", `/projects/${project}/members/ben`);
  assert.equal((await call("ann", "PUT", `/projects/${project}/members/ben`))[0], 204);
  const ben = await connect("ben", project);
  await ben.next("CONNECTED");
  for (const epoch of ["1", "2"])
    assert.equal((await call("ben", "GET", `/projects/${project}/keys/${epoch}`))[0], 200);
});

test("a removal that the realtime server could not be told of is finished at the next start", async () => {
  const project = await newProject(["ann", "ben"]);
  await call("ann", "GET", `/projects/${project}/keys/current`);
  await runtime.kill();
  const [status, body] = await call("ann", "DELETE", `/projects/${project}/members/ben`);
  assert.equal(status, 503);
  assert.match((body as { error: string }).error, /can't be reached/);
  // Whatever else, there are no keys for them any more.
  assert.equal((await call("ben", "GET", `/projects/${project}/keys/current`))[0], 403);
  await runtime.run();
  await parts.privateProjects.finishRemovals();
  assert.equal((await roomOf(project)).minKeyEpoch, 3);
  await parts.privateProjects.finishRemovals();
  assert.equal((await roomOf(project)).minKeyEpoch, 3);
});

test("somebody has to stay, and whoever makes a private project is in it", async () => {
  const project = await newProject(["ann"]);
  assert.equal((await call("ann", "DELETE", `/projects/${project}/members/ann`))[0], 409);
  for (const members of [["ben"], [], "ann", [1], ["ann", "nobody"]]) {
    const given = { id: randomUUID(), name: "Salaries", members };
    assert.equal((await call("ann", "POST", "/projects", given))[0], 400);
  }
});

test("the description of an encrypted task is not copied for the search, and not asked for", async () => {
  const project = await newProject(["ann"]);
  const task = await newTask(project);
  for (const deed of ["open", "read"])
    assert.equal((await call("ann", "POST", `/tasks/${task}/text/${deed}`))[0], 204);
  const [, found] = await call("ann", "GET", `/tasks/${task}`);
  assert.equal((found as SingleTask).description, "");
});

test("the Salaries of the demo are for three of the four", async () => {
  await seedDemo(database.db);
  const path = `/projects/${SALARIES_PROJECT}/tasks`;
  const statuses = await Promise.all(
    ["ann", "ben", "cleo", "dan"].map(async (user) => (await call(user, "GET", path))[0]),
  );
  assert.deepEqual(statuses, [200, 200, 200, 403]);
});
