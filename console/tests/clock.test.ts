import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock } from "../src/clock.ts";

test("where the clocks may be the same they are taken to be", () => {
  const clock = new Clock();
  clock.note(1_005, 1_010, 1_000);
  assert.equal(clock.latency(2_000, 2_007), 7);
});

test("a server's clock that is ahead is found out by frames from the future", () => {
  const clock = new Clock();
  clock.note(61_005, 1_010, 1_000);
  // Between 59,995 and 60,006 ms ahead: at least as much as is proved.
  const latency = clock.latency(62_000, 2_007);
  assert.ok(latency >= 0 && latency <= 10, `${latency}`);
});

test("a server's clock that is behind is found out by an answer older than its question", () => {
  const clock = new Clock();
  clock.note(1_005, 61_010, 61_000);
  const latency = clock.latency(2_000, 62_002);
  assert.ok(latency >= 0 && latency <= 12, `${latency}`);
});

test("a clock that is set meanwhile makes what was known worth nothing", () => {
  const clock = new Clock();
  clock.note(1_005, 1_010, 1_000);
  clock.note(900_005, 1_030, 1_020);
  assert.ok(clock.latency(900_100, 1_120) <= 15);
});
