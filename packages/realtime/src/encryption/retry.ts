/** Tries again what failed: later each time. */

const FIRST_MS = 1_000;
const LAST_MS = 60_000;

/** How long everything behind it waits for a key that is being fetched, in milliseconds. Then it is tried again later. */
export const KEY_PATIENCE_MS = 5_000;

export class Retry {
  readonly #work: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #delay = FIRST_MS;

  constructor(work: () => void) {
    this.#work = work;
  }

  /** Once more, unless that is planned already. Not all clients at the same moment. */
  later(): void {
    if (this.#timer !== undefined) return;
    const delay = this.#delay * (1 - Math.random() / 4);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#work();
    }, delay);
    this.#delay = Math.min(LAST_MS, this.#delay * 2);
  }

  /** Something has changed: the waits are short again, and nothing is planned. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#delay = FIRST_MS;
  }
}
