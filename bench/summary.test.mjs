import assert from "node:assert/strict";
import { test } from "node:test";
import { figures } from "./figures.mjs";
import { workloads } from "./plan.mjs";
import { shortfalls, smallBroadcast } from "./summary.mjs";

const none = { lost: 0, doubled_or_late: 0, to_excluded: 0, not_as_sent: 0, disconnected: 0 };
const room = workloads({ quick: true, largest: 1000 }).filter(({ name }) => name === "room of 5");

/** One measurement of a room of 5, in which every figure has the same value. @param {string} server @param {number} value */
function measured(server, value) {
  const [{ figures = [] } = {}] = room;
  const metrics = Object.fromEntries(figures.map(({ metric }) => [metric, value]));
  return { workload: "room of 5", server, run: 0, metrics, faults: none };
}

test("the sentence for README.md has the figures of the server as shipped", () => {
  const sentence = smallBroadcast(figures(room, [measured("ours", 500), measured("js", 1)]));
  assert.match(sentence ?? "", /costs 0\.500 to\s0\.500 ms of CPU/);
});

test("without the room of 5 there is no sentence for README.md", () => {
  assert.equal(smallBroadcast([]), undefined);
});

test("shortfalls name each figure with its ratio, and nothing where there is none", () => {
  const all = [measured("ours", 120), measured("js", 100), measured("without", 120)];
  const text = shortfalls(figures(room, all));
  assert.match(text, /^- room of 5: CPU µs per broadcast, under load \(1\.20\); CPU µs/m);
  assert.match(text, /itself without a history: nothing\./);
});
