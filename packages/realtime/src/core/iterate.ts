/** Events as an async iteration. */

import type { AnyEvent } from "./events.ts";

/** How many events wait for a reader at most. */
const CAPACITY = 1_000;

/** What has come and was not read yet. */
export class EventQueue implements AsyncIterableIterator<AnyEvent> {
  readonly #overflow: () => AnyEvent;
  readonly #onEnd: () => void;
  #events: AnyEvent[] = [];
  #ended = false;
  #wake: () => void = () => {};

  /**
   * @param overflow makes the event that takes the place of all that wait when there are too many
   * @param onEnd called when the reader has enough
   */
  constructor(overflow: () => AnyEvent, onEnd: () => void) {
    this.#overflow = overflow;
    this.#onEnd = onEnd;
  }

  #woken(): void {
    const wake = this.#wake;
    this.#wake = () => {};
    wake();
  }

  push(event: AnyEvent): void {
    if (this.#events.length === CAPACITY) this.#events = [this.#overflow()];
    this.#events.push(event);
    this.#woken();
  }

  /** No more will come: the reader gets what is there, then the end. */
  end(): void {
    this.#ended = true;
    this.#woken();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<AnyEvent, undefined>> {
    for (;;) {
      const value = this.#events.shift();
      if (value) return { value, done: false };
      if (this.#ended) return { value: undefined, done: true };
      await this.#arrival();
    }
  }

  #arrival(): Promise<void> {
    const others = this.#wake;
    return new Promise((resolve) => {
      this.#wake = () => {
        others();
        resolve();
      };
    });
  }

  async return(): Promise<IteratorResult<AnyEvent, undefined>> {
    this.#events = [];
    this.end();
    this.#onEnd();
    return { value: undefined, done: true };
  }
}
