/** Events that wait for their keys, in the order in which they came. */

import type { Frame } from "../core/frames.ts";

/** An event that waits. */
export interface HeldEvent {
  readonly frame: Frame;
  readonly epoch: number;
  /** The lowest epoch that the server took when it came. */
  readonly floor: number;
}

/** More than these would fill the memory. Who has missed so much fetches again. */
const MOST = 1_000;

export class Held {
  #events: HeldEvent[] = [];
  /** The epochs of those that were dropped. */
  readonly #lost = new Set<number>();

  /** The epochs whose keys are awaited. */
  get epochs(): readonly number[] {
    return [...this.#events.map(({ epoch }) => epoch), ...this.#lost];
  }

  add(event: HeldEvent): void {
    this.#events.push(event);
    const oldest = this.#events.length > MOST ? this.#events.shift() : undefined;
    if (oldest) this.#lost.add(oldest.epoch);
  }

  /** The first that waits for the key of one of these epochs. */
  first(found: ReadonlySet<number>): HeldEvent | undefined {
    return this.#events.find(({ epoch }) => found.has(epoch));
  }

  remove(event: HeldEvent): void {
    this.#events = this.#events.filter((other) => other !== event);
  }

  /** Whether some of these epochs were dropped, which is then forgotten. */
  takeLost(found: ReadonlySet<number>): boolean {
    const lost = [...this.#lost].filter((epoch) => found.has(epoch));
    for (const epoch of lost) this.#lost.delete(epoch);
    return lost.length > 0;
  }

  clear(): void {
    this.#events = [];
    this.#lost.clear();
  }
}
