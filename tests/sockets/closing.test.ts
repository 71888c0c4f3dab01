/** How a socket ends: docs/protocol.md, clauses P6. Presence after it: presence.test.ts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "../support/expect.ts";
import { frame, wireOf } from "../support/raw.ts";
import { startServer } from "../support/target.ts";

const server = await startServer();

const OPCODE_CLOSE = 0x88;
const NO_CODE = 1005;
/** The runtime itself drops a half-closed socket after 10 s: an answer comes before. */
const ANSWER_MS = 8_000;

for (const [code, reason] of [
  [1000, ""],
  [1000, "done"],
  [1001, "going away"],
  [1011, "failed"],
  [3000, ""],
  [3001, "bye"],
  [4000, "a code of the server"],
  [4123, '{"code":"mine"}'],
  [4999, "Zoë 😀"],
  [4999, "x".repeat(123)],
] as const) {
  test(`P6.3 a Close with ${code} "${reason.slice(0, 20)}" is answered with the same`, async () => {
    const ann = await server.room().user("ann");
    ann.socket.close(code, reason);
    assert.deepEqual(await ann.close(), { code, reason });
  });
}

test("P6.3 a Close without a code is answered without one", async () => {
  const ann = await server.room().user("ann");
  ann.socket.close();
  assert.deepEqual(await ann.close(), { code: NO_CODE, reason: "" });
});

/** Sends a Close frame with a code that the client's own checks would not let out. */
async function closeWith(code: number) {
  const room = server.room();
  const client = room.connect({ userId: "ann" });
  const wire = await wireOf(client);
  wire.write(frame(OPCODE_CLOSE, Uint8Array.of(code >> 8, code & 0xff)));
  return { room, client };
}

for (const code of [999, 1004, 1005, 1006, 1015, 2999, 5000]) {
  test(`P6.3 a Close with ${code}, which nobody should send, is answered without a code`, async () => {
    const { room, client } = await closeWith(code);
    assert.deepEqual(await client.close(ANSWER_MS), { code: NO_CODE, reason: "" });
    assert.equal((await room.state()).connections, 0);
  });
}

test("P6.3 a socket that has sent Close gets no more events", async () => {
  const room = server.room();
  const [ann, ben] = await Promise.all([room.user("ann"), room.user("ben")]);
  await ann.leave();
  const { length } = ann.texts;
  await room.broadcast("E");
  await settle(room, ben);
  assert.equal(ann.texts.length, length);
});

test("P6.3 many sockets that close at once are all answered", async () => {
  const room = server.room();
  const clients = await Promise.all(Array.from({ length: 100 }, () => room.join()));
  const ends = await Promise.all(clients.map((client) => client.leave(3001)));
  assert.deepEqual(new Set(ends.map(({ code }) => code)), new Set([3001]));
  assert.equal((await room.state()).connections, 0);
});

for (const [code, name, end] of [
  [4000, "bad_request", () => server.room().connect({ userId: "\n" })],
  [4009, "message_too_big", () => tooBig()],
] as const) {
  test(`P6.2 the reason of ${code} is JSON of at most 123 bytes`, async () => {
    const { code: actual, reason } = await (await end()).close();
    assert.equal(actual, code);
    assert.equal(JSON.parse(reason).code, name);
    assert.ok(Buffer.byteLength(reason) <= 123);
  });
}

async function tooBig() {
  const client = await server.room().join();
  client.send("x".repeat(20_000));
  return client;
}
