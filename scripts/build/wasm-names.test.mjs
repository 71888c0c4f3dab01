import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutNames } from "./wasm-names.mjs";

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** @param {string} name */
const custom = (name) => [0, name.length + 3, name.length, ...Buffer.from(name), 7, 7];

test("the name section goes, other sections stay", () => {
  const wasm = Uint8Array.from([...header, ...custom("name"), ...custom("producers")]);
  const stripped = withoutNames(wasm);
  assert.deepEqual([...stripped], [...header, ...custom("producers")]);
  assert.ok(WebAssembly.validate(Uint8Array.from(stripped)));
});

test("a section of more than 127 bytes is skipped", () => {
  const long = [0, 0x83, 1, 1, 0x78, ...new Array(129).fill(9)];
  const wasm = Uint8Array.from([...header, ...long, ...custom("name")]);
  assert.deepEqual([...withoutNames(wasm)], [...header, ...long]);
});
