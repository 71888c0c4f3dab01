/** How a socket begins: docs/protocol.md, clauses P3.1, P3.2, P4.1 to P4.6 and P4.11. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { type Client, within } from "../support/client.ts";
import { assertRefused, count, isBroadcast, settle } from "../support/expect.ts";
import { HANDSHAKE, raw } from "../support/raw.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer, startServer } from "../support/target.ts";

const server = await startServer();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** How long `partysocket` waits for the 101. */
const CLIENT_PATIENCE_MS = 4_000;

/** Connects with exactly this query, and returns the payload of `CONNECTED`. */
async function connected(query: string) {
  const room = server.room();
  const client = server.connectAt(`/parties/main/${room.id}?${query}`);
  return (await client.next("CONNECTED")).payload;
}

async function connectionId(query: string): Promise<string> {
  return (await connected(query)).connectionId;
}

/** The only user whom `CONNECTED` lists for a client that connects with this query. */
async function userOf(query: string) {
  const { users, activeUsers } = await connected(query);
  assert.equal(users.length, activeUsers);
  return users[0] && { userId: users[0].userId, userName: users[0].userName };
}

test("P3.2 CONNECTED tells all about the connection and the room", async () => {
  const manifest = new URL("../../package.json", import.meta.url);
  const { name, version } = JSON.parse(await readFile(manifest, "utf8"));
  const room = server.room();
  await room.user("ann", "Ann");
  const ben = await room.join({ userId: "ben", _pk: "laptop" });
  const { payload } = await ben.next();
  const { users, epoch, limits, ...rest } = payload;
  assert.equal(limits.clientFrameBytes, 16_384);
  assert.match(epoch, /^[0-9a-f]{12}$/);
  assert.deepEqual(rest, {
    projectId: room.id,
    connectionId: "laptop",
    activeUsers: 2,
    connections: 2,
    server: `${name}/${version}`,
    seq: 0,
    recovered: false,
    clientEvents: false,
  });
  for (const { joinedAt } of users) assert.ok(Number.isSafeInteger(joinedAt));
  assert.deepEqual(
    users.map(({ userId, userName }: Record<string, unknown>) => ({ userId, userName })),
    [
      { userId: "ann", userName: "Ann" },
      { userId: "ben", userName: null },
    ],
  );
  assert.deepEqual(Object.keys(users[0]).sort(), ["joinedAt", "userId", "userName", "verified"]);
});

test("P3.2 and P1.9 CONNECTED lists at most 100 users, the state all, and both count them", async () => {
  const room = server.room();
  const ids = Array.from({ length: 101 }, (_, index) => `user-${index}`);
  await Promise.all(ids.map((id) => room.user(id)));
  const client = await room.join({ userId: "user-0" });
  const { payload } = await client.next("CONNECTED");
  assert.deepEqual([payload.users.length, payload.activeUsers], [100, 101]);
  const { users, activeUsers } = await room.state();
  assert.equal(activeUsers, 101);
  assert.deepEqual(new Set(users.map(({ userId }) => userId)), new Set(ids));
});

test("P3.2 CONNECTED is the first frame, even while events are posted", async () => {
  const room = server.room();
  let posting = true;
  const flood = (async () => {
    while (posting) await room.broadcast("E");
  })();
  try {
    const clients = await Promise.all(Array.from({ length: 20 }, () => room.join()));
    const first = await Promise.all(clients.map((client) => client.next()));
    assert.deepEqual(new Set(first.map(({ type }) => type)), new Set(["CONNECTED"]));
  } finally {
    posting = false;
    await flood;
  }
});

test("P3.1 every frame is an object of type, payload and timestamp, and seq if it is kept", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  await (await room.user("ben")).leave();
  await room.broadcast("E");
  for (const message of ["?", { type: "PING", other: 1 }]) ann.send(message);
  await ann.next("PONG");
  await settle(room, ann);
  const types = ann.frames.map(({ type }) => type);
  const all = ["CONNECTED", "USER_JOINED", "USER_LEFT", "E", "ERROR", "PONG", "TEST_MARKER"];
  assert.deepEqual(types.sort(), all.sort());
  for (const frame of ann.frames) {
    const { seq, ...rest } = frame;
    assert.deepEqual(Object.keys(rest), ["type", "payload", "timestamp"]);
    assert.equal(typeof seq, isBroadcast(frame) ? "number" : "undefined");
    const age = Date.now() - (frame.timestamp ?? 0);
    assert.ok(Math.abs(age) < 60_000, `${frame.timestamp} is no time in milliseconds`);
  }
});

test("P4.1 the query is form-decoded: + is a space", async () => {
  const user = await userOf("userId=a+b%2Bc&userName=Ann+Lee%20%26+S%C3%B6hne");
  assert.deepEqual(user, { userId: "a b+c", userName: "Ann Lee & Söhne" });
});

test("P4.1 names of parameters are form-decoded too", async () => {
  assert.deepEqual(await userOf("user%49d=ann"), { userId: "ann", userName: null });
});

test("P4.1 each parameter counts by its first occurrence", async () => {
  const user = await userOf("userId=ann&userId=ben&userName=Ann&userName=Ben");
  assert.deepEqual(user, { userId: "ann", userName: "Ann" });
});

test("P4.1 the first occurrence counts even if it is empty", async () => {
  assert.equal(await userOf("userId=&userId=ben"), undefined);
});

test("P4.1 a % that starts no escape is taken literally", async () => {
  assert.deepEqual(await userOf("userId=100%&userName=%zz"), { userId: "100%", userName: "%zz" });
});

test("P4.1 bytes that are not UTF-8 and lone surrogates become valid text", async () => {
  const { userId, userName } = await userOf("userId=a%FFb&userName=%ED%A0%80x");
  assert.equal(userId, "a\ufffdb");
  assert.match(userName, /^\ufffd+x$/);
});

test("P4.2 _pk is the connection's id", async () => {
  for (const id of ["laptop", "a b/ü:😀", "x".repeat(128), "é".repeat(64)])
    assert.equal(await connectionId(`_pk=${encodeURIComponent(id)}`), id);
});

for (const [name, query] of [
  ["missing", ""],
  ["empty", "_pk="],
  ["of 129 bytes", `_pk=${"x".repeat(129)}`],
  ["of 65 letters with 2 bytes", `_pk=${encodeURIComponent("é".repeat(65))}`],
  ["with a control character", "_pk=a%0Ab"],
] as const) {
  test(`P4.2 a _pk ${name} is replaced by a fresh UUID`, async () => {
    const [one, another] = await Promise.all([connectionId(query), connectionId(query)]);
    assert.match(one, UUID);
    assert.match(another, UUID);
    assert.notEqual(one, another);
  });
}

test("P4.2 an old and a new socket of one _pk are both in the room", async () => {
  const room = server.room();
  const sameDevice = { userId: "ann", _pk: "laptop" };
  const old = await room.join(sameDevice);
  const fresh = await room.join(sameDevice);
  assert.equal((await fresh.next("CONNECTED")).payload.connections, 2);
  assert.equal((await room.broadcast("E")).recipients, 2);
  await Promise.all([old.next("E"), fresh.next("E")]);
});

test("P4.3 userId may have 128 bytes and userName 256", async () => {
  const user = { userId: "é".repeat(64), userName: "é".repeat(128) };
  assert.deepEqual(await userOf(`${new URLSearchParams(user)}`), user);
});

for (const [name, query] of [
  ["userId of 129 bytes", { userId: "x".repeat(129) }],
  ["userId of 65 letters with 2 bytes", { userId: "é".repeat(65) }],
  ["userId with a line feed", { userId: "a\nb" }],
  ["userId with a C1 control character", { userId: "a\u0085b" }],
] as const) {
  test(`P4.3 a ${name} is closed with 4000`, async () => {
    const room = server.room();
    const witness = await room.user("witness");
    const client = await room.connect(query).opened();
    assert.deepEqual(await client.close(), {
      code: 4000,
      reason: '{"code":"bad_request","reason":"userId"}',
    });
    assert.deepEqual(client.frames, []);
    await settle(room, witness);
    assert.equal(count(witness, "USER_JOINED"), 0);
  });
}

for (const [name, given, called] of [
  ["of 258 bytes", "田".repeat(86), "田".repeat(85)],
  ["that is cut in a pair of surrogates", `${"x".repeat(254)}😀`, "x".repeat(254)],
  ["with control characters", "\0An\r\nn\x7f", "Ann"],
  ["of control characters alone", "\0\n", null],
  ["of which nothing can be seen", "\u3164 \u200b", null],
  ["that turns the direction of the text around it", "\u202enna\u2066 (nimda)", "nna (nimda)"],
] as const) {
  test(`P4.3 a userName ${name} keeps nobody out`, async () => {
    const user = await userOf(`${new URLSearchParams({ userId: "ann", userName: given })}`);
    assert.deepEqual(user, { userId: "ann", userName: called });
  });
}

test("P4.3 an empty userName counts as absent", async () => {
  assert.deepEqual(await userOf("userId=ann&userName="), { userId: "ann", userName: null });
});

for (const query of ["", "userId=", "userName=Nobody"]) {
  test(`P4.4 a socket with the query "${query}" is anonymous`, async () => {
    const { activeUsers, connections, users } = await connected(query);
    assert.deepEqual([activeUsers, connections, users], [0, 1, []]);
  });
}

/** Which subprotocol is selected of those offered; `undefined` for none. */
async function selected(...offered: string[]): Promise<string | undefined> {
  const headers = { ...HANDSHAKE, "Sec-WebSocket-Protocol": offered.join(", ") };
  const answer = await raw(server, server.room().path, { headers });
  assert.equal(answer.status, 101);
  return answer.headers["sec-websocket-protocol"];
}

test("P4.6 the first subprotocol is selected", async () => {
  assert.equal(await selected("chat", "superchat"), "chat");
});

test("P4.6 a token is skipped", async () => {
  assert.equal(await selected("bearer.abc", "chat"), "chat");
});

test("P4.6 none is selected if all carry tokens", async () => {
  assert.equal(await selected("bearer.abc", "bearer.def"), undefined);
});

test("P4.6 a client that offers a subprotocol works with it", async () => {
  const protocols = ["bearer.abc", "chat"];
  const client: Client = await server.room().join({}, { protocols });
  assert.equal(client.socket.protocol, "chat");
  await client.next("CONNECTED");
});

test("P4.6 a subprotocol is selected for a socket that is closed at once", async () => {
  const client = server.room().connect({ userId: "\n" }, { protocols: ["chat"] });
  assert.equal((await client.close()).code, 4000);
  assert.equal(client.socket.protocol, "chat");
});

test("P4 the 101 of a cold room comes before a client gives up", async () => {
  await within(server.room().connect().opened(), "the 101", CLIENT_PATIENCE_MS);
});

test("P4 the 101 of a cold server comes before a client gives up", {
  skip: NEEDS_OWN_RUNTIME,
}, async () => {
  const { server: cold } = await startOwnServer();
  await within(cold.room().connect().opened(), "the 101", CLIENT_PATIENCE_MS);
});

// In front of a deployment there is a proxy, which may refuse it in its own words.
test("P4.11 a handshake with another version is 400 and joins nobody", {
  skip: NEEDS_OWN_RUNTIME,
}, async () => {
  const room = server.room();
  const witness = await room.user("witness");
  const headers = { ...HANDSHAKE, "Sec-WebSocket-Version": "8" };
  const answer = await raw(server, `${room.path}?userId=ghost`, { headers });
  await settle(room, witness);
  assert.equal(count(witness, "USER_JOINED"), 0, "somebody has joined");
  await assertRefused(answer, 400, "invalid_handshake");
});
