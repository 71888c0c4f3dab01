/** A page whose frames come by the fake clock: one each 16 ms. */

import { mock } from "node:test";
import type { Clock } from "../../src/collaboration/clock.ts";

export const FRAME_MS = 16;

export const FAKE_PAGE: Clock = {
  now: () => Date.now(),
  frame(work) {
    const timer = setTimeout(work, FRAME_MS - (Date.now() % FRAME_MS));
    return () => clearTimeout(timer);
  },
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Moves the clock one millisecond at a time, calls `each` after it, and lets what is sent go out. */
export async function flow(milliseconds: number, each: (at: number) => void = () => {}) {
  for (let at = 1; at <= milliseconds; at += 1) {
    mock.timers.tick(1);
    each(at);
    await Promise.resolve();
    await Promise.resolve();
  }
}
