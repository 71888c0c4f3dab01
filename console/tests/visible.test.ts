import assert from "node:assert/strict";
import { test } from "node:test";
import { visible } from "../src/visible.ts";

test("a character that turns the text after it is shown by its number", () => {
  assert.equal(visible('{"userId":"x\u202enimda"}'), '{"userId":"x\\u202enimda"}');
  assert.equal(visible("\u2066a\u2069"), "\\u2066a\\u2069");
});

test("text from right to left and emoji stay as they are", () => {
  for (const text of ["שלום (7)", "دانة\u200f", "👩\u200d👧", "Ann"])
    assert.equal(visible(text), text);
});
