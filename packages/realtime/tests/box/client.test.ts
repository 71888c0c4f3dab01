/** The client against the real server: lost connections, recovery, tokens, removal. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, afterEach, describe, mock, test } from "node:test";
import WebSocket, { type ClientOptions } from "ws";
import { settle } from "../../../../tests/support/expect.ts";
import { type Frame, Inbox, within } from "../../../../tests/support/inbox.ts";
import {
  NEEDS_OWN_RUNTIME,
  type Room,
  SECRET,
  startOwnServer,
} from "../../../../tests/support/target.ts";
import { inSeconds, JWT_SECRET, token } from "../../../../tests/support/token.ts";
import {
  type ConnectOptions,
  connectProject,
  type GetToken,
  type ProjectConnection,
  type RealtimeState,
  type TokenContext,
} from "../../src/index.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };

/** A client that has lost its server tries again after up to 3 s, then 6 s. */
const PATIENCE_MS = 30_000;

/** Once the server has said Close, it waits for it to hang up as long as Chrome does, not for 30 s. */
class BrowserSocket extends WebSocket {
  constructor(url: string, protocols?: string[]) {
    super(url, protocols, { closeTimeout: 2_000 } as ClientOptions);
  }
}

afterEach(() => mock.restoreAll());

/** A project as a user sees it, with all that came. */
class Watcher {
  readonly project: ProjectConnection;
  readonly #inbox = new Inbox();

  constructor(room: Room, who: Partial<ConnectOptions> = { user: { id: "ann", name: "Ann" } }) {
    const place = { host: room.server.url, projectId: room.id, WebSocket: BrowserSocket };
    this.project = connectProject({ ...place, ...who } as ConnectOptions);
    this.project.on("*", (event) => this.#inbox.push(JSON.stringify(event)));
    after(() => this.project.close());
  }

  get frames(): Frame[] {
    return this.#inbox.frames;
  }

  /** The types of what came, but for presence and markers. */
  get types(): string[] {
    const types = this.frames.map(({ type }) => type);
    return types.filter((type) => !type.startsWith("USER_") && type !== "TEST_MARKER");
  }

  /** The next unread event of one of these types. */
  next(...types: string[]): Promise<Frame> {
    return this.#inbox.next(types, PATIENCE_MS);
  }

  async until(state: RealtimeState): Promise<this> {
    const { project } = this;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => project.status.state === state && resolve();
    const off = project.on("status", look);
    look();
    await within(promise, `the client to be ${state}`, PATIENCE_MS);
    off();
    return this;
  }
}

/** A client that has read that it is there. */
async function watcher(room: Room, who?: Partial<ConnectOptions>): Promise<Watcher> {
  const watcher = new Watcher(room, who);
  await watcher.next("resync");
  return watcher;
}

/** Ends the server as a crash does, and lets `work` be done before it runs again. */
async function crash(
  runtime: { kill(): Promise<void>; run(): Promise<void> },
  work = async () => {},
) {
  await runtime.kill();
  await work();
  await runtime.run();
}

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
    // It stays away for nearly 3 s, long enough for what follows.
    mock.method(Math, "random", () => 0.99);
    await crash(runtime);
    for (const type of ["M1", "M2", "M3", "M4"]) await room.broadcast(type);
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

describe("with tokens", OWN, async () => {
  const vars = { CONNECT_AUTH: undefined, JWT_SECRET, TOKEN_GRACE_SECONDS: "3" };
  const { server, runtime } = await startOwnServer({ vars });

  test("a token is refreshed on the connection, which outlives the first one", async () => {
    const first = token({ exp: inSeconds(3) });
    let calls = 0;
    const getToken = () => {
      calls += 1;
      return calls === 1 ? first : token();
    };
    const room = server.room();
    const witness = await room.join({ token: first });
    const ann = await watcher(room, { getToken });
    assert.equal(ann.project.users[0]?.verified, true);
    // One that came with the same token and does nothing about it is closed when it ends.
    assert.equal((await witness.close()).code, 4101);
    await settle(room, ann);
    assert.equal(calls, 2);
    assert.deepEqual(
      ann.types.filter((type) => type === "CONNECTED"),
      ["CONNECTED"],
    );
  });

  test("who came with an expired token returns with a fresh one", async () => {
    const tokens = [token({ exp: inSeconds(-60) }), token()];
    const getToken = () => tokens.shift() ?? assert.fail("a third connect");
    const ann = await new Watcher(server.room(), { getToken }).until("waiting");
    assert.equal(ann.project.status.code, "token_expired");
    await ann.until("online");
  });

  test("whose token was taken back returns with a fresh one, and missed nothing", async () => {
    const room = server.room();
    let calls = 0;
    const getToken = () => token({ jti: `id-${calls++}`, iat: inSeconds(0) });
    const ann = await watcher(room, { getToken });
    const headers = { Authorization: `Bearer ${SECRET}` };
    await fetch(`${room.url}/revoke`, { method: "POST", headers, body: '{"tokenId":"id-0"}' });
    await room.broadcast("MISSED");
    await ann.next("CONNECTED");
    await settle(room, ann);
    assert.equal(calls, 2);
    assert.deepEqual(ann.types.slice(2), ["CONNECTED", "MISSED"]);
  });

  test("when the app signs in another user it is another connection, which hears nothing for the one before", async () => {
    const room = server.room();
    let sub = "ann";
    const getToken = () => token({ sub });
    const first = await watcher(room, { getToken });
    await room.broadcast("FOR_ANN", { userIds: ["ann"] });
    await first.next("FOR_ANN");
    sub = "ben";
    first.project.reconnect();
    await first.next("resync");
    await room.broadcast("FOR_ANN_AGAIN", { userIds: ["ann"] });
    await room.broadcast("FOR_BEN", { userIds: ["ben"] });
    await first.next("FOR_BEN");
    assert.ok(!first.types.includes("FOR_ANN_AGAIN"), first.types.join());
    first.project.close();
  });

  test("a refresh with another user's token leaves as the one and comes as the other", async () => {
    const room = server.room();
    const witness = await room.join({ token: token({ sub: "eve" }) });
    let sub = "ann";
    const getToken = () => token({ sub, exp: inSeconds(3) });
    const both = await watcher(room, { getToken });
    await witness.next("USER_JOINED");
    sub = "ben";
    // At once, without the time that a user has to return.
    assert.equal((await witness.next("USER_LEFT")).payload.userId, "ann");
    assert.equal((await witness.next("USER_JOINED")).payload.userId, "ben");
    both.project.close();
  });

  test("after a crash it returns with a fresh token", async () => {
    const room = server.room();
    let calls = 0;
    const getToken = async () => {
      calls += 1;
      return token();
    };
    const ann = await watcher(room, { getToken });
    await crash(runtime);
    await ann.next("CONNECTED");
    assert.ok(calls >= 2);
  });

  test("a token for another project stops it", async () => {
    const ann = new Watcher(server.room(), { getToken: () => token({ projects: ["other"] }) });
    await ann.until("stopped");
    assert.equal(ann.project.status.reason, "The sign-in is not for this project (`projects`).");
  });
});

describe("a token that the server refuses", OWN, async () => {
  const vars = { CONNECT_AUTH: undefined, JWT_SECRET, JWT_AUDIENCE: "realtime" };
  const { server } = await startOwnServer({ vars });

  test("is named by the check that failed, to the person and to getToken (P6.2)", async () => {
    const told: TokenContext[] = [];
    const getToken: GetToken = (context) => {
      told.push(context);
      return token({ aud: told.length === 1 ? "another" : "realtime" });
    };
    const ann = await new Watcher(server.room(), { getToken }).until("waiting");
    const { code, check, reason } = ann.project.status;
    assert.deepEqual([code, check], ["token_invalid", "aud"]);
    assert.match(reason, /different audience than this server's JWT_AUDIENCE/);
    await ann.until("online");
    assert.deepEqual(told, [{}, { reason: "refused", code: "token_invalid", check: "aud" }]);
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
    const ann = await new Watcher(server.room()).until("waiting");
    const { code, reason } = ann.project.status;
    assert.equal(code, "misconfigured");
    assert.match(reason, /see its setting STALE_SOCKET_SECONDS/);
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
