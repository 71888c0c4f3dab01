/** `npm run dev:all`: the realtime server, the API and the board of examples/taskboard, started and ended as one. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { checkPort } from "../../scripts/serve/network.ts";
import { Client } from "../support/client.ts";
import { DevAll } from "../support/dev-all.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";

/** What a new task has beside its id and title. */
const REST = { status: "todo", priority: "low", position: "V" };

describe("npm run dev:all", { skip: NEEDS_OWN_RUNTIME }, () => {
  let all: DevAll;

  before(async () => {
    all = await DevAll.start();
  });

  after(() => all.remove());

  test("each service prints its address on one line", () => {
    const { realtime, api, board } = all.ports;
    const said = all.lines.filter((line) => line.startsWith("ok ") && line.includes("http://"));
    assert.deepEqual(said.map((line) => line.replace(/ {2,}/g, "  ")).sort(), [
      `ok API  http://localhost:${api}  on PGlite`,
      `ok Board  http://localhost:${board}`,
      `ok Realtime server  http://localhost:${realtime}`,
    ]);
  });

  test("it prints the demo project's links for two people, and the project has tasks from the start", async () => {
    const links = all.lines.filter((line) => line.includes("?user=")).map((line) => line.trim());
    const board = `http://localhost:${all.ports.board}`;
    assert.deepEqual(links, [`${board}/?user=ann`, `${board}/?user=ben`]);
    const get = async (path: string) =>
      (await fetch(`${board}/api${path}`, { headers: { "X-User-Id": "ann" } })).json();
    const [demo] = (await get("/projects")) as { id: string; name: string }[];
    assert.equal(demo?.name, "Demo");
    assert.ok(((await get(`/projects/${demo?.id}/tasks`)) as unknown[]).length >= 5);
  });

  test("the board answers", async () => {
    const page = await fetch(`http://localhost:${all.ports.board}/`);
    assert.match(await page.text(), /<title>Taskboard<\/title>/);
    const script = await fetch(`http://localhost:${all.ports.board}/src/main.tsx`);
    assert.match(script.headers.get("content-type") ?? "", /javascript/);
  });

  test("a change over the API, through the board's address, reaches a client of the realtime server", async () => {
    const id = randomUUID();
    const client = new Client(
      `http://localhost:${all.ports.realtime}/parties/main/${id}?userId=ben&userName=Ben`,
    );
    await client.next("CONNECTED");
    await post("/projects", { id, name: "Website" });
    const task = { id: randomUUID(), title: "Book the domain", ...REST };
    await post(`/projects/${id}/tasks`, task);
    const { payload } = await client.next("TASK_CREATED");
    assert.equal(payload.taskId, task.id);
    client.socket.terminate();
  });

  test("Ctrl-C stops everything without an error, and leaves no process and no port in use", async () => {
    assert.equal(await all.interrupt(), 0);
    assert.equal(await all.left(), 0);
    for (const port of Object.values(all.ports)) await checkPort(port, "");
  });

  async function post(path: string, body: object): Promise<void> {
    const headers = {
      "X-User-Id": "ann",
      "Content-Type": "application/json",
      "Idempotency-Key": randomUUID(),
    };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    const response = await fetch(`http://localhost:${all.ports.board}/api${path}`, init);
    assert.equal(response.status, 201, await response.text());
  }
});
