/** Who may open and change a document, and for how long: docs/protocol.md, P13.2, P13.8 to P13.10. */

import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import * as Y from "yjs";
import { type DocumentSocket, SharedDocument, type SocketOptions } from "../support/document.ts";
import { KINDS, replica } from "../support/replica.ts";
import { NEEDS_OWN_RUNTIME, type Room, SECRET, startOwnServer } from "../support/target.ts";
import { inSeconds, JWT_SECRET, token } from "../support/token.ts";
import {
  awarenessMessage,
  denialOf,
  EMPTY_UPDATE,
  hexOf,
  STEP_1,
  step2,
  updateMessage,
} from "../support/yjs-wire.ts";

const AUTHORIZED = { Authorization: `Bearer ${SECRET}` };
const READ_ONLY = "This token may only read.";
const RACERS = 30;
const REMOVED = '{"code":"removed"}';
const ERASED = '{"code":"try_again","retryAfterMs":1000}';

const vars = { CONNECT_AUTH: "jwt", JWT_SECRET, TOKEN_GRACE_SECONDS: "1" };
const { server, runtime } = await startOwnServer({ vars });
const { server: open } = await startOwnServer({
  vars: {
    ALLOWED_ORIGINS: "https://app.example.com",
    USER_SOCKETS_MAX: "2",
    ROOM_SOCKETS_MAX: "3",
  },
});

const document = () => new SharedDocument(server);
const tokenOf = (sub: string, claims: Record<string, unknown> = {}) =>
  token({ sub, permissions: ["doc:write"], iat: inSeconds(-2), ...claims });

const openAs = (shared: SharedDocument, sub: string, claims = {}) =>
  shared.open({ token: tokenOf(sub, claims) });

/** How a client is received: it is let in, or closed with this code and reason. */
async function received(
  shared: SharedDocument,
  query: Record<string, string>,
  options?: SocketOptions,
): Promise<"in" | [number, string]> {
  const socket = shared.connect(query, options);
  const isIn = socket.next(STEP_1).then(() => "in" as const);
  isIn.catch(() => {});
  const closed = socket.closed.then(({ code, reason }): [number, string] => [code, reason]);
  return Promise.race([isIn, closed]);
}

/** An update that inserts a text. */
function insertion(text: string, name = "shared"): Uint8Array {
  const doc = new Y.Doc();
  doc.getText(name).insert(0, text);
  return Y.encodeStateAsUpdate(doc);
}

/** Sends an update, and waits until it is durable. */
async function write(socket: DocumentSocket, text: string): Promise<void> {
  const message = updateMessage(insertion(text));
  socket.send(message);
  while (hexOf(await socket.next()) !== hexOf(message));
}

function remove(room: Room, userId: string, query = ""): Promise<Response> {
  return fetch(`${room.url}/users/${userId}${query}`, { method: "DELETE", headers: AUTHORIZED });
}

function revoke(room: Room, which: Record<string, unknown>): Promise<Response> {
  const body = JSON.stringify(which);
  return fetch(`${room.url}/revoke`, { method: "POST", headers: AUTHORIZED, body });
}

const eraseProject = (room: Room) => fetch(room.url, { method: "DELETE", headers: AUTHORIZED });

async function disconnectedBy(call: Promise<Response>): Promise<number> {
  const response = await call;
  const { disconnected } = (await response.json()) as { disconnected: number };
  assert.equal(response.status, 200);
  return disconnected;
}

const skip = { skip: NEEDS_OWN_RUNTIME, concurrency: true };

describe("permissions", skip, () => {
  for (const permissions of [undefined, [], ["subscribe", "presence"]])
    test(`P13.2 a token with the permissions ${permissions} opens no document`, async () => {
      const answer = await received(document(), { token: token({ permissions }) });
      assert.ok(answer !== "in");
      assert.equal(answer[0], 4001);
      assert.equal(JSON.parse(answer[1]).reason, "permissions");
    });

  test("P13.1, P9 a document asks for a token, in the query or as a subprotocol", async () => {
    const shared = document();
    assert.equal((await received(shared, {}))[0], 4100);
    assert.equal((await received(shared, { token: "x" }))[0], 4100);
    const protocols = ["validiant", `bearer.${tokenOf("ann")}`];
    assert.equal(await received(shared, {}, { protocols }), "in");
  });

  test("P13.1, P9.2 the project of the path counts, whatever the document is called", async () => {
    const [mine, others] = [document(), document()];
    const query = { token: tokenOf("ann", { projects: [mine.project] }) };
    assert.equal(await received(mine, query), "in");
    for (const id of ["text", mine.project])
      assert.equal(
        (await received(new SharedDocument(server, others.project, id), query))[0],
        4001,
      );
  });

  test("P13.2 a change of a client that may only read is ignored, and it is told once", async () => {
    const shared = document();
    const ben = await openAs(shared, "ben");
    const ann = await openAs(shared, "ann", { permissions: ["doc:read"] });
    ann.send(updateMessage(insertion("ignored")));
    assert.equal(denialOf(await ann.next()), READ_ONLY);
    ann.send(updateMessage(insertion("again")));
    ann.send(step2(insertion("and again")));
    assert.deepEqual([await ann.settled(), await ben.settled()], [[], []]);
    assert.equal((await shared.read()).status, 404);
  });

  test("P13.2 it reads what others write, and is seen", async () => {
    const shared = document();
    const [ben, ann] = [
      await openAs(shared, "ben"),
      await openAs(shared, "ann", { permissions: ["doc:read"] }),
    ];
    await write(ben, "hello");
    assert.equal(hexOf((await ann.next()).subarray(0, 2)), "00 02");
    ann.send(awarenessMessage({ id: 9, clock: 1, state: {} }));
    await ben.next("01");
  });

  test("P13.2 its answer to the server's question is no change, and it is not told off for that", async () => {
    const ann = await openAs(document(), "ann", { permissions: ["doc:read"] });
    ann.send(step2(EMPTY_UPDATE));
    assert.deepEqual(await ann.settled(), []);
  });

  for (const kind of KINDS)
    test(`P13.2 ${kind}: what a reader types stays with the reader`, async () => {
      const shared = document();
      const reader = replica(kind, shared, {
        token: tokenOf("ann", { permissions: ["doc:read"] }),
      });
      await reader.synced();
      reader.text.insert(0, "should-not-appear");
      const writer = replica(kind, shared, { token: tokenOf("ben") });
      await writer.synced();
      writer.text.insert(0, "seen by all");
      await reader.has(() => reader.text.toString().includes("seen by all"));
      await writer.hasText("seen by all");
      assert.equal(await shared.text("shared"), "seen by all");
    });
});

describe("a token's end", skip, () => {
  /** Later than a busy machine takes to connect. */
  const soon = () => ({ exp: inSeconds(8) });

  test("P13.9, P9.5 a socket is closed when its token has expired, with nothing said", async () => {
    const ann = await openAs(document(), "ann", soon());
    assert.deepEqual(await ann.close(), { code: 4101, reason: '{"code":"token_expired"}' });
  });

  test("P13.9 what it had not acknowledged is written then", async () => {
    const shared = document();
    const ann = await openAs(shared, "ann", soon());
    await write(ann, "one");
    ann.send(updateMessage(insertion("two", "other")));
    await ann.settled();
    await ann.close();
    assert.equal(await shared.text("other"), "two");
  });
});

describe("a removal", skip, () => {
  test("P13.10, P8.1 closes the user's sockets in all documents before its answer, and no others", async () => {
    const one = document();
    const two = new SharedDocument(server, one.project, "another");
    const anns = [await openAs(one, "ann"), await openAs(one, "ann"), await openAs(two, "ann")];
    const ben = await openAs(one, "ben");
    assert.equal(await disconnectedBy(remove(one.room, "ann")), anns.length);
    ben.send(updateMessage(insertion("after")));
    for (const ann of anns) {
      assert.deepEqual(await ann.close(), { code: 4003, reason: REMOVED });
      assert.deepEqual(ann.frames.slice(1), []);
    }
    await ben.settled();
  });

  test("P13.10, P8.2 with for, none comes in that raced the answer", async () => {
    const shared = document();
    const ben = await openAs(shared, "ben");
    const query = { token: tokenOf("ann") };
    const race = async (socket: DocumentSocket) => (await socket.close(20_000)).code;
    const before = Array.from({ length: RACERS }, () => race(shared.connect(query)));
    const call = remove(shared.room, "ann", "?for=60");
    const during = Array.from({ length: RACERS }, () => race(shared.connect(query)));
    await call;
    const after = Array.from({ length: RACERS }, () => race(shared.connect(query)));
    const codes = new Set(await Promise.all([...before, ...during, ...after]));
    assert.ok(
      [...codes].every((code) => [4003, 4010, 4201].includes(code)),
      [...codes].join(),
    );
    await ben.settled();
  });

  test("P13.10 it lets nobody read by HTTP either", async () => {
    const shared = document();
    await write(await openAs(shared, "ben"), "secret");
    const headers = { Authorization: `Bearer ${tokenOf("ann", { permissions: ["doc:read"] })}` };
    assert.equal((await shared.read("", headers)).status, 200);
    await remove(shared.room, "ann", "?for=60");
    assert.equal((await shared.read("", headers)).status, 403);
  });
});

describe("a revocation", skip, () => {
  test("P13.10, P8.5 closes the sockets of these tokens before its answer, and no others", async () => {
    const shared = document();
    const [phone, laptop] = [
      await openAs(shared, "ann", { jti: "phone" }),
      await openAs(shared, "ann", { jti: "laptop" }),
    ];
    assert.equal(await disconnectedBy(revoke(shared.room, { tokenId: "phone" })), 1);
    await write(laptop, "after");
    assert.equal((await phone.close()).code, 4100);
    assert.deepEqual(phone.frames.slice(1), []);
    assert.equal((await received(shared, { token: tokenOf("ann", { jti: "phone" }) }))[0], 4100);
  });

  test("P13.10, P8.5 none comes in that raced the answer", async () => {
    const shared = document();
    const query = { token: tokenOf("ann", { jti: "phone" }) };
    const race = async (socket: DocumentSocket) => (await socket.close(20_000)).code;
    const before = Array.from({ length: RACERS }, () => race(shared.connect(query)));
    const call = revoke(shared.room, { tokenId: "phone" });
    const during = Array.from({ length: RACERS }, () => race(shared.connect(query)));
    await call;
    const codes = new Set(await Promise.all([...before, ...during]));
    assert.ok(
      [...codes].every((code) => [4100, 4010, 4201].includes(code)),
      [...codes].join(),
    );
  });
});

describe("an erasure of the project", skip, () => {
  test("P13.10, P8.7 erases its documents, also those that nobody has open, and no other project's", async () => {
    const one = document();
    const two = new SharedDocument(server, one.project, "another");
    const other = document();
    const ann = await openAs(one, "ann");
    await write(ann, "gone");
    assert.equal((await two.seed(insertion("gone too"))).status, 201);
    assert.equal((await other.seed(insertion("here"))).status, 201);
    assert.equal(await disconnectedBy(eraseProject(one.room)), 1);
    assert.deepEqual([(await one.read()).status, (await two.read()).status], [404, 404]);
    assert.deepEqual(await ann.close(), { code: 4200, reason: ERASED });
    assert.equal(await other.text("shared"), "here");
  });

  test("P13.10 nothing is left of what raced the answer with an old socket", async () => {
    const shared = document();
    const sockets = await Promise.all(
      Array.from({ length: 5 }, (_, index) => openAs(shared, `user-${index}`)),
    );
    const call = eraseProject(shared.room);
    for (const [index, socket] of sockets.entries())
      socket.send(updateMessage(insertion(`too late ${index}`, `${index}`)));
    await call;
    for (const socket of sockets) assert.equal((await socket.close()).code, 4200);
    assert.equal((await shared.read()).status, 404);
  });
});

describe("what holds for rooms, too", skip, () => {
  test("P13.9, P10.6 a page of another origin is told which setting keeps it out", async () => {
    const shared = new SharedDocument(open);
    assert.equal(await received(shared, {}, { origin: "https://app.example.com" }), "in");
    assert.deepEqual(await received(shared, {}, { origin: "https://evil.example" }), [
      4001,
      '{"code":"not_allowed","setting":"ALLOWED_ORIGINS"}',
    ]);
  });

  test("P13.8, P10.4 a user has so many sockets in a document, and a document so many", async () => {
    const shared = new SharedDocument(open);
    const userId = "ann";
    for (const _pk of ["a", "b"]) assert.equal(await received(shared, { userId, _pk }), "in");
    assert.equal((await received(shared, { userId, _pk: "c" }))[0], 4201);
    assert.equal(await received(shared, { userId: "ben" }), "in");
    assert.equal((await received(shared, { userId: "cem" }))[0], 4201);
    const other = new SharedDocument(open, shared.project, "other");
    assert.equal(await received(other, { userId, _pk: "c" }), "in");
  });

  test("P13.8, P10.4 a connection that comes back takes the place of the old one", async () => {
    const shared = new SharedDocument(open);
    const old = await shared.open({ userId: "ann", _pk: "a" });
    await shared.open({ userId: "ann", _pk: "b" });
    await shared.open({ userId: "ann", _pk: "a" });
    assert.equal((await old.close()).code, 4010);
  });

  test("P13.1 a document's name is as good as a project's", async () => {
    const project = document().project;
    for (const id of ["a", "ü b%2", "x".repeat(128)]) {
      const shared = new SharedDocument(server, project, id);
      await write(await openAs(shared, "ann"), id);
      assert.equal(await shared.text("shared"), id);
    }
    for (const id of ["x".repeat(129), "a\nb", "a/b", "\u0000"]) {
      const answer = await received(new SharedDocument(server, project, id), {
        token: tokenOf("ann"),
      });
      assert.ok(answer !== "in");
      assert.deepEqual([answer[0], JSON.parse(answer[1]).reason], [4000, "docId"], id);
    }
  });
});

test("P13.2, P13.8 who is refused never wakes a document", {
  skip: NEEDS_OWN_RUNTIME,
}, async () => {
  // A database alone: its log is gone when its object sleeps.
  const objects = () =>
    globSync("**/*.sqlite", { cwd: join(runtime.folder, "storage", "DocumentRoom") }).length;
  assert.ok(existsSync(runtime.folder));
  const before = objects();
  const shared = document();
  const ids = ["a", "b", "c", "d"].map((id) => new SharedDocument(server, shared.project, id));
  for (const each of ids) {
    assert.notEqual(await received(each, {}), "in");
    assert.notEqual(await received(each, { token: token() }), "in");
    assert.notEqual(await received(each, { token: tokenOf("ann", { projects: ["x"] }) }), "in");
    assert.equal((await each.read("", {})).status, 401);
  }
  assert.equal(objects(), before);
  await write(await openAs(shared, "ann"), "now there is one");
  assert.ok(objects() > before);
});
