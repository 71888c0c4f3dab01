/** What a client may send: docs/protocol.md, clauses P4.7 to P4.10. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { count, settle } from "../support/expect.ts";
import { NEEDS_HIGH_LIMITS, startServer, UNHURRIED } from "../support/target.ts";

const server = await startServer({ vars: UNHURRIED });

/** The default of MAX_CLIENT_FRAME_BYTES. */
const MAX_FRAME = 16_384;
const PING = '{"type":"PING"}';

test("P4.7 an exact ping is answered with an exact pong", async () => {
  const ann = await server.room().user("ann");
  ann.send(PING);
  await ann.next();
  assert.equal(ann.texts.at(-1), '{"type":"PONG","payload":{}}');
});

for (const ping of [
  '{ "type": "PING" }',
  String.raw`{"type":"P\u0049NG"}`,
  '{"type":"PING","payload":{"n":1}}',
  '\n{"id":7,"type":"PING"}\n',
]) {
  test(`P4.7 a ping spelled ${JSON.stringify(ping)} is answered with a timestamp`, async () => {
    const ann = await server.room().user("ann");
    ann.send(ping);
    const { type, payload, timestamp } = await ann.next();
    assert.deepEqual([type, payload], ["PONG", {}]);
    assert.equal(typeof timestamp, "number");
  });
}

test("P4.7 a pong goes only to the client that pinged", async () => {
  const room = server.room();
  const [ann, ben] = await Promise.all([room.user("ann"), room.user("ben")]);
  for (const ping of [PING, `${PING} `]) {
    ann.send(ping);
    await ann.next("PONG");
  }
  await settle(room, ben);
  assert.equal(count(ben, "PONG"), 0);
});

test("P4.7 every ping is answered", { skip: NEEDS_HIGH_LIMITS }, async () => {
  const ann = await server.room().user("ann");
  for (let sent = 0; sent < 100; sent += 1) ann.send(sent % 2 ? PING : `${PING} `);
  for (let answered = 0; answered < 100; answered += 1) await ann.next("PONG");
});

const REFUSED: [code: string, messages: (string | Uint8Array)[]][] = [
  [
    "client_events_disabled",
    [
      '{"type":"TASK_UPDATED","payload":{}}',
      '{"type":"ping"}',
      '{"type":"PONG"}',
      '{"type":"CONNECTED"}',
      '{"type":""}',
      '{"eventType":"E","type":"E","excludeUserId":"x"}',
    ],
  ],
  [
    "malformed_message",
    [
      "",
      "ping",
      "PING",
      "null",
      "7",
      '"PING"',
      '["PING"]',
      '[{"type":"PING"}]',
      "{}",
      '{"type":1}',
      '{"type":null}',
      '{"type":{"type":"PING"}}',
      '{"Type":"PING"}',
      '{"type":"PING"',
      `${PING}${PING}`,
      "{'type':'PING'}",
      `${"[".repeat(16_000)}`,
      String.raw`{"type":"\ud800"}`,
    ],
  ],
  [
    "binary_not_supported",
    [new Uint8Array(), Uint8Array.of(0, 255, 128), Buffer.from(PING), new Uint8Array(MAX_FRAME)],
  ],
];

for (const [code, messages] of REFUSED) {
  for (const message of messages) {
    const name = typeof message === "string" ? message.slice(0, 50) : `${message.length} bytes`;
    test(`P4.8 ${JSON.stringify(name)} gets one ${code}, and the socket stays`, async () => {
      const ann = await server.room().user("ann");
      ann.socket.send(message);
      const { type, payload } = await ann.next();
      assert.deepEqual([type, payload.code], ["ERROR", code]);
      assert.ok(typeof payload.message === "string" && payload.message !== "");
      assert.deepEqual(Object.keys(payload).sort(), ["code", "message"]);
      ann.send(PING);
      assert.equal((await ann.next()).type, "PONG");
    });
  }
}

test("P4.8 a client's message reaches nobody else", async () => {
  const room = server.room();
  const [ann, ben] = await Promise.all([room.user("ann"), room.user("ben")]);
  const { length } = ben.texts;
  ann.send({ type: "HELLO", payload: "to all" });
  ann.socket.send(Buffer.from("to all"));
  ann.send("to all");
  for (let refused = 0; refused < 3; refused += 1) await ann.next("ERROR");
  await settle(room, ben);
  const since = ben.frames.slice(length).map(({ type }) => type);
  const types = since.filter((type) => type !== "USER_JOINED");
  assert.deepEqual(types, ["TEST_MARKER"]);
});

test("P4.9 a frame of MAX_CLIENT_FRAME_BYTES is read", async () => {
  const ann = await server.room().user("ann");
  ann.send(PING.padEnd(MAX_FRAME));
  assert.equal((await ann.next()).type, "PONG");
});

for (const [name, message] of [
  ["text of one byte over the limit", "x".repeat(MAX_FRAME + 1)],
  ["a ping of one byte over the limit", PING.padEnd(MAX_FRAME + 1)],
  ["text that is over the limit in bytes alone", "é".repeat(MAX_FRAME / 2 + 1)],
  ["binary of one byte over the limit", new Uint8Array(MAX_FRAME + 1)],
  ["1 MiB", "x".repeat(1_048_576)],
  ["1 MiB of binary", new Uint8Array(1_048_576)],
] as const) {
  test(`P4.9 ${name} closes the socket with 4009`, async () => {
    const room = server.room();
    const [ann, ben] = await Promise.all([room.user("ann"), room.user("ben")]);
    ann.socket.send(message);
    assert.deepEqual(await ann.close(), { code: 4009, reason: '{"code":"message_too_big"}' });
    await settle(room, ben);
  });
}

test("P4.9 a fragmented message is limited as a whole", async () => {
  const ann = await server.room().user("ann");
  for (const fin of [false, false, true]) ann.socket.send("x".repeat(6_000), { fin });
  assert.equal((await ann.close()).code, 4009);
});

test("P4.9 a fragmented message within the limit is read", async () => {
  const ann = await server.room().user("ann");
  ann.socket.send('{ "type":', { fin: false });
  ann.socket.send('"PING"}', { fin: true });
  assert.equal((await ann.next()).type, "PONG");
});

test("P4.10 frames sent straight after the 101 are answered, after CONNECTED", {
  skip: NEEDS_HIGH_LIMITS,
}, async () => {
  const client = server.room().connect({ userId: "ann" });
  client.socket.once("open", () => {
    for (let sent = 0; sent < 50; sent += 1) client.send({ type: "HELLO" });
  });
  await once(client.socket, "open");
  assert.equal((await client.next()).type, "CONNECTED");
  for (let answered = 0; answered < 50; answered += 1)
    assert.equal((await client.next()).type, "ERROR");
});

test("P4.10 a Close sent straight after the 101 is not lost", async () => {
  const room = server.room();
  const client = room.connect({ userId: "ann" });
  client.socket.once("open", () => client.socket.close(1000));
  assert.equal((await client.close()).code, 1000);
  assert.deepEqual((await room.state()).users, []);
});
