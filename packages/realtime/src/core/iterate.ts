/** Events as an async iterator. */

import type { AnyEvent } from "./events.ts";

/** How many events can wait for a reader. */
const CAPACITY = 1_000;

/** The events that have arrived and have not been read yet. */
export class EventQueue implements AsyncIterableIterator<AnyEvent> {
  readonly #overflow: () => AnyEvent;
  readonly #onEnd: () => void;
  #events: AnyEvent[] = [];
  #ended = false;
  #wake: () => void = () => {};

  /**
   * @param overflow makes the event that replaces all waiting events when there are too many
   * @param onEnd called when the reader stops reading
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

  /** No more events will come: the reader gets those that are waiting, then the end. */
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
