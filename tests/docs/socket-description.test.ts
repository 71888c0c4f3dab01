/** docs/asyncapi.yaml against the running server: every frame, every close code, every parameter of a connect. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CLOSE_CODES, ERROR_CODES } from "../../packages/realtime/src/codes.ts";
import { AsyncApi } from "../support/asyncapi.ts";
import type { Client, ConnectOptions } from "../support/client.ts";
import { raise } from "../support/encrypted.ts";
import { settle } from "../support/expect.ts";
import { NEEDS_OWN_RUNTIME, type Room, SECRET, startOwnServer } from "../support/target.ts";
import { inSeconds, JWT_SECRET, token } from "../support/token.ts";

const api = new AsyncApi();
const KEYS_ARE_DOWN = "https://127.0.0.1:1/keys";
/** Public keys count only with an audience or an issuer. */
const JWT_ISSUER = "https://id.test";
const tokenOfOurs: typeof token = (claims, options) =>
  token({ iss: JWT_ISSUER, ...claims }, options);
/** A token that only those keys could judge. */
const BY_A_KEY = { header: { alg: "RS256", typ: "JWT" } };
/** On a busy machine the events of a burst can arrive one by one: then the next burst is tried. */
const MOST_BURSTS = 50;

describe("asyncapi.yaml", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const vars = {
    CONNECT_AUTH: "jwt",
    JWT_SECRET,
    JWKS_URL: KEYS_ARE_DOWN,
    JWT_ISSUER,
    USER_SOCKETS_MAX: "1",
  };
  const { server: strict } = await startOwnServer({ vars });
  const { server: open } = await startOwnServer({ vars: { CLIENT_MESSAGE_BURST: "5" } });
  const { server: small } = await startOwnServer({
    vars: { PRESENCE_EVENTS_MAX: "1", HISTORY_SIZE: "0" },
  });
  const talk = { CLIENT_EVENTS: "on", PRESENCE_DATA_MAX: "64" };
  const { server: talking } = await startOwnServer({ vars: talk });
  const codes = new Set<string>();

  async function join(
    room: Room,
    query: Record<string, string>,
    options?: ConnectOptions,
  ): Promise<Client> {
    api.checkQuery(query);
    return room.join(query, options);
  }

  /** Sends, and answers the code of the refusal. */
  async function refusal(client: Client, message: string | Buffer): Promise<string> {
    client.socket.send(message);
    const { code } = (await client.next("ERROR")).payload;
    codes.add(code);
    api.checkFrames(client);
    return code;
  }

  async function assertClosed(client: Client, name: keyof typeof CLOSE_CODES): Promise<void> {
    const event = await client.close();
    assert.equal(event.code, CLOSE_CODES[name].number, event.reason);
    api.checkClose(event);
  }

  const remove = (room: Room, userId: string) =>
    fetch(`${room.url}/users/${userId}`, {
      method: "DELETE",
      headers: { Authorization: `Bearer ${SECRET}` },
    });

  test("the frames of a room are described", async () => {
    const room = open.room();
    const ann = await join(room, { userId: "ann", userName: "Ann", _pk: "laptop" });
    const ben = await join(room, { userId: "ben" });
    await ann.next("USER_JOINED");
    await ben.leave();
    await ann.next("USER_LEFT");
    await room.broadcast("EVENT", { payload: [null, { a: 1 }] });
    await room.broadcast("BRIEF", { ephemeral: true });
    await ann.next("BRIEF");
    const { epoch } = await room.state();
    const back = await join(room, { userId: "ann", since: `${epoch}:0` });
    await back.next("EVENT");
    assert.ok(back.frames[0]?.payload.recovered);
    for (const client of [ann, ben, back]) api.checkFrames(client);
  });

  test("the frames of a large room without a history are described", async () => {
    const room = small.room();
    const ann = await join(room, { userId: "ann" });
    const ben = await join(room, { userId: "ben" });
    await ann.next("PRESENCE");
    await ben.leave();
    assert.equal((await ann.next("PRESENCE")).payload.users.length, 1);
    await settle(room, ann);
    for (const client of [ann, ben]) api.checkFrames(client);
  });

  test("events sent together are described", async () => {
    const room = open.room();
    const ann = await join(room, { frames: "batch" });
    const events = Array.from({ length: 10 }, () => ({ eventType: "E" }));
    for (let bursts = 0; bursts < MOST_BURSTS && !api.seen.has("batch"); bursts++) {
      await room.post({ events });
      await settle(room, ann);
      api.checkFrames(ann);
    }
    assert.ok(api.seen.has("batch"));
  });

  test("a client's messages and their answers are described", async () => {
    const ann = await join(open.room(), { userId: "ann" });
    const ping = { type: "PING" };
    api.checkSaid(ping);
    for (const spelling of [JSON.stringify(ping), '{ "type": "PING" }']) {
      ann.send(spelling);
      await ann.next("PONG");
    }
    for (const [code, message] of [
      ["malformed_message", "{}"],
      ["malformed_message", '{"type":"AUTH"}'],
      ["client_events_disabled", '{"type":"HELLO"}'],
    ] as const) {
      for (const name of ["PING", "AUTH"]) assert.ok(api.problems(name, JSON.parse(message)));
      assert.equal(await refusal(ann, message), code);
    }
    assert.equal(await refusal(ann, Buffer.from("{}")), "binary_not_supported");
    for (let more = 0; more < 5 && !codes.has("rate_limited"); more++) await refusal(ann, "{}");
    assert.ok(codes.has("rate_limited"));
    api.checkFrames(ann);
  });

  test("what clients say to each other is described", async () => {
    const room = talking.room();
    const ann = await join(room, { userId: "ann", _pk: "laptop" });
    const ben = await join(room, { userId: "ben", frames: "batch" });
    const send = { type: "SEND", eventType: "client-typing", payload: { topic: "t1" } };
    const set = { type: "PRESENCE_SET", patch: { at: "task:t1", editing: null } };
    for (const message of [send, set]) {
      api.checkSaid(message);
      ann.send(message);
    }
    await ben.next("client-typing");
    await ben.next("USER_UPDATED");
    api.checkSaid([send, { ...send, userIds: ["ben"] }]);
    ann.send([send, { ...send, userIds: ["ben"] }]);
    await ben.next("client-typing");
    const late = await join(room, { userId: "cid" });
    await late.next("CONNECTED");
    const large = { type: "PRESENCE_SET", patch: { at: "x".repeat(65) } };
    assert.equal(await refusal(ann, JSON.stringify(large)), "presence_data_too_big");
    for (const wrong of [
      { ...send, eventType: "TYPING" },
      { ...set, patch: [] },
      { ...send, userIds: [] },
    ]) {
      assert.ok(api.problems(wrong.type, wrong));
      assert.equal(await refusal(ann, JSON.stringify(wrong)), "malformed_message");
    }
    ann.socket.terminate();
    await ben.next("USER_UPDATED");
    for (const client of [ben, late]) api.checkFrames(client);
  });

  test("an encrypted project is described", async () => {
    const room = talking.room();
    const ann = await join(room, { userId: "ann" });
    await raise(room, 8);
    await ann.next("KEY_EPOCH");
    await (await join(room, { userId: "ben" })).next("CONNECTED");
    const payload = { e2e: 1, k: 7, n: "oKGio6Slpqeoqaqr", c: "HKV1Gdy43_WYsVpJ" };
    const stale = { type: "SEND", eventType: "client-typing", payload };
    const plain = { type: "PRESENCE_SET", patch: { at: "task:t1" } };
    for (const message of [stale, plain]) api.checkSaid(message);
    assert.equal(await refusal(ann, JSON.stringify(stale)), "stale_key_epoch");
    assert.equal(await refusal(ann, JSON.stringify(plain)), "not_encrypted");
    api.checkFrames(ann);
  });

  test("a fresh token is answered as described", async () => {
    const avatar = "https://example.com/ann.png";
    const query = { token: tokenOfOurs({ name: "Ann", avatar }) };
    const room = strict.room();
    const ann = await join(room, query);
    await ann.next("CONNECTED");
    const auth = (text: string) => ({ type: "AUTH", token: text });
    for (const [code, text] of [
      ["token_invalid", "a.b.c"],
      ["not_allowed", tokenOfOurs({ sub: "ben" })],
      ["room_unavailable", tokenOfOurs({}, BY_A_KEY)],
    ] as const) {
      api.checkSaid(auth(text));
      assert.equal(await refusal(ann, JSON.stringify(auth(text))), code);
    }
    ann.send(auth(tokenOfOurs()));
    await ann.next("AUTH_OK");
    await join(room, { token: tokenOfOurs({ sub: "ben", avatar }) });
    await ann.next("USER_JOINED");
    api.checkFrames(ann);
  });

  test("a token can be sent as a subprotocol, and another one is selected", async () => {
    const { "Sec-WebSocket-Protocol": header } = api.channel.bindings.ws.headers.properties;
    const [example] = header.examples as string[];
    const protocols = example?.replace(/bearer\.\S+/, `bearer.${tokenOfOurs()}`).split(", ") ?? [];
    const ann = await join(strict.room(), {}, { protocols });
    await ann.next("CONNECTED");
    assert.equal(ann.socket.protocol, protocols[0]);
  });

  test("a client that is refused is closed as described", async () => {
    const room = strict.room();
    const refused = async (query: Record<string, string>, name: keyof typeof CLOSE_CODES) =>
      assertClosed(await room.join(query), name);
    assert.throws(() => api.checkQuery({ userId: "x".repeat(129) }));
    await refused({ userId: "x".repeat(129) }, "bad_request");
    await refused({ token: tokenOfOurs({ projects: ["another"] }) }, "not_allowed");
    await refused({}, "token_invalid");
    await refused({ token: tokenOfOurs({ exp: inSeconds(-60) }) }, "token_expired");
    await refused({ token: tokenOfOurs({}, BY_A_KEY) }, "try_again");
    await (await join(room, { token: tokenOfOurs() })).next("CONNECTED");
    await refused({ token: tokenOfOurs() }, "connection_limit");
  });

  test("a client that is replaced by a newer one is closed as described", async () => {
    const [room, query] = [strict.room(), { token: tokenOfOurs(), _pk: "page" }];
    const old = await join(room, query);
    await old.next("CONNECTED");
    await (await join(room, query)).next("CONNECTED");
    await assertClosed(old, "replaced");
  });

  test("a client of a server with a wrong setting is closed as described", async () => {
    const { server } = await startOwnServer({ vars: { LOG_LEVEL: "INFO" } });
    await assertClosed(await server.room().join(), "misconfigured");
  });

  test("a page of an origin that is not listed is closed as described", async () => {
    const listed = { ALLOWED_ORIGINS: "https://app.example" };
    const { server } = await startOwnServer({ vars: listed });
    const origin = "https://other.example";
    await assertClosed(await server.room().join({}, { origin }), "not_allowed");
  });

  test("a client that must leave is closed as described", async () => {
    const room = open.room();
    const ann = await room.user("ann");
    await remove(room, "ann");
    await assertClosed(ann, "removed");
    const loud = await room.user("loud");
    loud.send("x".repeat(16_385));
    await assertClosed(loud, "message_too_big");
    const flooding = await room.user("flooding");
    for (let n = 0; n < 400; n++) flooding.send("{}");
    await assertClosed(flooding, "rate_limited");
  });

  test("everything described was seen", () => {
    const { properties } = api.channel.bindings.ws.query;
    const parts = [api.messages, properties, api.channel["x-close-codes"]];
    const described = parts.flatMap((part) => Object.keys(part));
    assert.deepEqual(
      described.filter((name) => !api.seen.has(name)),
      [],
    );
    const { code } = api.messages.ERROR.payload.properties.payload.properties;
    assert.deepEqual([...codes].sort(), [...code.enum].sort());
  });
});

test("the codes in asyncapi.yaml are those of the registry", () => {
  const { code } = api.messages.ERROR.payload.properties.payload.properties;
  const inFrames = Object.entries(ERROR_CODES).filter(([, { inFrame }]) => inFrame);
  assert.deepEqual(
    code.enum,
    inFrames.map(([name]) => name),
  );
  const closes = Object.values(CLOSE_CODES).map(({ number, name, advice }) => [
    `${number}`,
    { name, advice },
  ]);
  assert.deepEqual(api.channel["x-close-codes"], Object.fromEntries(closes));
  assert.deepEqual(
    api.document.components.schemas.CloseReason.properties.code.enum,
    Object.keys(CLOSE_CODES),
  );
});

test("the examples of the messages are such messages", () => {
  for (const [name, { examples }] of Object.entries(api.messages))
    for (const { payload } of examples) assert.equal(api.problems(name, payload), undefined, name);
});

test("every message belongs to an operation", () => {
  const operations: { messages: unknown[]; reply?: { messages: unknown[] } }[] = Object.values(
    api.document.operations,
  );
  const named = operations.flatMap(({ messages, reply }) => [
    ...messages,
    ...(reply?.messages ?? []),
  ]);
  for (const name of Object.keys(api.messages))
    assert.ok(JSON.stringify(named).includes(`#/channels/room/messages/${name}"`), name);
});
