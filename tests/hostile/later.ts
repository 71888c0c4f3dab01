/** Waiting, without a rush at its end. */

import { setTimeout as pause } from "node:timers/promises";

/** At the least between two that go on: 2,000 in a second. */
const APART_MS = 0.5;

let free = 0;

/**
 * Waits so long, and then for one's turn. The attackers' process stands back behind the others of the machine: when it
 * comes to run again, hundreds that were to go on meanwhile would do so at once, as slow attackers never do.
 */
export async function later(milliseconds: number): Promise<void> {
  await pause(milliseconds);
  free = Math.max(free + APART_MS, performance.now());
  await pause(Math.max(free - performance.now(), 0));
}
