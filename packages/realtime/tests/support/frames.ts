/** A page whose frames come by the fake clock: one each 16 ms. */

import { afterEach, beforeEach, mock } from "node:test";
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

const observers = new Set<() => void>();

/** Stands in for what happy-dom has no layout for. */
class FakeResizeObserver {
  readonly #notice: () => void;

  constructor(notice: () => void) {
    this.#notice = notice;
  }

  observe(): void {
    observers.add(this.#notice);
  }

  disconnect(): void {
    observers.delete(this.#notice);
  }
}

/** Elements have other sizes now. */
export const resized = () => {
  for (const notice of observers) notice();
};

/** How many watch the sizes of elements. */
export const observed = () => observers.size;

/** Gives the page frames by the fake clock, which has to be set up before. */
export function withFakeFrames(): void {
  const page = {
    requestAnimationFrame: (work: () => void) =>
      setTimeout(work, FRAME_MS - (Date.now() % FRAME_MS)),
    cancelAnimationFrame: clearTimeout,
    ResizeObserver: FakeResizeObserver,
  };
  beforeEach(() => {
    Object.assign(globalThis, page);
    mock.method(performance, "now", () => Date.now());
  });
  afterEach(() => {
    for (const name of Object.keys(page)) delete (globalThis as Record<string, unknown>)[name];
  });
}
