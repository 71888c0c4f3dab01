/** Who is typing where in a project: what this client says of it, and what it hears. */

import type { Unsubscribe } from "../core/emitter.ts";
import type { RealtimeEvent } from "../core/events.ts";
import type { Other } from "../core/people.ts";
import type { ProjectConnection } from "../core/project.ts";
import { areSame } from "../core/same.ts";
import { type Person, personOf } from "./person.ts";

/** How often it is said again while keys are pressed. */
const HEARTBEAT_MS = 8_000;
/** How long it is believed. A stop can get lost, so nobody types for longer than this in silence. */
const EXPIRY_MS = 10_000;
/** Whoever arrives hears of it with the next key, but not more often than this. */
const REPEAT_MS = 1_000;

/** A connection that types. */
interface Typist {
  person: Person;
  /** When it is no longer believed, by this machine's clock. */
  until: number;
}

type Typists = Map<string, Typist>;

interface Told {
  readonly at: number;
  /** After how long the next key says it again. */
  repeatMs: number;
}

const NOBODY: readonly Person[] = [];

/** One for each connection, shared by all components: see {@link typingOf}. */
export class Typing {
  readonly #connection: ProjectConnection;
  readonly #listeners = new Set<() => void>();
  /** By topic, what the others were last told: that this client types. */
  readonly #told = new Map<string, Told>();
  /** By topic and connection. */
  readonly #heard = new Map<string, Typists>();
  /** By topic, what components see: the same array until it changes. */
  readonly #seen = new Map<string, readonly Person[]>();
  #known: readonly Other[];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(connection: ProjectConnection) {
    this.#connection = connection;
    this.#known = connection.others;
    connection.on("client-typing", (event) => this.#hear(event));
    connection.on("others", ({ payload }) => this.#know(payload));
    // Whoever has seen this client go no longer believes that it types.
    connection.on("CONNECTED", () => this.#told.clear());
  }

  /** Who else is typing: one entry for each user, in the order in which they began. */
  typists(topic: string): readonly Person[] {
    return this.#seen.get(topic) ?? NOBODY;
  }

  /** Calls `listener` when somebody has begun or stopped. */
  subscribe(listener: () => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A key was pressed. The others are told at once, and then every 8 s. */
  keystroke(topic: string): void {
    const told = this.#told.get(topic);
    if (told && isWithin(told.repeatMs, told.at)) return;
    if (!this.#connection.others.some(isHere)) return;
    if (!this.#connection.send("client-typing", { topic, on: true })) return;
    if (this.#told.size === 0) globalThis.addEventListener?.("pagehide", this.#stopAll);
    this.#told.set(topic, { at: Date.now(), repeatMs: HEARTBEAT_MS });
  }

  /** Nobody types here any more. The others are told if they believe otherwise. */
  stop(topic: string): void {
    const told = this.#told.get(topic);
    this.#told.delete(topic);
    if (this.#told.size === 0) globalThis.removeEventListener?.("pagehide", this.#stopAll);
    if (told && isWithin(EXPIRY_MS, told.at))
      this.#connection.send("client-typing", { topic, on: false });
  }

  /** A message of this user has arrived, so they have stopped, whatever they said. */
  clear(topic: string, userId: string): void {
    const typists = this.#heard.get(topic) ?? new Map();
    for (const [id, { person }] of typists) if (person.userId === userId) typists.delete(id);
    this.#show();
  }

  /** The page goes away, and what it says now may still arrive. */
  readonly #stopAll = () => {
    for (const topic of [...this.#told.keys()]) this.stop(topic);
  };

  #hear({ payload, from }: RealtimeEvent<"client-typing">): void {
    const { userId, connectionId } = from;
    const { topic, on } = payload ?? {};
    // Own devices are not somebody else, and anonymous clients have no name to show.
    if (userId === null || userId === this.#connection.self?.userId) return;
    if (typeof topic !== "string") return;
    const typists = this.#heard.get(topic) ?? new Map<string, Typist>();
    this.#heard.set(topic, typists);
    const person = typists.get(connectionId)?.person ?? this.#personOf(userId);
    if (on === true) typists.set(connectionId, { person, until: Date.now() + EXPIRY_MS });
    else typists.delete(connectionId);
    this.#show();
  }

  #personOf(userId: string, before?: Person): Person {
    const other = this.#known.find((other) => other.userId === userId);
    // In a large room not everybody is known by name.
    return personOf(other ?? before ?? { userId, userName: null, verified: false }, before);
  }

  #know(others: readonly Other[]): void {
    const before = idsOf(this.#known);
    const here = idsOf(others.filter(isHere));
    this.#known = others;
    // Somebody is new, and has not heard who types.
    if ([...here].some((userId) => !before.has(userId)))
      for (const told of this.#told.values()) told.repeatMs = REPEAT_MS;
    for (const userId of before) if (!here.has(userId)) this.#forget(userId);
    for (const typists of this.#heard.values())
      for (const typist of typists.values())
        typist.person = this.#personOf(typist.person.userId, typist.person);
    this.#show();
  }

  #forget(userId: string): void {
    for (const topic of this.#heard.keys()) this.clear(topic, userId);
  }

  /** Drops who is no longer believed, and tells components if they see somebody else now. */
  #show(): void {
    clearTimeout(this.#timer);
    const now = Date.now();
    let isChanged = false;
    let next = Number.POSITIVE_INFINITY;
    for (const [topic, typists] of this.#heard) {
      // A clock that was set back must not make it last longer.
      for (const [id, { until }] of typists)
        if (until > now && until <= now + EXPIRY_MS) next = Math.min(next, until);
        else typists.delete(id);
      if (this.#see(topic, typists)) isChanged = true;
      if (typists.size === 0) this.#heard.delete(topic);
    }
    if (this.#heard.size > 0) this.#timer = setTimeout(() => this.#show(), next - now);
    if (isChanged) for (const listener of [...this.#listeners]) listener();
  }

  #see(topic: string, typists: Typists): boolean {
    const people = new Map([...typists.values()].map(({ person }) => [person.userId, person]));
    const now = [...people.values()];
    if (areSame(now, this.typists(topic))) return false;
    if (now.length > 0) this.#seen.set(topic, now);
    else this.#seen.delete(topic);
    return true;
  }
}

/** The last socket of a user in the grace period is gone: they do nothing at the moment. */
function isHere({ leavesAt }: Other): boolean {
  return leavesAt === undefined;
}

function idsOf(others: readonly Other[]): Set<string> {
  return new Set(others.map(({ userId }) => userId));
}

function isWithin(milliseconds: number, since: number): boolean {
  return Math.abs(Date.now() - since) < milliseconds;
}

const typings = new WeakMap<ProjectConnection, Typing>();

/** The one of this connection. It lasts as long as the connection. */
export function typingOf(connection: ProjectConnection): Typing {
  const typing = typings.get(connection) ?? new Typing(connection);
  typings.set(connection, typing);
  return typing;
}
