import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyOf } from "../src/broadcast.ts";
import { examplePayload, KNOWN_EVENTS } from "../src/known-events.ts";

const DRAFT = { eventType: "E", payload: "", exclude: "", only: "", ephemeral: false };

test("a body has what is filled in, and nothing else", () => {
  assert.equal(bodyOf(DRAFT), '{"eventType":"E"}');
  assert.deepEqual(
    JSON.parse(bodyOf({ ...DRAFT, exclude: "ann", only: "ben, cy", ephemeral: true })),
    { eventType: "E", excludeUserId: "ann", userIds: ["ben", "cy"], ephemeral: true },
  );
  assert.deepEqual(JSON.parse(bodyOf({ ...DRAFT, exclude: " a,b ,, " })), {
    eventType: "E",
    excludeUserIds: ["a", "b"],
  });
});

test("a payload goes out as it was typed", () => {
  const payload = '{ "n": 12345678901234567890,\n"s":"ü" }';
  assert.equal(
    bodyOf({ ...DRAFT, payload: `\n${payload} ` }),
    `{"eventType":"E","payload":${payload}}`,
  );
});

test("every known event has a payload of its project", () => {
  for (const { type } of KNOWN_EVENTS) {
    const payload = JSON.parse(examplePayload(type, "p1"));
    assert.equal(payload.projectId, "p1", type);
    assert.equal(typeof payload.taskId, "string", type);
  }
  assert.equal(examplePayload("UNKNOWN", "p1"), "{}");
});
