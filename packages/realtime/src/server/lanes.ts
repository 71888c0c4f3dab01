/**
 * Work in order: what is for one project is done one after the other, the projects side by side. So
 * much is under way at once that a burst does not choke the network: each would be out of time.
 */

/** How work is done. */
export interface LanesOptions {
  /**
   * How long work may take. Should one never end, as when its request was cut off under it, the next
   * goes on after this time.
   */
  patienceMs: number;
  /** How long work may wait before it is begun. */
  usefulMs: number;
  /** How much may be under way at once. */
  width: number;
}

/** Work that waits, is under way or is done. */
interface Entry {
  startedAt?: number;
  done: Promise<unknown>;
}

export class Lanes {
  readonly #options: LanesOptions;
  /** The last work of each project that has some. */
  readonly #last = new Map<string, Entry>();
  readonly #all = new Set<Entry>();
  readonly #underWay = new Set<Entry>();
  /** What begins when something else has ended. */
  readonly #waiting: (() => void)[] = [];

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  /** How much is under way or waits. */
  get size(): number {
    return this.#all.size;
  }

  /** Does `work` after all that is there for these projects. */
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

  /** Resolves when nothing is left, what comes meanwhile included. */
  async empty(): Promise<void> {
    while (this.#all.size > 0) await Promise.all([...this.#all].map(({ done }) => done));
  }

  /** At once if not too much is under way, otherwise when something has ended. */
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

  /** What can't be under way any more was cut off. */
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

/** Resolves when this work is done, has had its time, or will not be begun any more. */
async function endOf(before: Entry[], { patienceMs, usefulMs }: LanesOptions): Promise<void> {
  const ended = Promise.all(before.map(({ done }) => done)).then(() => true);
  for (let waitedMs = 0; waitedMs <= usefulMs; waitedMs += patienceMs) {
    if (await orLate(ended, patienceMs)) return;
    if (before.every(({ startedAt }) => startedAt !== undefined)) return;
  }
}

async function orLate(ended: Promise<boolean>, patienceMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, patienceMs, false);
  });
  const isEnded = await Promise.race([ended, late]);
  clearTimeout(timer);
  return isEnded;
}
