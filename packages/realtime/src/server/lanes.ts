/** Work in order: what is for one project is done one after the other, the projects side by side. */

export class Lanes {
  readonly #patienceMs: number;
  /** The last work of each project that has some. */
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #all = new Set<Promise<unknown>>();

  /**
   * @param patienceMs how long work may take; should one never end, as when its request was cut off
   *   under it, the next goes on after this time
   */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** How much is under way or waits. */
  get size(): number {
    return this.#all.size;
  }

  /** Does `work` after all that is there for these projects. */
  run<T>(projectIds: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = projectIds.flatMap((id) => this.#last.get(id) ?? []);
    const result = before.length === 0 ? work() : endOf(before, this.#patienceMs).then(work);
    const done: Promise<void> = result
      .then(ignore, ignore)
      .then(() => this.#forget(projectIds, done));
    for (const id of projectIds) this.#last.set(id, done);
    this.#all.add(done);
    return result;
  }

  /** Resolves when nothing is left, what comes meanwhile included. */
  async empty(): Promise<void> {
    while (this.#all.size > 0) await Promise.all(this.#all);
  }

  #forget(projectIds: readonly string[], done: Promise<unknown>): void {
    this.#all.delete(done);
    for (const id of projectIds) if (this.#last.get(id) === done) this.#last.delete(id);
  }
}

function ignore(): void {}

async function endOf(work: Promise<unknown>[], patienceMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  await Promise.race([Promise.all(work), late]);
  clearTimeout(timer);
}
