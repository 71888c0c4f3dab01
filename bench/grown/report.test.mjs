import assert from "node:assert/strict";
import { test } from "node:test";
import { report } from "./report.mjs";

const SHAPE = { sockets: 100, lone: 10, bursts: 2, events: 5 };

/** @param {string} server @param {number} cpu */
const turn = (server, cpu) => ({ server, metrics: { "CPU µs/delivery": cpu, places: 8 } });

test("a grown room is compared with one object in the same turn", () => {
  const turns = [turn("one", 10), turn("grown", 11), turn("grown", 40), turn("one", 20)];
  const text = report(SHAPE, turns);
  assert.match(text, /in each of 2 turns/);
  assert.match(
    text,
    /\| CPU µs per delivery, one[^|]*\| +15\.0 \(10\.0–20\.0\) \| +25\.5 \(11\.0–40\.0\) \| +1\.55 \|/,
  );
});

test("what was not measured is a dash, and what can't be compared has no ratio", () => {
  const text = report(SHAPE, [turn("one", 10), turn("grown", 11)]);
  assert.match(text, /\| ms to the answer[^|]*\| +– \| +– \| +– \|/);
  assert.match(text, /\| places +\| +8\.00 \| +8\.00 \| +\|/);
});
