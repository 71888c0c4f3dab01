/** How the movement of a cursor is replayed. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Clock } from "../src/collaboration/clock.ts";
import { pointIn, pointsIn } from "../src/collaboration/points.ts";
import { type PointerPoint, Track } from "../src/collaboration/track.ts";

/** A track, what it shows, and a clock that the test sets. */
function newTrack() {
  const time = { now: 0 };
  const clock = { now: () => time.now } as Clock;
  const track = new Track(clock);
  const shown: number[] = [];
  track.subscribe((x) => shown.push(x));
  /** What is shown at this time, in a frame. */
  const at = (now: number) => {
    time.now = now;
    track.step();
    return shown.at(-1);
  };
  return { time, track, shown, at };
}

/** Points of a movement to the right at constant speed, 0.001 each millisecond, sampled each 20 ms. */
const batch = (from: number): PointerPoint[] =>
  [20, 40, 60, 80, 100].map((part) => [20, (from + part) / 1_000, 0]);

const rounded = (value = Number.NaN) => Math.round(value * 1_000) / 1_000;

describe("a track", () => {
  test("shows the first point of a movement in the next frame", () => {
    const { track, at } = newTrack();
    track.follow([[0, 0.5, 0.5]]);
    assert.equal(at(0), 0.5);
    track.follow([[0, 0.6, 0.5]]);
    assert.equal(at(16), 0.6);
  });

  test("replays a batch in the time that the movement took, between its points", () => {
    const { time, track, at } = newTrack();
    track.follow([[0, 0, 0]]);
    at(0);
    time.now = 100;
    track.follow([
      [50, 0.5, 0],
      [50, 0.6, 0],
    ]);
    // Until 20 ms later, so that the next batch is there when this one ends.
    const seen = [100, 130, 160, 190, 220, 400].map((now) => rounded(at(now)));
    assert.deepEqual(seen, [0, 0.25, 0.5, 0.55, 0.6, 0.6]);
  });

  test("replays batches that follow each other as one movement at one speed, 120 ms late", () => {
    const { time, track, at } = newTrack();
    track.follow([[0, 0, 0]]);
    at(0);
    for (let sent = 100; sent <= 1_000; sent += 100) {
      time.now = sent;
      track.follow(batch(sent - 100));
      for (let now = Math.max(sent, 220); now < sent + 100; now += 10)
        assert.equal(rounded(at(now)), rounded((now - 120) / 1_000));
    }
  });

  test("is 120 ms late too for who comes in the middle of a movement, and after batches that got lost", () => {
    const { time, track, at } = newTrack();
    for (let sent = 1_100; sent <= 4_000; sent += 100) {
      time.now = sent;
      if (sent < 2_000 || sent > 3_200) track.follow(batch(sent - 100));
      if (sent < 2_000 || sent > 3_400)
        for (let now = Math.max(sent, 1_220); now < sent + 100; now += 10)
          assert.equal(rounded(at(now)), rounded((now - 120) / 1_000));
    }
  });

  test("waits longer for batches that come irregularly, and then shows no stops", () => {
    const { time, track, at } = newTrack();
    let random = 1;
    const delay = () => {
      random = (random * 48_271) % 2_147_483_647;
      return random % 60;
    };
    track.follow([[0, 0, 0]]);
    const arrivals = Array.from({ length: 40 }, (_, index) => ({
      at: (index + 1) * 100 + delay(),
      points: batch(index * 100),
    }));
    let before = -1;
    const stops: number[] = [];
    for (let now = 0; now < 4_000; now += 16) {
      while (arrivals[0] && arrivals[0].at <= now) {
        time.now = arrivals[0].at;
        track.follow(arrivals.shift()?.points ?? []);
      }
      const x = at(now) ?? 0;
      assert.ok(x >= before, "it never goes back");
      if (x === before) stops.push(now);
      before = x;
    }
    assert.ok(stops.filter((now) => now > 1_500).length === 0, `it stood still at ${stops}`);
    assert.ok(before > 3.7 && before < 3.9, `it is at ${before}`);
  });

  test("catches up with batches that come all at once, at most at twice the speed", () => {
    const { time, track, at } = newTrack();
    track.follow([[0, 0, 0]]);
    at(0);
    time.now = 500;
    for (const from of [0, 100, 200, 300, 400]) track.follow(batch(from));
    let before = 0;
    for (let now = 510; now < 850; now += 10) {
      const x = at(now) ?? 0;
      assert.ok(x - before <= 0.0201, `${x - before} in 10 ms`);
      before = x;
    }
    assert.equal(rounded(before), 0.5);
  });

  test("that nobody sees for a minute keeps nothing, and shows then what is now", () => {
    const { time, track, shown, at } = newTrack();
    for (let sent = 100; sent <= 60_000; sent += 100) {
      time.now = sent;
      track.follow(batch(sent - 100));
    }
    assert.equal(shown.length, 0);
    assert.equal(rounded(at(60_050)), 59.93);
    assert.equal(shown.length, 1);
  });

  test("says whether it moves on, so that a page at rest has no frames", () => {
    const { time, track } = newTrack();
    track.follow([[0, 0, 0]]);
    assert.equal(track.step(), false);
    track.follow([[100, 1, 0]]);
    assert.equal(track.step(), true);
    time.now = 121;
    assert.equal(track.step(), false);
  });

  test("takes a batch that claims to last an hour for two seconds", () => {
    const { track, at } = newTrack();
    track.follow([[3_600_000, 1, 0]]);
    assert.equal(at(2_020), 1);
  });

  test("that is reset is nowhere, and begins anew", () => {
    const { track, shown, at } = newTrack();
    track.jump(0.5, 0.5);
    track.reset();
    assert.equal(track.step(), false);
    assert.deepEqual(shown, [0.5]);
    track.follow([[0, 0.7, 0]]);
    assert.equal(at(0), 0.7);
  });
});

describe("points from other clients", () => {
  test("that make no sense are left out, and the others are within the element", () => {
    const points = [
      [0, 0.1, 0.2],
      [10, -1, 2],
      [-5, 0, 0],
      [1, "1", 0],
      [1],
      null,
      7,
      [Number.NaN, 0, 0],
    ];
    assert.deepEqual(pointsIn(points), [
      [0, 0.1, 0.2],
      [10, 0, 1],
      [0, 0, 0],
    ]);
    for (const wrong of [undefined, null, "points", {}, 1]) assert.deepEqual(pointsIn(wrong), []);
    assert.deepEqual(
      [pointIn([0.1, 5]), pointIn([0.1]), pointIn("ab")],
      [[0.1, 1], undefined, undefined],
    );
  });

  test("are at most 250, the newest", () => {
    const points = Array.from({ length: 9_000 }, (_, index) => [1, index / 10_000, 0]);
    assert.deepEqual([pointsIn(points).length, pointsIn(points).at(-1)], [250, [1, 0.8999, 0]]);
  });
});
