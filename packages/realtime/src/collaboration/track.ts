/** The movement of one cursor, replayed between the points that arrive. */

import type { Unsubscribe } from "../core/emitter.ts";
import type { Clock } from "./clock.ts";

/** Milliseconds since the point before, and fractions of the width and the height. */
export type PointerPoint = readonly [dt: number, x: number, y: number];

/** Gets each position of a cursor: fractions of the width and the height. */
export type PositionListener = (x: number, y: number) => void;

/** A batch is shown so much later than it could be, so that the next one is there when it ends. */
const MARGIN_MS = 20;
/** Batches that come irregularly need more, up to this. */
const MOST_MARGIN_MS = 200;
/** How much of that is left after each batch that comes in time. */
const DECAY = 0.98;
/** After a break of this length nobody waits for what is missing. */
const BREAK_MS = 1_000;
/** What a batch can last at most, whatever it says. */
const MOST_BATCH_MS = 2_000;

interface Due {
  readonly at: number;
  readonly x: number;
  readonly y: number;
}

export class Track {
  readonly #clock: Clock;
  readonly #listeners = new Set<PositionListener>();
  /** What is still to be reached, the next first. */
  #ahead: Due[] = [];
  /** What was reached last. */
  #behind: Due | undefined;
  /** Where it was shown last. */
  #shown: readonly [x: number, y: number] | undefined;
  /** When the last point is reached. */
  #end = Number.NEGATIVE_INFINITY;
  /** When this movement would have begun if every batch had come as fast as the fastest. */
  #begin = 0;
  /** How long this movement has lasted for who makes it. */
  #length = 0;
  /** How much later than the fastest batches come. */
  #delay = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `listener` with the position now, and with each that follows. */
  subscribe(listener: PositionListener): Unsubscribe {
    this.#listeners.add(listener);
    if (this.#shown) listener(...this.#shown);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells the position once more: it may mean another place on the screen now. */
  tell(): void {
    if (this.#shown) for (const listener of [...this.#listeners]) listener(...this.#shown);
  }

  /** It is nowhere. */
  reset(): void {
    this.#ahead = [];
    this.#behind = undefined;
    this.#shown = undefined;
    this.#end = Number.NEGATIVE_INFINITY;
  }

  /** It is here now. */
  jump(x: number, y: number): void {
    this.#ahead = [];
    this.#end = this.#clock.now();
    this.#behind = { at: this.#end, x, y };
    this.#show(x, y);
  }

  /** It has moved so. `step` shows it. */
  follow(points: readonly PointerPoint[]): void {
    const now = this.#clock.now();
    // A tab that nobody sees has no frames. What it would show no more is not kept.
    this.#pass(now);
    const [first] = points;
    if (!first) return;
    if (first[0] === 0 || !this.#behind) this.#restart(now);
    const length = Math.min(MOST_BATCH_MS, sum(points));
    const start = Math.max(now, this.#end);
    const end = this.#endOf(length, now);
    // A backlog is caught up with, at most at twice the speed.
    const pace = length > 0 ? Math.max(0.5, (end - start) / length) : 1;
    // It rests where it is until then. A new one begins where it was first.
    const [, x, y] = first;
    if (this.#ahead.length === 0) this.#behind = { ...(this.#behind ?? { x, y }), at: start };
    this.#end = this.#plan(points, length, start, pace);
  }

  /** Shows where it is now. Returns whether it moves on. */
  step(): boolean {
    const now = this.#clock.now();
    const reached = this.#pass(now);
    const [next] = this.#ahead;
    const from = this.#behind;
    if (!next || !from) {
      if (reached) this.#show(reached.x, reached.y);
      return false;
    }
    const part = Math.min(1, Math.max(0, (now - from.at) / (next.at - from.at)));
    this.#show(from.x + (next.x - from.x) * part, from.y + (next.y - from.y) * part);
    return true;
  }

  #restart(now: number): void {
    this.#begin = now;
    this.#length = 0;
    this.#delay = 0;
  }

  /** When a batch of this length should end: as far behind the movement as all of it. */
  #endOf(length: number, now: number): number {
    this.#length += length;
    const late = now - this.#begin - this.#length;
    // Faster than all before, or after batches that did not come at all.
    if (late < 0 || late > BREAK_MS) this.#begin += late;
    else this.#delay = Math.min(MOST_MARGIN_MS, Math.max(late, this.#delay * DECAY));
    const lag = length > 0 ? length + Math.max(MARGIN_MS, this.#delay) : 0;
    return this.#begin + this.#length + lag;
  }

  /** Returns when the last point is reached. */
  #plan(points: readonly PointerPoint[], length: number, start: number, pace: number): number {
    let at = start;
    let left = length;
    for (const [dt, x, y] of points) {
      const step = Math.min(dt, left);
      left -= step;
      at += step * pace;
      this.#ahead.push({ at, x, y });
    }
    return at;
  }

  /** Leaves behind what should have been reached by now. Returns the last of it. */
  #pass(now: number): Due | undefined {
    const next = this.#ahead.findIndex(({ at }) => at > now);
    const passed = this.#ahead.splice(0, next < 0 ? this.#ahead.length : next);
    const reached = passed.at(-1);
    this.#behind = reached ?? this.#behind;
    return reached;
  }

  #show(x: number, y: number): void {
    this.#shown = [x, y];
    this.tell();
  }
}

function sum(points: readonly PointerPoint[]): number {
  return points.reduce((all, [dt]) => all + dt, 0);
}
