/** Bad input of every kind: it always gets a clear answer, and the room still works. docs/protocol.md. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, test } from "node:test";
import type { Client } from "../support/client.ts";
import { assertRefused, broadcasts, count, settle } from "../support/expect.ts";
import { Random, SEED } from "../support/random.ts";
import { type Answer, AUTHORIZED, frame, keepAlive, raw, wireOf } from "../support/raw.ts";
import {
  NEEDS_HIGH_LIMITS,
  NEEDS_OWN_RUNTIME,
  type Room,
  SECRET,
  startServer,
  UNHURRIED,
} from "../support/target.ts";

const server = await startServer({ vars: UNHURRIED });
const LANES = 16;
const agent = keepAlive(server, LANES);
after(() => agent.destroy());

const PER_KIND = 2_500;
const EVENT = JSON.stringify({
  eventType: "TASK_UPDATED",
  payload: { taskId: "t1", list: [1, null, "é"] },
  excludeUserId: "nobody",
  excludeUserIds: ["nobody"],
  userIds: ["witness"],
});

/** The codes of a body that is refused (P2). */
const BODY_CODES = new Set([
  "missing_event_type",
  "reserved_event_type",
  "invalid_json",
  "invalid_field",
  "duplicate_field",
]);

/** A test with random input: its failure tells how to have the same input again. */
function seeded(name: string, body: (random: Random) => Promise<void>): void {
  test(name, { skip: NEEDS_HIGH_LIMITS }, async () => {
    try {
      await body(new Random(name));
    } catch (cause) {
      throw new Error(`SEED=${SEED} has the same input again: ${cause}`, { cause });
    }
  });
}

/** Posts every body, a few at a time, and answers what came back in their order. */
async function postAll({ path }: Room, bodies: Buffer[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  const left = bodies.entries();
  const lane = async () => {
    for (const [index, body] of left)
      answers[index] = await raw(server, path, {
        method: "POST",
        headers: AUTHORIZED,
        body,
        agent,
      });
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return answers;
}

function assertBodyRefused({ status, text }: Answer, body: Buffer): void {
  const context = `${body.toString("hex").slice(0, 200)} got ${status} ${text}`;
  assert.equal(status, 400, context);
  assert.ok(BODY_CODES.has(JSON.parse(text).code), context);
}

/** Waits for this many `ERROR` frames, and returns their codes. */
async function errorCodes(client: Client, amount: number): Promise<Set<string>> {
  const codes = new Set<string>();
  for (let seen = 0; seen < amount; seen += 1) codes.add((await client.next("ERROR")).payload.code);
  return codes;
}

/** The room still works, and its members are still there. */
async function goesOn(room: Room, ...clients: Client[]): Promise<void> {
  await settle(room, ...clients);
  for (const client of clients) {
    client.send({ type: "PING" });
    await client.next("PONG");
  }
}

seeded(`P2.6 ${PER_KIND} random bodies are refused, and the room goes on`, async (random) => {
  const room = server.room();
  const witness = await room.user("witness");
  const bodies = Array.from({ length: PER_KIND }, () => random.bytes());
  const answers = await postAll(room, bodies);
  for (const [index, body] of bodies.entries()) assertBodyRefused(answers[index] as Answer, body);
  await goesOn(room, witness);
  assert.deepEqual(broadcasts(witness), []);
});

seeded(
  `P2.6 ${PER_KIND} damaged events are taken or refused, and the room goes on`,
  async (random) => {
    const room = server.room();
    const witness = await room.user("witness");
    const bodies = Array.from({ length: PER_KIND }, () => random.damaged(EVENT));
    let handed = 0;
    for (const [index, answer] of (await postAll(room, bodies)).entries()) {
      if (answer.status === 200) handed += JSON.parse(answer.text).recipients;
      else assertBodyRefused(answer, bodies[index] as Buffer);
    }
    await goesOn(room, witness);
    assert.equal(broadcasts(witness).length, handed);
  },
);

for (const binary of [false, true]) {
  const kind = binary ? "binary" : "text";
  const code = binary ? "binary_not_supported" : "malformed_message";

  seeded(
    `P4.8 ${PER_KIND} random ${kind} frames get one ERROR each, and the room goes on`,
    async (random) => {
      const room = server.room();
      const [rude, witness] = await Promise.all([room.user("rude"), room.user("witness")]);
      for (let sent = 0; sent < PER_KIND; sent += 1) rude.socket.send(random.bytes(), { binary });
      assert.deepEqual(await errorCodes(rude, PER_KIND), new Set([code]));
      await goesOn(room, rude, witness);
      assert.equal(count(rude, "ERROR"), PER_KIND);
      assert.equal(count(witness, "ERROR"), 0);
    },
  );
}

seeded(`P4.8 1,000 damaged pings get one answer each, and the room goes on`, async (random) => {
  const room = server.room();
  const [rude, witness] = await Promise.all([room.user("rude"), room.user("witness")]);
  for (let sent = 0; sent < 1_000; sent += 1)
    rude.socket.send(random.damaged('{"type":"PING"}'), { binary: false });
  for (let answered = 0; answered < 1_000; answered += 1) await rude.next("ERROR", "PONG");
  await goesOn(room, rude, witness);
  assert.equal(count(witness, "ERROR") + count(witness, "PONG"), 1);
});

seeded(`P1.7 1,000 random paths are answered in JSON, and the server goes on`, async (random) => {
  const part = () =>
    random.of("parties", "party", "main", "health", "/", "//", ".", "..", "?", "%", "%00", "%2F") +
    random.of(
      "",
      "/",
      "%FF",
      "%ED%A0%80",
      "~!$&'()*+,;=:@",
      "x".repeat(130),
      String(random.below(9)),
    );
  for (let sent = 0; sent < 1_000; sent += 1) {
    const path = `/${part()}${part()}${part()}${part()}`;
    const { status, text } = await raw(server, path, { agent });
    const context = `${path} got ${status} ${text}`;
    // The party itself is a separate path, for POST only (P2.13).
    const isParty = /^\/+parties\/+main\/*$/.test(new URL(server.url + path).pathname);
    assert.ok((isParty ? [405] : [200, 400, 401, 404]).includes(status), context);
    assert.equal(typeof JSON.parse(text), "object", context);
  }
});

seeded(`P4.1 500 random queries open a socket or close it with 4000`, async (random) => {
  const room = server.room();
  const value = () => random.bytes().subarray(0, 200).toString("hex").replaceAll(/../g, "%$&");
  const query = () =>
    Array.from({ length: 4 }, () => `${random.of("userId", "userName", "_pk")}=${value()}`);
  for (let sent = 0; sent < 500; sent += 1) {
    const target = `${room.path}?${query().join("&")}`;
    const client = server.connectAt(target);
    const refused = client.closed.then(({ code }) => code);
    const first = client.next("CONNECTED").then(() => "CONNECTED");
    first.catch(() => {});
    const outcome = await Promise.race([refused, first]);
    assert.ok(outcome === 4000 || outcome === "CONNECTED", `${target} got ${outcome}`);
    client.socket.terminate();
  }
  await goesOn(room, await room.user("witness"));
});

test("P2.6 nesting as deep as a body allows is answered, and the room still works", async () => {
  const room = server.room();
  const witness = await room.user("witness");
  for (const field of ["eventType", "payload", "excludeUserId", "userIds", "someday"])
    for (const open of ["[", '{"a":']) {
      const body = `{"${field}":`.padEnd(32_000, open);
      await assertRefused(await room.post(body), 400, "invalid_json");
    }
  await goesOn(room, witness);
});

/** Uploads 1 MiB. HTTP lets a server that has answered hang up on the rest of an upload. */
async function upload(room: Room, body: string | string[]): Promise<Answer | "cut off"> {
  const request = { method: "POST", headers: AUTHORIZED, body };
  return raw(server, room.path, request).catch((error) => {
    if (["EPIPE", "ECONNRESET"].includes(error.code)) return "cut off";
    throw error;
  });
}

test("P2.7 bodies of 1 MiB are refused or cut off, and the room still works", async () => {
  const room = server.room();
  const witness = await room.user("witness");
  const body = "x".repeat(1_048_576);
  const chunks = Array.from({ length: 16 }, () => "x".repeat(65_536));
  for (const answer of await Promise.all([body, chunks, body].map((sent) => upload(room, sent))))
    if (answer !== "cut off") await assertRefused(answer, 413, "payload_too_large");
  await goesOn(room, witness);
});

/** Writes this to a new connection, and waits until either side has ended it. */
async function sendBroken(request: string): Promise<void> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  socket.end(request.replaceAll("\n", "\r\n"));
  socket.resume();
  await once(socket, "close");
}

const HEAD = `HTTP/1.1\nHost: x\nAuthorization: Bearer ${SECRET}\n`;

for (const [name, request] of [
  ["a chunk that is none", `POST /party/ID ${HEAD}Transfer-Encoding: chunked\n\nzz\n{}\n0\n\n`],
  ["a body that ends early", `POST /party/ID ${HEAD}Content-Length: 900\n\n{"eventType":"E"}`],
  [
    "chunks that end early",
    `POST /party/ID ${HEAD}Transfer-Encoding: chunked\n\nff\n{"eventType":"E"}`,
  ],
  [
    "two lengths",
    `POST /party/ID ${HEAD}Content-Length: 2\nContent-Length: 17\n\n{"eventType":"E"}`,
  ],
  ["no HTTP at all", "\0\x16\x03\x01 hello\n\n"],
] as const) {
  test(`P2.1 ${name} broadcasts nothing, and the room still works`, {
    skip: NEEDS_OWN_RUNTIME,
  }, async () => {
    const room = server.room();
    const witness = await room.user("witness");
    await sendBroken(request.replace("ID", room.id));
    await goesOn(room, witness);
    assert.deepEqual(broadcasts(witness), []);
  });
}

for (const [name, bytes] of [
  ["a reserved bit", frame(0xf1, Buffer.from("x"))],
  ["an unknown opcode", frame(0x83, Buffer.from("x"))],
  ["the end of no message", frame(0x80, Buffer.from("x"))],
  ["a length beyond all bounds", Buffer.from([0x81, 0xff, 0x7f, ...Array(11).fill(0xff)])],
  ["a Close of one byte", frame(0x88, Buffer.from([3]))],
  ["a Close whose reason is no UTF-8", frame(0x88, Buffer.from([0x03, 0xe8, 0xff, 0xfe]))],
] as const) {
  test(`P3.1 a frame with ${name} harms nobody else, and the room still works`, async () => {
    const room = server.room();
    const witness = await room.user("witness");
    const rude = room.connect({ userId: "rude" });
    const wire = await wireOf(rude);
    await rude.next("CONNECTED");
    wire.write(bytes);
    await Promise.race([once(wire, "data"), once(wire, "close")]);
    rude.socket.terminate();
    await goesOn(room, witness);
    assert.equal(count(witness, "ERROR"), 0);
  });
}

test("P3.1 a connection that is lost in the middle of a frame harms nobody else", async () => {
  const room = server.room();
  const witness = await room.user("witness");
  const wire = await wireOf(room.connect({ userId: "rude" }));
  wire.write(frame(0x81, Buffer.alloc(100)).subarray(0, 50), () => wire.destroy());
  await once(wire, "close");
  await goesOn(room, witness);
});
