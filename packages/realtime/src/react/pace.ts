/** Does work at once when asked, and at most a few times a second while it is asked for repeatedly. */

/** At most three times a second. */
const INTERVAL_MS = 350;

export class Pace {
  readonly #work: (isOneOfMany: boolean) => void;
  #asked = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param work gets whether it was last done less than 350 ms ago */
  constructor(work: (isOneOfMany: boolean) => void) {
    this.#work = work;
  }

  /** Asks for the work: now, together with other requests in the same turn, or after the interval. */
  ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    if (this.#timer === undefined) queueMicrotask(() => this.#do(false));
  }

  /** Does the work if it was asked for, and stops. */
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
