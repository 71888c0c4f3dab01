/** The client against the real server: lost connections, recovery, removal. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, afterEach, describe, mock, test } from "node:test";
import WebSocket from "ws";
import { settle } from "../../../../tests/support/expect.ts";
import { within } from "../../../../tests/support/inbox.ts";
import { NEEDS_OWN_RUNTIME, SECRET, startOwnServer } from "../../../../tests/support/target.ts";
import { connectProject } from "../../src/index.ts";
import { crash, Watcher, watcher } from "../support/watcher.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };

afterEach(() => mock.restoreAll());

async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true });
  await mkdir(folder);
}

describe("where everybody may connect", OWN, async () => {
  const { server, runtime } = await startOwnServer({ vars: { HISTORY_SIZE: "3" } });

  test("it is told who is there, and of each event", async () => {
    const room = server.room();
    const ann = await watcher(room);
    const [user] = ann.project.users;
    assert.deepEqual([user?.userId, user?.userName, user?.verified], ["ann", "Ann", false]);
    const ben = await watcher(room, { user: { id: "ben" } });
    await ann.next("USER_JOINED");
    assert.deepEqual(ann.project.users, ben.project.users);
    ben.project.close();
    await ann.next("USER_LEFT");
    assert.equal(ann.project.users.length, 1);
    await room.broadcast("TASK_UPDATED", { payload: { taskId: "t" } });
    assert.deepEqual((await ann.next("TASK_UPDATED")).payload, { taskId: "t" });
  });

  test("after a crash it is back, and has exactly what it missed, without a resync", async () => {
    const room = server.room();
    const ann = await watcher(room);
    const other = await watcher(room, { user: { id: "ben" } });
    await room.broadcast("SEEN");
    await settle(room, ann, other);
    other.project.close();
    mock.method(Math, "random", () => 0.99);
    await crash(runtime);
    await room.broadcast("MISSED_1");
    await room.broadcast("MISSED_2");
    await ann.next("CONNECTED");
    await settle(room, ann);
    assert.deepEqual(ann.types, [
      "CONNECTED",
      "resync",
      "SEEN",
      "CONNECTED",
      "MISSED_1",
      "MISSED_2",
    ]);
  });

  test("that missed more than is kept is told once to fetch again, and gets none of it", async () => {
    const room = server.room();
    const ann = await watcher(room);
    // It would stay away for longer than all of this takes, and is called back then.
    mock.method(Math, "random", () => 20);
    await crash(runtime);
    for (const type of ["M1", "M2", "M3", "M4"]) await room.broadcast(type);
    ann.project.reconnect();
    const { payload } = await ann.next("resync");
    assert.deepEqual(payload, { projectId: room.id, first: false });
    await settle(room, ann);
    assert.deepEqual(ann.types, ["CONNECTED", "resync", "CONNECTED", "resync"]);
  });

  test("is told to fetch again when the server has lost its disk, and carries on", async () => {
    const room = server.room();
    const ann = await watcher(room);
    await room.broadcast("SEEN");
    await crash(runtime, () => emptyFolder(join(runtime.folder, "storage")));
    await ann.next("resync");
    await room.broadcast("NEXT");
    await settle(room, ann);
    assert.equal(ann.types.at(-1), "NEXT");
  });

  test("it starts from the position of a page that the server has rendered", async () => {
    const room = server.room();
    await room.broadcast("IN_THE_PAGE");
    const { epoch, seq } = await room.state();
    await room.broadcast("SINCE_THEN");
    const ann = new Watcher(room, { user: { id: "ann" }, since: `${epoch}:${seq}` });
    await settle(room, ann);
    assert.deepEqual(ann.types, ["CONNECTED", "SINCE_THEN"]);
  });

  test("who is removed is told so, and does not return", async () => {
    const room = server.room();
    const ann = await watcher(room);
    const headers = { Authorization: `Bearer ${SECRET}` };
    await fetch(`${room.url}/users/ann`, { method: "DELETE", headers });
    await ann.until("stopped");
    assert.equal(ann.project.status.code, "removed");
    assert.equal((await room.state()).connections, 0);
  });

  for (const [name, Socket] of [
    ["the runtime's own WebSocket", undefined],
    ["that of ws", WebSocket],
  ] as const) {
    test(`with ${name} it is not online for a second longer once the server has said Close`, async () => {
      const room = server.room();
      const ann = await watcher(room, { user: { id: "ann" }, WebSocket: Socket });
      const ended = new Promise<string>((resolve) => {
        ann.project.on("status", ({ payload }) => resolve(payload.state));
      });
      const headers = { Authorization: `Bearer ${SECRET}` };
      await fetch(`${room.url}/users/ann`, { method: "DELETE", headers });
      const state = await within(ended, "the client to hear of its end", 1_500);
      // That of `ws` can hang up by itself, so it knows at once that the user was removed.
      assert.equal(state, "waiting");
      if (Socket) await within(ann.until("stopped"), "the word why", 1_000);
      ann.project.close();
    });
  }

  test("a user id that the server does not take stops it, in words", async () => {
    const ann = new Watcher(server.room(), { user: { id: "x".repeat(129) } });
    await ann.until("stopped");
    assert.match(ann.project.status.reason, /user.s id is too long/);
  });
});

test("a host with a path leads to a server below that path (P1.11)", OWN, async () => {
  const { server } = await startOwnServer({ vars: { BASE_PATH: "/realtime" } });
  const host = `${server.url}/realtime/`;
  const project = connectProject({ host, projectId: "p1", user: { id: "ann" } });
  after(() => project.close());
  const { promise, resolve } = Promise.withResolvers<void>();
  project.on("resync", () => resolve());
  await within(promise, "the client to be online");
  assert.equal(project.status.state, "online");
});

describe("a server that it can't follow", OWN, () => {
  test("for a wrong setting is named with it (P1.8, 4202)", async () => {
    const { server } = await startOwnServer({ vars: { STALE_SOCKET_SECONDS: "4" } });
    const ann = await new Watcher(server.room()).until("waiting", "misconfigured");
    assert.match(ann.project.status.reason, /see its setting STALE_SOCKET_SECONDS/);
  });

  test("because it is another kind of server is told from one that is away", async () => {
    const http = createServer((_request, response) => response.writeHead(404).end("nothing here"));
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    after(() => http.close());
    const { port } = http.address() as AddressInfo;
    const place = { host: `127.0.0.1:${port}`, projectId: "p1", user: { id: "ann" } };
    const project = connectProject(place);
    after(() => project.close());
    const { promise, resolve } = Promise.withResolvers<void>();
    project.on("status", ({ payload }) => {
      if (payload.reason.startsWith(`There is no validiant-realtime server at ${place.host},`))
        resolve();
    });
    await within(promise, "the client to know what it has found");
    assert.equal(project.status.state, "waiting");
  });
});
