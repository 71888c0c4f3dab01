/** The cursors at one place: those of the others, and this client's own. */

import type { Unsubscribe } from "../core/emitter.ts";
import type { RealtimeEvent } from "../core/events.ts";
import type { ProjectConnection } from "../core/project.ts";
import { areSame } from "../core/same.ts";
import { type Visitor, visitorsAt } from "./audience.ts";
import { type Clock, PAGE_CLOCK } from "./clock.ts";
import { type Person, personOf } from "./person.ts";
import { enter } from "./places.ts";
import { place, type Size } from "./placing.ts";
import { Pointer } from "./pointer.ts";
import { followPointer, type PointerSink } from "./pointer-events.ts";
import { pointIn, pointsIn } from "./points.ts";
import { type PositionListener, Track } from "./track.ts";

/** The cursor of one of the others. A new object when the user's name or picture changes. */
export interface Cursor {
  readonly connectionId: string;
  readonly user: Person;
  /**
   * For the element that shows it, within the element that the positions are fractions of:
   * `<div ref={cursor.ref}>`. It is moved outside of React.
   */
  readonly ref: (element: HTMLElement | null) => void;
  /** Calls `listener` with each position: fractions of the width and the height. */
  readonly subscribe: (listener: PositionListener) => Unsubscribe;
}

interface Entry {
  readonly track: Track;
  cursor: Cursor;
  isShown: boolean;
  /** When points came last, by the clock. */
  heardAt: number;
  /** What the presence data said last. */
  rest: unknown;
}

/** After live points, presence data of about the same time may be older. */
const LIVE_MS = 500;

const NONE: readonly Cursor[] = [];

export class Cursors implements PointerSink {
  readonly #connection: ProjectConnection;
  readonly #at: string;
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  readonly #entries = new Map<string, Entry>();
  #shown = NONE;
  #element: HTMLElement | undefined;
  #size: Size = { width: 0, height: 0 };
  #pointer: Pointer | undefined;
  #stop: Unsubscribe[] = [];
  #unwatch: Unsubscribe = () => {};
  #cancelFrame: (() => void) | undefined;

  constructor(connection: ProjectConnection, at: string, clock: Clock = PAGE_CLOCK) {
    this.#connection = connection;
    this.#at = at;
    this.#clock = clock;
  }

  /** The cursors that are seen: the same array until one appears, disappears or has another name. */
  get shown(): readonly Cursor[] {
    return this.#shown;
  }

  /** Calls `listener` when `shown` has changed. */
  subscribe(listener: () => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The client is at this place until the returned function is called. */
  start(): Unsubscribe {
    this.#pointer = new Pointer(this.#connection, this.#at, this.#clock);
    this.#stop = [
      enter(this.#connection, this.#at),
      this.#connection.on("client-pointer", (event) => this.#hear(event)),
      this.#connection.on("others", () => this.#know()),
    ];
    this.#know();
    return () => this.#end();
  }

  /** Positions are fractions of this element, and its pointer is followed. */
  watch(element: HTMLElement | null | undefined): void {
    if (element === this.#element || (!element && !this.#element)) return;
    this.#unwatch();
    this.#element = element ?? undefined;
    this.#unwatch = element ? this.#watched(element) : () => {};
  }

  move(x: number, y: number): void {
    this.#pointer?.move(x, y);
  }

  leave(): void {
    this.#pointer?.leave();
  }

  #watched(element: HTMLElement): Unsubscribe {
    const stopFollowing = followPointer(element, this, this.#clock);
    const { ResizeObserver } = globalThis;
    const observer = ResizeObserver && new ResizeObserver(() => this.#measure(element));
    observer?.observe(element);
    this.#measure(element);
    return () => {
      stopFollowing();
      observer?.disconnect();
      this.leave();
    };
  }

  #end(): void {
    this.watch(null);
    this.#cancelFrame?.();
    this.#cancelFrame = undefined;
    this.#pointer?.end();
    for (const stop of this.#stop) stop();
    this.#entries.clear();
    this.#show();
  }

  #hear({ payload, from }: RealtimeEvent<"client-pointer">): void {
    const entry = this.#entries.get(from.connectionId);
    // Only of somebody who is known to be here: nothing stays of anybody who has gone.
    if (payload?.at !== this.#at || entry?.cursor.user.userId !== from.userId) return;
    const points = pointsIn(payload.points);
    const last = points.at(-1);
    entry.heardAt = this.#clock.now();
    entry.isShown = last !== undefined;
    if (!last) entry.track.reset();
    else if (wantsNoMotion()) entry.track.jump(last[1], last[2]);
    else entry.track.follow(points);
    this.#show();
    this.#move();
  }

  #know(): void {
    const visitors = visitorsAt(this.#connection.others, this.#at);
    const ids = new Set(visitors.map(({ connection }) => connection.connectionId));
    for (const id of this.#entries.keys()) if (!ids.has(id)) this.#entries.delete(id);
    for (const visitor of visitors) this.#see(visitor);
    this.#show();
  }

  #see({ other, connection: { connectionId, data } }: Visitor): void {
    const entry = this.#entries.get(connectionId) ?? this.#enter(connectionId, other);
    const user = personOf(other, entry.cursor.user);
    if (user !== entry.cursor.user) entry.cursor = { ...entry.cursor, user };
    if (data.cursor === entry.rest) return;
    entry.rest = data.cursor;
    if (this.#clock.now() - entry.heardAt < LIVE_MS) return;
    const point = pointIn(data.cursor);
    if (point) entry.track.jump(...point);
    else entry.track.reset();
    entry.isShown = point !== undefined;
  }

  #enter(connectionId: string, user: Person): Entry {
    const track = new Track(this.#clock);
    let off: Unsubscribe = () => {};
    const ref = (element: HTMLElement | null) => {
      off();
      off = element ? track.subscribe(place(element, () => this.#size)) : () => {};
    };
    const subscribe = (listener: PositionListener) => track.subscribe(listener);
    const cursor = { connectionId, user: personOf(user), ref, subscribe };
    const heardAt = Number.NEGATIVE_INFINITY;
    const entry = { track, cursor, isShown: false, heardAt, rest: undefined };
    this.#entries.set(connectionId, entry);
    return entry;
  }

  #show(): void {
    const entries = [...this.#entries.values()].filter(({ isShown }) => isShown);
    const shown = entries.map(({ cursor }) => cursor);
    if (areSame(shown, this.#shown)) return;
    this.#shown = shown;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Shows the movements, frame by frame, for as long as there are any. */
  #move(): void {
    this.#cancelFrame ??= this.#clock.frame(() => {
      this.#cancelFrame = undefined;
      let isMoving = false;
      for (const { track } of this.#entries.values()) if (track.step()) isMoving = true;
      if (isMoving) this.#move();
    });
  }

  #measure({ clientWidth, clientHeight }: HTMLElement): void {
    this.#size = { width: clientWidth, height: clientHeight };
    for (const { track } of this.#entries.values()) track.tell();
  }
}

function wantsNoMotion(): boolean {
  return globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
}
