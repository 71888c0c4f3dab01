import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST_EVENTS, Timeline } from "../src/timeline.ts";

function note(timeline: Timeline, client: number, type: string, at: number, seq?: number): void {
  const frame = { type, payload: {}, timestamp: at, ...(seq === undefined ? {} : { seq }) };
  const arrival = { at: at + client, latencyMs: client, wasMissed: false };
  timeline.note(client, "p", JSON.stringify(frame), frame, arrival);
}

test("an event stands once, with when it reached each client, the newest first", () => {
  const timeline = new Timeline();
  note(timeline, 1, "A", 100, 1);
  note(timeline, 1, "B", 100, 2);
  note(timeline, 2, "A", 100, 1);
  const [newest, oldest] = timeline.newestFirst();
  assert.deepEqual([newest?.frame.type, oldest?.frame.type], ["B", "A"]);
  assert.deepEqual(
    [...(oldest?.arrivals ?? [])].map(([client, { at }]) => [client, at]),
    [
      [1, 101],
      [2, 102],
    ],
  );
});

test("what the server says of itself is no event", () => {
  const timeline = new Timeline();
  for (const type of ["CONNECTED", "USER_JOINED", "PONG", "ERROR"]) note(timeline, 1, type, 1);
  assert.deepEqual(timeline.newestFirst(), []);
});

test("a broadcast is found by its number, an ephemeral one by its type, and nothing older", () => {
  const timeline = new Timeline();
  note(timeline, 1, "A", 100, 1);
  note(timeline, 1, "E", 200);
  assert.equal(timeline.find("p", 90, { seq: 1 })?.frame.type, "A");
  assert.equal(timeline.find("p", 90, { type: "E" })?.frame.type, "E");
  assert.equal(timeline.find("p", 150, { seq: 1 }), undefined);
  assert.equal(timeline.find("other", 90, { seq: 1 }), undefined);
});

test("only the newest are kept", () => {
  const timeline = new Timeline();
  for (let seq = 1; seq <= MOST_EVENTS + 2; seq++) note(timeline, 1, "A", seq, seq);
  const events = timeline.newestFirst();
  assert.deepEqual([events.length, events.at(-1)?.frame.seq], [MOST_EVENTS, 3]);
});
