/** Time that a simulation moves, for everything in the process. */

const real = { setTimeout, clearTimeout, now: Date.now };
const turn = setImmediate;

interface Timer {
  at: number;
  order: number;
  work: () => void;
}

export class Clock {
  #now = 1_800_000_000_000;
  #made = 0;
  readonly #timers = new Map<number, Timer>();

  get now(): number {
    return this.#now;
  }

  install(): void {
    const set = (work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
      this.#made += 1;
      const at = this.#now + Math.max(0, ms);
      this.#timers.set(this.#made, { at, order: this.#made, work: () => work(...args) });
      return this.#made;
    };
    const clear = (id: unknown) => void this.#timers.delete(id as number);
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
    Date.now = () => this.#now;
  }

  restore(): void {
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
    Date.now = real.now;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Lets this much time pass, and everything happen that is due. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#timers.delete(next.order);
      this.#now = Math.max(this.#now, next.at);
      next.work();
      await settled();
    }
    this.#now = end;
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers.values())
      if (timer.at <= end && (!first || timer.at < first.at)) first = timer;
    return first;
  }
}

/** Everything that does not wait for a timer has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => turn(resolve));
}
