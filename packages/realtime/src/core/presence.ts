/** What this connection says about its user: merged, sent as changes, and repeated after a reconnect. */

import type { PresenceData, PresencePatch } from "./people.ts";
import { isSame } from "./same.ts";

/** Changes that follow each other faster than this are sent together. */
const INTERVAL_MS = 100;
/** What the server takes in one message. */
const MOST_KEYS = 32;
/** What removes a key, as JSON. */
const GONE = "null";

export class OwnPresence {
  readonly #send: (patch: object) => boolean;
  #data: PresenceData = {};
  /** What the server was told, as JSON by key; undefined where it may not have taken it. */
  #told = new Map<string, string | undefined>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastAt = 0;

  /** @param send returns whether the patch is on its way */
  constructor(send: (patch: object) => boolean) {
    this.#send = send;
  }

  /** A new object on each change. */
  get data(): PresenceData {
    return this.#data;
  }

  /** Returns whether that changes anything. */
  change(patch: PresencePatch): boolean {
    const data = merged(this.#data, patch);
    if (isSame(data, this.#data)) return false;
    this.#data = data;
    // A clock that was set back must not delay it for longer.
    const wait = Math.min(INTERVAL_MS, this.#lastAt + INTERVAL_MS - Date.now());
    this.#timer ??= wait > 0 ? setTimeout(() => this.#tell(), wait) : this.#tell();
    return true;
  }

  /** The server has taken the client in, and has these data for it. Undefined if it names none. */
  connected(known: PresenceData | undefined): void {
    if (known) this.#told = textsOf(known);
    else this.doubt();
    this.#tell();
  }

  /** The server may not have what it was told: it is told again, with the next change or after this wait. */
  doubt(waitMs?: number): void {
    for (const key of this.#told.keys()) this.#told.set(key, undefined);
    if (waitMs === undefined) return;
    this.stop();
    this.#timer = setTimeout(() => this.#tell(), waitMs);
  }

  /** Sends nothing by itself from now on. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tell(): undefined {
    this.stop();
    const now = textsOf(this.#data);
    for (const [key, text] of this.#told)
      if (!now.has(key) && (text !== GONE || now.size < MOST_KEYS)) now.set(key, GONE);
    const news = [...now].filter(([key, text]) => text !== this.#told.get(key));
    const patch = Object.fromEntries(news.map(([key, text]) => [key, JSON.parse(text)]));
    if (news.length === 0 || !this.#send(patch)) return;
    this.#lastAt = Date.now();
    this.#told = now;
  }
}

/** The data after a patch. */
function merged(data: PresenceData, patch: PresencePatch): PresenceData {
  const all = new Map<string, unknown>(Object.entries(data));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) all.delete(key);
    else if (value !== undefined) all.set(key, value);
  }
  return Object.fromEntries(all);
}

function textsOf(data: PresenceData): Map<string, string> {
  return new Map(Object.entries(data).map(([key, value]) => [key, JSON.stringify(value) ?? GONE]));
}
