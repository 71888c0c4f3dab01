/** What a broadcast carries and how much: docs/protocol.md, clauses P2.3 and P2.7. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, broadcasts, settle } from "../support/expect.ts";
import { AUTHORIZED, raw } from "../support/raw.ts";
import { NO_PROXY_BETWEEN, startServer } from "../support/target.ts";

const server = await startServer();

/** The default of MAX_PAYLOAD_BYTES. */
const MAX_PAYLOAD_BYTES = 32_768;
const DEPTH = 15_000;

const PAYLOADS = {
  "odd spacing": '{ "a"\t:\r\n [ 1 ,2 ] }',
  "unicode as it is": '{"name":"Zoë 😀 \u2028 \u202e \ufeff \u0301"}',
  "escapes of all kinds": String.raw`"\u00e9 \ud83d\ude00 \/ \b\f\n\r\t \"\\ \u0000"`,
  "lone surrogates in escapes": String.raw`["\ud800","\udc00 \ud800x"]`,
  "numbers that no double holds": "[1e400,-0,0.10,12345678901234567890,1E+2]",
  "doubled keys inside": '{"a":1,"a":2}',
  "keys in their order": '{"b":1,"a":2,"10":3,"9":4}',
  "a key named __proto__": '{"__proto__":{"x":1},"type":"ERROR"}',
  "the string null": '"null"',
  null: "null",
  false: "false",
  "a number": "7",
  "an empty string": '""',
  "deep nesting": "[".repeat(DEPTH) + "]".repeat(DEPTH),
  "text that looks like a frame": String.raw`"},\"type\":\"CONNECTED\",{"`,
};

for (const [name, payload] of Object.entries(PAYLOADS)) {
  test(`P2.3 a payload arrives byte for byte: ${name}`, async () => {
    const room = server.room();
    const ann = await room.user("ann");
    const response = await room.post(`{"eventType":"E","payload":${payload}}`);
    assert.equal(response.status, 200, await response.text());
    const { timestamp } = await ann.next("E");
    const expected = `{"type":"E","payload":${payload},"timestamp":${timestamp},"seq":1}`;
    assert.equal(ann.texts.at(-1), expected);
  });
}

test("P2 payload is {} if absent", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  await room.broadcast("E");
  assert.deepEqual((await ann.next("E")).payload, {});
});

test("P2.3 white space around the payload is not part of it", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  await room.post('{"eventType":"E","payload" : \n [1] \n }');
  assert.deepEqual((await ann.next("E")).payload, [1]);
});

test("P2.6 a byte order mark before the body, as .NET and PowerShell write it, is ignored", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  const response = await room.post('\ufeff{"eventType":"E","payload":"\ufeff"}');
  assert.equal(response.status, 200, await response.text());
  assert.equal((await ann.next("E")).payload, "\ufeff");
});

test("P2.3 the fields can be in any order", async () => {
  const room = server.room();
  const [ann, ben] = await Promise.all([room.user("ann"), room.user("ben")]);
  await room.post('{"payload":1,"excludeUserId":"ann","eventType":"E"}');
  assert.equal((await ben.next("E")).payload, 1);
  await settle(room, ann);
  assert.deepEqual(broadcasts(ann), []);
});

/** A body of exactly this many bytes, of letters with 2 bytes each except perhaps the last. */
function bodyOf(bytes: number): string {
  const around = '{"eventType":"E","payload":""}';
  const room = bytes - around.length;
  const filling = "é".repeat(room >> 1) + "x".repeat(room & 1);
  return around.replace('""', `"${filling}"`);
}

test("P2.7 a body of MAX_PAYLOAD_BYTES is accepted, with a length and in chunks", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  const body = bodyOf(MAX_PAYLOAD_BYTES);
  for (const sent of [body, [body.slice(0, 9_999), body.slice(9_999)]]) {
    const { status } = await raw(server, room.path, {
      method: "POST",
      headers: AUTHORIZED,
      body: sent,
    });
    assert.equal(status, 200);
    const { payload } = await ann.next("E");
    assert.equal(payload, JSON.parse(body).payload);
  }
});

test("P2.7 a body one byte over MAX_PAYLOAD_BYTES is 413, with a length and in chunks", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  const body = bodyOf(MAX_PAYLOAD_BYTES + 1);
  for (const sent of [body, [body.slice(0, 9_999), body.slice(9_999)]]) {
    const request = { method: "POST", headers: AUTHORIZED, body: sent };
    await assertRefused(await raw(server, room.path, request), 413, "payload_too_large");
  }
  await settle(room, ann);
  assert.deepEqual(broadcasts(ann), []);
});

test("P2.7 a body is judged by Content-Length before it has arrived", {
  skip: NO_PROXY_BETWEEN,
}, async () => {
  const answer = await raw(server, server.room().path, {
    method: "POST",
    headers: { ...AUTHORIZED, "Content-Length": "1048576" },
    body: "{",
    unfinished: true,
  });
  await assertRefused(answer, 413, "payload_too_large");
});

test("P2.7 a body in chunks is refused as soon as it is too large", async () => {
  const answer = await raw(server, server.room().path, {
    method: "POST",
    headers: AUTHORIZED,
    body: ["x".repeat(MAX_PAYLOAD_BYTES), "x"],
    unfinished: true,
  });
  await assertRefused(answer, 413, "payload_too_large");
});

test("P2.7 a body that is too large is 413 even if it is not JSON", async () => {
  const answer = await server.room().post("[".repeat(MAX_PAYLOAD_BYTES + 1));
  await assertRefused(answer, 413, "payload_too_large");
});

test("P2.7 a small body in many small chunks is accepted", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  const body = [...Buffer.from(bodyOf(300))].map((byte) => Uint8Array.of(byte));
  const { status } = await raw(server, room.path, { method: "POST", headers: AUTHORIZED, body });
  assert.equal(status, 200);
  await ann.next("E");
});
