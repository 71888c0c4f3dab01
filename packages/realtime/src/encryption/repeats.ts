/** What has been delivered already: a repeat is dropped without a word. */

/** How many events of backends are remembered. */
const EVENTS = 1_024;
/** Of how many sessions of clients the counters are. */
const SESSIONS = 10_000;

export class Repeats {
  readonly #events = new Set<string>();
  readonly #counters = new Map<string, number>();

  /** Whether an event with this id has not been here. From now on it has. */
  isNewEvent(id: string): boolean {
    if (this.#events.has(id)) return false;
    this.#events.add(id);
    for (const oldest of this.#events) {
      if (this.#events.size <= EVENTS) break;
      this.#events.delete(oldest);
    }
    return true;
  }

  /**
   * Whether a client event comes after all others of its sender, session and epoch. What waited for its key comes later
   * than what is under the next one, so each epoch counts for itself.
   */
  isNewClientEvent(sender: string, session: string, epoch: number, counter: number): boolean {
    const name = JSON.stringify([sender, session, epoch]);
    const isNew = counter > (this.#counters.get(name) ?? 0);
    if (isNew) this.#count(name, counter);
    return isNew;
  }

  /** Whether presence data are the last of their sender and session, or later ones. */
  areNewest(sender: string, session: string, counter: number): boolean {
    const name = JSON.stringify([sender, session]);
    const areNewest = counter >= (this.#counters.get(name) ?? 0);
    if (areNewest) this.#count(name, counter);
    return areNewest;
  }

  #count(name: string, counter: number): void {
    // The one that was heard last is the last to be forgotten.
    this.#counters.delete(name);
    this.#counters.set(name, counter);
    for (const oldest of this.#counters.keys()) {
      if (this.#counters.size <= SESSIONS) break;
      this.#counters.delete(oldest);
    }
  }
}
