/** What a broadcast can contain: docs/protocol.md, clauses P2.2, P2.4, P2.5 and P2.6. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, broadcasts, settle } from "../support/expect.ts";
import { startServer } from "../support/target.ts";

const server = await startServer();
const room = server.room();
const witness = await room.user("witness");

const ids = (length: number) => Array.from({ length }, (_, index) => `u${index}`);

/** Asserts that the room refuses `body`, and that nobody gets anything of it. */
async function refused(body: unknown, code: string): Promise<void> {
  const before = broadcasts(witness).length;
  await assertRefused(await room.post(body), 400, code);
  await settle(room, witness);
  assert.equal(broadcasts(witness).length, before);
}

for (const body of ["{}", '{"eventType":null}', '{"eventType":""}', '{"payload":{}}']) {
  test(`P2.2 ${body} is missing_event_type`, () => refused(body, "missing_event_type"));
}

for (const type of ["CONNECTED", "USER_JOINED", "USER_LEFT", "PRESENCE", "PONG", "ERROR"]) {
  test(`P2.2 ${type} is reserved`, () => refused({ eventType: type }, "reserved_event_type"));
}

test("P2.2 a reserved type is recognised behind an escape", () =>
  refused(String.raw`{"eventType":"PO\u004eG"}`, "reserved_event_type"));

for (const type of [
  "PING",
  "pong",
  "Connected",
  "a b",
  "任務",
  '"',
  "\\",
  "__proto__",
  "AFTER\u2028",
]) {
  test(`P2.2 ${JSON.stringify(type)} is free text like any other`, async () => {
    const { recipients } = await room.broadcast(type);
    assert.equal(recipients, 1);
    assert.equal((await witness.next(type)).type, type);
  });
}

test("P2.2 an eventType may have 64 bytes", async () => {
  const type = "é".repeat(32);
  await room.broadcast(type);
  await witness.next(type);
});

for (const [name, eventType] of [
  ["65 bytes", "x".repeat(65)],
  ["33 letters of 2 bytes", "é".repeat(33)],
  ["a line feed", "a\nb"],
  ["a NUL", "\0"],
  ["DEL", "a\x7f"],
  ["a C1 control character", "a\x85"],
] as const) {
  test(`P2.2 an eventType with ${name} is invalid_field`, () =>
    refused({ eventType }, "invalid_field"));
}

test("P2.2 an eventType with a lone surrogate is invalid_field", () =>
  refused(String.raw`{"eventType":"\ud800"}`, "invalid_field"));

for (const wrong of [7, true, ["E"], { a: 1 }]) {
  test(`P2.6 eventType ${JSON.stringify(wrong)} is invalid_field`, () =>
    refused({ eventType: wrong }, "invalid_field"));
}

test("P2.4 excludeUserIds may name 1,000 users", async () => {
  await room.broadcast("E", { excludeUserIds: ids(1_000) });
  await witness.next("E");
});

for (const [name, excludeUserIds] of [
  ["1,001 users", ids(1_001)],
  ["a text", "witness"],
  ["an object", {}],
  ["a number in the list", ["a", 7]],
  ["a list in the list", [["a"]]],
  ["an id of 129 bytes", ["x".repeat(129)]],
  ["a control character", ["a\n"]],
] as const) {
  test(`P2.6 excludeUserIds with ${name} is invalid_field`, () =>
    refused({ eventType: "E", excludeUserIds }, "invalid_field"));
}

for (const wrong of [7, false, ["witness"], { id: "witness" }, "x".repeat(129), "a\n"]) {
  test(`P2.6 excludeUserId ${JSON.stringify(wrong).slice(0, 30)} is invalid_field`, () =>
    refused({ eventType: "E", excludeUserId: wrong }, "invalid_field"));
}

test("P2.5 userIds may name 1,000 users", async () => {
  await room.broadcast("E", { userIds: [...ids(999), "witness"] });
  await witness.next("E");
});

for (const [name, userIds] of [
  ["nobody", []],
  ["1,001 users", ids(1_001)],
  ["a text", "witness"],
  ["an object", {}],
  ["null in the list", ["witness", null]],
  ["an empty id", ["witness", ""]],
  ["an id of 129 bytes", ["x".repeat(129)]],
  ["a control character", ["a\n"]],
] as const) {
  test(`P2.5 userIds with ${name} is 400 invalid_field`, () =>
    refused({ eventType: "E", userIds }, "invalid_field"));
}

for (const field of ["userIds", "excludeUserIds"]) {
  test(`P2.6 ${field} with a lone surrogate is invalid_field`, () =>
    refused(String.raw`{"eventType":"E","${field}":["\ud800"]}`, "invalid_field"));
}

const NOT_JSON = {
  nothing: "",
  "white space": " \n",
  "a list": '[{"eventType":"E"}]',
  "a list like the object's fields": '["E",{},null,null,null]',
  "a text": '"E"',
  null: "null",
  "half an object": '{"eventType":"E"',
  "two objects": '{"eventType":"E"}{"eventType":"E"}',
  "a form": "eventType=E",
  "a trailing comma": '{"eventType":"E",}',
  "single quotes": "{'eventType':'E'}",
  "a comment": '{"eventType":"E"/**/}',
  "a byte order mark inside": '{\ufeff"eventType":"E"}',
  "two byte order marks": '\ufeff\ufeff{"eventType":"E"}',
  "a raw line feed in a text": '{"eventType":"E","payload":"\n"}',
  "a payload that is NaN": '{"eventType":"E","payload":NaN}',
  "a payload that does not end": `{"eventType":"E","payload":${"[".repeat(30_000)}}`,
  "UTF-16": Buffer.from('{"eventType":"E"}', "utf16le"),
  "Latin-1": Buffer.from('{"eventType":"é"}', "latin1"),
  "a surrogate in UTF-8": Buffer.from('{"eventType":"\xed\xa0\x80"}', "latin1"),
  "an overlong form": Buffer.from('{"eventType":"\xc0\xaf"}', "latin1"),
};

for (const [name, body] of Object.entries(NOT_JSON)) {
  test(`P2.6 ${name} is invalid_json`, () => refused(body, "invalid_json"));
}

for (const fields of [
  '"eventType":"E","eventType":"E"',
  String.raw`"eventType":"E","event\u0054ype":"F"`,
  '"eventType":"E","payload":1,"payload":2',
  '"eventType":"E","excludeUserId":"a","excludeUserId":null',
  '"eventType":"E","excludeUserIds":[],"excludeUserIds":[]',
  '"eventType":"E","userIds":["a"],"userIds":["b"]',
]) {
  test(`P2.6 {${fields}} is duplicate_field`, () => refused(`{${fields}}`, "duplicate_field"));
}

for (const [name, fields] of [
  ["unknown fields", '"someday":{"x":[1]}'],
  ["an unknown field twice", '"someday":1,"someday":2'],
  ["a known field in another case", '"eventtype":7,"UserIds":[]'],
  ["an unknown field nested deeply", `"someday":${"[".repeat(9_000)}${"]".repeat(9_000)}`],
] as const) {
  test(`P2.6 ${name} is ignored`, async () => {
    const response = await room.post(`{"eventType":"IGNORING",${fields}}`);
    assert.equal(response.status, 200, await response.text());
    await witness.next("IGNORING");
  });
}
