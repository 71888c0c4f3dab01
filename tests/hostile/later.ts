/** Waiting, without a rush at the end. */

import { setTimeout as pause } from "node:timers/promises";

/** The minimum time between two that continue: 2,000 per second. */
const APART_MS = 0.5;

let free = 0;

/**
 * Waits this long, and then for its turn. The attackers' process has a low priority on the machine: when it
 * runs again, hundreds of attempts that became due meanwhile would continue at once, as slow attackers never do.
 */
export async function later(milliseconds: number): Promise<void> {
  await pause(milliseconds);
  free = Math.max(free + APART_MS, performance.now());
  await pause(Math.max(free - performance.now(), 0));
}
