/** What this client tells of its own cursor at one place. */

import type { Unsubscribe } from "../core/emitter.ts";
import type { ProjectConnection } from "../core/project.ts";
import { type Visitor, visitorsAt } from "./audience.ts";
import type { Clock } from "./clock.ts";
import { MOST_POINTS } from "./points.ts";
import type { PointerPoint } from "./track.ts";

/** How often the others are told, for each 25 that look on. */
const INTERVAL_MS = 100;
const VIEWERS_PER_INTERVAL = 25;
/** The server's answer to messages that come too fast slows this down, at most so far. */
const SLOWEST = 16;
/** How long it takes after that until it is twice as fast again. */
const RECOVERY_MS = 5_000;
/** After this time without a movement, the position goes into the presence data. */
const REST_MS = 1_000;
/** Most events are for at most 1,000 users. */
const MOST_NAMED = 1_000;
/** Fractions are sent with four digits: a fifth of a pixel on a wide screen. */
const PRECISION = 10_000;

export class Pointer {
  readonly #connection: ProjectConnection;
  readonly #at: string;
  readonly #clock: Clock;
  readonly #stop: Unsubscribe[];
  /** Undefined while the pointer is not over the element. */
  #position: readonly [x: number, y: number] | undefined;
  #movedAt = Number.NEGATIVE_INFINITY;
  #points: PointerPoint[] = [];
  #pointedAt = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  /** Whether the others may show a cursor because of what they were sent. */
  #isShown = false;
  #hasViewers: boolean;
  #slowness = 1;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #notBefore = Number.NEGATIVE_INFINITY;
  #cancelBatch: (() => void) | undefined;
  #cancelRest: (() => void) | undefined;

  constructor(connection: ProjectConnection, at: string, clock: Clock) {
    this.#connection = connection;
    this.#at = at;
    this.#clock = clock;
    this.#hasViewers = this.#viewers().length > 0;
    this.#stop = [
      connection.on("others", () => this.#know()),
      connection.on("ERROR", ({ payload }) => {
        if (payload.code === "rate_limited") this.#refused(payload.retryAfterMs ?? 0);
      }),
    ];
  }

  /** The pointer is here: fractions of the width and the height of the element. */
  move(x: number, y: number): void {
    const now = this.#clock.now();
    this.#position = [rounded(x), rounded(y)];
    this.#movedAt = now;
    this.#cancelRest ??= this.#clock.after(REST_MS, () => this.#rest());
    if (!this.#hasViewers || !this.#isHere()) return;
    const wait = Math.max(this.#sentAt + this.#interval(), this.#notBefore) - now;
    // What was sent last is a while ago: the cursor begins to move.
    const begins = wait <= 0 && this.#points.length === 0;
    if (begins) this.#pointedAt = now;
    const dt = Math.max(0, Math.round(now - this.#pointedAt));
    // Not `now`: what is rounded off would add up.
    this.#pointedAt += dt;
    this.#points.push([dt, ...this.#position]);
    if (begins) this.#flush();
    else this.#cancelBatch ??= this.#clock.after(wait, () => this.#flush());
  }

  /** The pointer is not over the element any more. */
  leave(): void {
    this.#position = undefined;
    this.#cancel();
    if (!this.#isHere()) return;
    if (this.#isShown && this.#hasViewers) this.#send([]);
    this.#isShown = false;
    this.#setCursor(null);
  }

  /** The element is gone, or the app's user is somewhere else now. */
  end(): void {
    this.leave();
    for (const stop of this.#stop) stop();
  }

  #cancel(): void {
    this.#cancelBatch?.();
    this.#cancelRest?.();
    this.#cancelBatch = undefined;
    this.#cancelRest = undefined;
    this.#points = [];
  }

  #flush(): void {
    const now = this.#clock.now();
    const wait = this.#notBefore - now;
    this.#cancelBatch = wait > 0 ? this.#clock.after(wait, () => this.#flush()) : undefined;
    if (wait > 0) return;
    const points = this.#points.slice(-MOST_POINTS);
    this.#points = [];
    if (!this.#hasViewers || !this.#isHere()) return;
    if (this.#slowness > 1 && now - this.#refusedAt > RECOVERY_MS) {
      this.#slowness /= 2;
      this.#refusedAt = now;
    }
    this.#sentAt = now;
    this.#isShown = true;
    this.#send(points);
  }

  #send(points: readonly PointerPoint[]): void {
    const { others } = this.#connection;
    const userIds = [...new Set(this.#viewers().map(({ other }) => other.userId))];
    const isForAll = userIds.length === others.length || userIds.length > MOST_NAMED;
    const payload = { at: this.#at, points };
    this.#connection.send("client-pointer", payload, isForAll ? {} : { userIds });
  }

  #rest(): void {
    const left = this.#movedAt + REST_MS - this.#clock.now();
    this.#cancelRest = left > 0 ? this.#clock.after(left, () => this.#rest()) : undefined;
    if (left <= 0 && this.#hasViewers) this.#leaveMark();
  }

  /** Whoever comes later sees where the cursor is. */
  #leaveMark(): void {
    if (this.#position && this.#isHere()) this.#setCursor(this.#position);
  }

  #setCursor(cursor: readonly [number, number] | null): void {
    this.#connection.setPresence({ cursor });
  }

  #know(): void {
    const had = this.#hasViewers;
    this.#hasViewers = this.#viewers().length > 0;
    if (this.#hasViewers && !had) this.#leaveMark();
  }

  #refused(retryAfterMs: number): void {
    const now = this.#clock.now();
    this.#slowness = Math.min(SLOWEST, this.#slowness * 2);
    this.#refusedAt = now;
    this.#notBefore = now + retryAfterMs;
  }

  #interval(): number {
    const viewers = Math.ceil(this.#viewers().length / VIEWERS_PER_INTERVAL);
    // Half of what the server takes from a client is left for everything else.
    const { clientMessagesPerSecond = Number.POSITIVE_INFINITY } = this.#connection.limits ?? {};
    const least = Math.max(INTERVAL_MS, 2_000 / clientMessagesPerSecond);
    return least * Math.max(1, viewers) * this.#slowness;
  }

  #viewers(): Visitor[] {
    return visitorsAt(this.#connection.others, this.#at);
  }

  /** Whether this client is where the cursor is. A dialog may be open in front of it. */
  #isHere(): boolean {
    return this.#connection.self?.data.at === this.#at;
  }
}

function rounded(fraction: number): number {
  return Math.round(fraction * PRECISION) / PRECISION;
}
