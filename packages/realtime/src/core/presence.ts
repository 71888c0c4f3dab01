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
  /** Runs while the next change has to wait. */
  #timer: ReturnType<typeof setTimeout> | undefined;

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
    if (this.#timer === undefined) this.#tell();
    return true;
  }

  /** The server has taken the client in, and has these data for it. Undefined if it names none. */
  connected(known: PresenceData | null | undefined): void {
    if (known) this.#told = textsOf(known);
    else this.#doubt();
    this.#tell();
  }

  /** The server may not have taken what it was told: after this wait it is told again. */
  retryIn(waitMs: number): void {
    this.#doubt();
    this.#tellIn(waitMs);
  }

  /** The server does not take so much: it is told again only once something else has changed. */
  tooBig(): void {
    if (this.#news().length === 0) this.stop();
    this.#doubt();
  }

  /** Sends nothing by itself from now on. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Nothing has been said yet. */
  forget(): void {
    this.stop();
    this.#data = {};
    this.#told.clear();
  }

  #doubt(): void {
    for (const key of this.#told.keys()) this.#told.set(key, undefined);
  }

  #tellIn(waitMs: number): void {
    this.stop();
    this.#timer = setTimeout(() => this.#tell(), waitMs);
  }

  #tell(): void {
    this.stop();
    const news = this.#news();
    if (news.length === 0 || !this.#send(patchOf(news))) return;
    for (const [key, text] of news) this.#told.set(key, text);
    this.#tellIn(INTERVAL_MS);
  }

  /** What the server has not been told, as JSON by key: as much of it as a message can have. */
  #news(): [key: string, text: string][] {
    const now = textsOf(this.#data);
    for (const [key, text] of this.#told) {
      if (now.has(key)) continue;
      if (text === GONE && this.#told.size > MOST_KEYS) this.#told.delete(key);
      else now.set(key, GONE);
    }
    return [...now].filter(([key, text]) => text !== this.#told.get(key)).slice(0, MOST_KEYS);
  }
}

function patchOf(news: [key: string, text: string][]): object {
  return Object.fromEntries(news.map(([key, text]) => [key, JSON.parse(text)]));
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
