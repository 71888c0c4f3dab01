/** Real idling: the runtime hibernates an object that had no event for 10 s, and wakes it with the next one. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { Room } from "./target.ts";

const IDLE_MS = 11_500;

/** Waits until the objects of all rooms that nobody talks to are gone from memory. */
export function idle(): Promise<void> {
  return pause(IDLE_MS);
}

/** Asserts that the object in memory is no older than `start`. */
export async function assertAwakeSince(room: Room, start: number): Promise<void> {
  const { awakeSince } = await room.state();
  assert.ok(awakeSince >= start, `awake ${start - awakeSince} ms too early`);
}
