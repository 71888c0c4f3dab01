/** Waits for a state of the run, which is looked at after whatever happens in it; never for time. */

import { within } from "../support/inbox.ts";

export class Bell {
  readonly #waiting = new Set<() => void>();
  #isDue = false;

  /** Something happened. Many rings in one turn of the loop are one. */
  ring(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      for (const look of this.#waiting) look();
    });
  }

  /** Resolves when `isSo` holds; fails with `what` if it does not come to that. */
  async until(isSo: () => boolean, what: string, patience: number): Promise<void> {
    if (isSo()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (isSo()) resolve();
    };
    this.#waiting.add(look);
    try {
      await within(promise, what, patience);
    } finally {
      this.#waiting.delete(look);
    }
  }
}
