import assert from "node:assert/strict";
import { test } from "node:test";
import { memberText, pretty, prettyText, problemOf } from "../src/json.ts";

test("JSON is laid out as JSON.stringify lays it out", () => {
  for (const value of [
    {},
    [],
    "a",
    -1.5e3,
    null,
    [[], {}, [1, [2]]],
    { a: { b: [true, { c: 'x "y" \\ {z}, [1]: \u001f' }] }, "": [] },
  ]) {
    assert.equal(prettyText(JSON.stringify(value)), JSON.stringify(value, null, 2));
  }
});

test("a number keeps all its digits", () => {
  assert.equal(prettyText("[12345678901234567890,1.10]"), "[\n  12345678901234567890,\n  1.10\n]");
});

test("each token has its kind", () => {
  const kinds = pretty('{"a":"b","c":[1,true]}').filter(({ kind }) => kind !== "space");
  assert.deepEqual(
    kinds.filter(({ kind }) => kind !== "punctuation").map(({ kind, text }) => [kind, text]),
    [
      ["key", '"a"'],
      ["string", '"b"'],
      ["key", '"c"'],
      ["number", "1"],
      ["literal", "true"],
    ],
  );
});

test("what is no JSON is told", () => {
  assert.equal(problemOf('{"a":1}'), undefined);
  assert.match(problemOf('{"a":}') ?? "", /JSON/);
});

test("a member of an object is read exactly as written, byte for byte", () => {
  for (const payload of [
    '{"n": 12345678901234567890,"payload":[1]}',
    "[[],{}]",
    '"a,}\\""',
    "1.10",
    "null",
  ])
    assert.equal(memberText(`{"type":"payload","payload":${payload},"seq":1}`, "payload"), payload);
  assert.equal(memberText('{"a":{"payload":1}}', "payload"), undefined);
  assert.equal(memberText('{"payload":{}}', "payload"), "{}");
});
