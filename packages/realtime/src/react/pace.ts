/** Does what is asked for at once, and while it is asked for again and again, a few times a second. */

/** Three times a second at the most. */
const INTERVAL_MS = 350;

export class Pace {
  readonly #work: (isOneOfMany: boolean) => void;
  #asked = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param work is told whether it was done less than 350 ms ago */
  constructor(work: (isOneOfMany: boolean) => void) {
    this.#work = work;
  }

  /** Has the work done: now, together with what else is asked for in this turn, or in its time. */
  ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    if (this.#timer === undefined) queueMicrotask(() => this.#do(false));
  }

  /** What was asked for is still done; nothing is asked for any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#asked) this.#do(true);
    clearTimeout(this.#timer);
  }

  #do(isOneOfMany: boolean): void {
    this.#timer = undefined;
    if (!this.#asked) return;
    this.#asked = false;
    this.#timer = setTimeout(() => this.#do(true), INTERVAL_MS);
    this.#work(isOneOfMany);
  }
}
