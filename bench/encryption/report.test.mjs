import assert from "node:assert/strict";
import { test } from "node:test";
import { percentile, report } from "./report.mjs";

test("a percentile is the smallest value that so many do not exceed", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.deepEqual([percentile(values, 0.5), percentile(values, 0.99)], [50, 99]);
  assert.deepEqual([percentile([7], 0.99), percentile([], 0.5)], [7, null]);
});

test("a report says how many were measured, and shows also what is bad", () => {
  /** @param {number[]} times */
  const sealing = (times) => [
    { cipher: /** @type {const} */ ("WebCrypto"), rows: [{ what: "seal", times }] },
  ];
  const times = { plain: [1, 2], WebCrypto: [3, 4], noble: [5, 9_000_000] };
  const places = [
    { place: "Node", sealing: sealing([10, 20, 400_000]), paths: [{ what: "100 B", times }] },
  ];
  const text = report({ places, rooms: [] });
  assert.match(text, /each measured 3 times:\n\n.*\n.*\n\| seal +\| +20\.0 \(400k\) \|/);
  assert.match(text, /each measured 2 times:\n\n.*\n.*\n.*1\.00 \(2\.00\).*5\.00 \(9000k\) \|/);
  assert.match(text, /The CPU of the server was not measured/);
});
