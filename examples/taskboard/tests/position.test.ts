/** Positions: between any two there is another one, and the API takes all of them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { POSITION, positionBetween, spreadPositions } from "../shared/position.ts";

function assertOrdered(positions: string[]): void {
  for (const [place, position] of positions.entries()) {
    assert.match(position, POSITION);
    const before = positions[place - 1];
    if (before !== undefined) assert.ok(before < position, `${before} < ${position}`);
  }
}

test("a long column has short positions, whichever end it grows at", () => {
  const down = spreadPositions(5_000);
  const up: string[] = [];
  for (let i = 0; i < 5_000; i += 1) up.unshift(positionBetween(undefined, up[0]));
  for (const positions of [down, up]) {
    assertOrdered(positions);
    assert.ok(positions.every(({ length }) => length <= 5));
  }
});

test("between two neighbours there is a position, again and again, towards either of them", () => {
  for (const side of [0, 1]) {
    const pair = spreadPositions(2) as [string, string];
    for (let i = 0; i < 200; i += 1) {
      const [before, after] = pair;
      const between = positionBetween(before, after);
      assertOrdered([before, between, after]);
      pair[side] = between;
    }
  }
});

test("thousands of moves to random places keep the order", () => {
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const positions: string[] = [];
  for (let i = 0; i < 3_000; i += 1) {
    const place = random(positions.length + 1);
    positions.splice(place, 0, positionBetween(positions[place - 1], positions[place]));
  }
  assertOrdered(positions);
});

test("at the very ends there is room as well", () => {
  assertOrdered([positionBetween(undefined, "0001"), "0001"]);
  assertOrdered(["zzzz", positionBetween("zzzz", undefined)]);
  assertOrdered(["zzzzz", positionBetween("zzzzz", undefined)]);
});
