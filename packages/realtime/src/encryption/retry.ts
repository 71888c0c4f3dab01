/** Tries again what failed: later each time. */

const FIRST_MS = 1_000;
const LAST_MS = 60_000;

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

/** Waits for an answer, but not for longer than this. Undefined if it comes later, or not at all. */
export async function within<T>(milliseconds: number, answer: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
