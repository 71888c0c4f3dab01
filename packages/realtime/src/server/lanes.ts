/**
 * Runs work in order: one project's work one after another, different projects in parallel. The
 * number in progress is limited, so that a burst does not choke the network until everything times
 * out.
 */

import { inTime } from "../core/in-time.ts";

/** How work is run. */
export interface LanesOptions {
  /**
   * How long work can take. If it never ends, for example because its request was cut off, the next
   * starts after this time.
   */
  patienceMs: number;
  /** How long work can wait before it starts. */
  usefulMs: number;
  /** How much can be in progress at once. */
  width: number;
}

/** Work that is waiting, in progress or done. */
interface Entry {
  startedAt?: number;
  done: Promise<unknown>;
}

export class Lanes {
  readonly #options: LanesOptions;
  /** The latest work of each project that has any. */
  readonly #last = new Map<string, Entry>();
  readonly #all = new Set<Entry>();
  readonly #underWay = new Set<Entry>();
  /** Starts the next when something else has ended. */
  readonly #waiting: (() => void)[] = [];

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  /** How much is in progress or waiting. */
  get size(): number {
    return this.#all.size;
  }

  /** Runs `work` after everything that is already there for these projects. */
  run<T>(projectIds: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = projectIds.flatMap((id) => this.#last.get(id) ?? []);
    const entry: Entry = { done: Promise.resolve() };
    const start = () => this.#start(entry, work);
    const result = before.length === 0 ? start() : endOf(before, this.#options).then(start);
    entry.done = result.then(ignore, ignore).then(() => this.#forget(projectIds, entry));
    for (const id of projectIds) this.#last.set(id, entry);
    this.#all.add(entry);
    return result;
  }

  /** Resolves when nothing is left, including work that is added meanwhile. */
  async empty(): Promise<void> {
    while (this.#all.size > 0) await Promise.all([...this.#all].map(({ done }) => done));
  }

  /** Starts at once if there is room, otherwise when something else has ended. */
  async #start<T>(entry: Entry, work: () => Promise<T>): Promise<T> {
    this.#giveUpLost();
    if (this.#underWay.size >= this.#options.width)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    entry.startedAt = Date.now();
    this.#underWay.add(entry);
    try {
      return await work();
    } finally {
      this.#end(entry);
    }
  }

  #end(entry: Entry): void {
    if (this.#underWay.delete(entry)) this.#waiting.shift()?.();
  }

  /** Work that has run for longer than it can take was cut off. */
  #giveUpLost(): void {
    const since = Date.now() - this.#options.patienceMs;
    for (const entry of this.#underWay) if ((entry.startedAt ?? 0) < since) this.#end(entry);
  }

  #forget(projectIds: readonly string[], entry: Entry): void {
    this.#all.delete(entry);
    for (const id of projectIds) if (this.#last.get(id) === entry) this.#last.delete(id);
  }
}

function ignore(): void {}

/** Resolves when this work is done, has had its time, or will no longer start. */
async function endOf(before: Entry[], { patienceMs, usefulMs }: LanesOptions): Promise<void> {
  const ended = Promise.all(before.map(({ done }) => done)).then(() => true);
  for (let waitedMs = 0; waitedMs <= usefulMs; waitedMs += patienceMs) {
    if (await inTime(patienceMs, ended)) return;
    if (before.every(({ startedAt }) => startedAt !== undefined)) return;
  }
}
