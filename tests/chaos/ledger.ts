/** The truth about a room: which event got which number, as the answers to the publisher say. */

export interface ChaosEvent {
  /** Unique in the room; the payload. */
  id: number;
  excludeUserId?: string;
  userIds?: string[];
}

/** Whether a user, or an anonymous client, is to get an event (P2.4, P2.5). */
export function isFor({ excludeUserId, userIds }: ChaosEvent, user: string | undefined): boolean {
  if (userIds && (user === undefined || !userIds.includes(user))) return false;
  return user === undefined || user !== excludeUserId;
}

export class Ledger {
  /** By number; not all of those below the newest are answered yet. */
  #events: (ChaosEvent | undefined)[] = [];
  readonly #newestOf = new Map<string, number>();
  #complete = 0;

  /** Notes an answer to `publisher`; answers what is wrong with it, if anything is. */
  place(seq: number, event: ChaosEvent, publisher: string): string | undefined {
    const other = this.at(seq);
    if (other) return `events ${other.id} and ${event.id} both have number ${seq}`;
    this.#events[seq] = event;
    while (this.#events[this.#complete + 1]) this.#complete += 1;
    const before = this.#newestOf.get(publisher) ?? 0;
    this.#newestOf.set(publisher, seq);
    if (seq < before) return `${publisher} published ${seq} after ${before}`;
  }

  /** The room has lost its storage: numbers start again. */
  restart(): void {
    this.#events = [];
    this.#newestOf.clear();
    this.#complete = 0;
  }

  at(seq: number): ChaosEvent | undefined {
    return this.#events[seq];
  }

  /** The newest event that was answered. */
  get newest(): number {
    return Math.max(this.#events.length - 1, 0);
  }

  /** Up to here all are answered. At the end of a run that is the newest, or there is a hole. */
  get complete(): number {
    return this.#complete;
  }
}
