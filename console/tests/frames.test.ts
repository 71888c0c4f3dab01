import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameLog, MOST_FRAMES, matches, sizeOf, timeOf } from "../src/frames.ts";

function arriving(text: string, type: string) {
  return { text, frame: { type, payload: null }, wasMissed: false, at: new Date() };
}

function logOf(...types: string[]): FrameLog {
  const log = new FrameLog();
  for (const type of types)
    log.add(arriving(JSON.stringify({ type, payload: { of: type } }), type));
  return log;
}

test("the newest frames are kept, and all are counted", () => {
  const log = logOf(...Array.from({ length: MOST_FRAMES + 3 }, (_, index) => `E${index}`));
  assert.equal(log.frames.length, MOST_FRAMES);
  assert.equal(log.frames[0]?.frame.type, "E3");
  assert.equal(log.count, MOST_FRAMES + 3);
});

test("the size of a frame is in bytes of UTF-8", () => {
  const log = new FrameLog();
  assert.equal(log.add(arriving('"ü✓"', "E")).bytes, 7);
  assert.equal(log.bytes, 7);
});

test("a filter takes a type, and a text in any case", () => {
  const [one] = logOf("TASK_CREATED").frames;
  assert.ok(one);
  for (const [type, text, isShown] of [
    ["", "", true],
    ["TASK_CREATED", "task_", true],
    ["TASK_DELETED", "", false],
    ["", "deleted", false],
  ] as const)
    assert.equal(matches(one, { type, text }), isShown, `${type} ${text}`);
});

test("each type is named once, in order", () => {
  assert.deepEqual(logOf("B", "A", "B").types(), ["A", "B"]);
});

test("sizes and times are short", () => {
  assert.deepEqual([sizeOf(1023), sizeOf(1024), sizeOf(1_600)], ["1023 B", "1.0 KB", "1.6 KB"]);
  assert.equal(timeOf(new Date(2026, 0, 2, 3, 4, 5, 6)), "03:04:05.006");
});
