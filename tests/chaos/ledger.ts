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
  readonly #events = new Map<number, ChaosEvent>();
  /** The numbers of all events, rising. */
  #seqs: number[] = [];
  readonly #newestOf = new Map<string, number>();
  /** Publications without an answer, each with what was the newest event when it was first sent. */
  readonly #unanswered = new Map<unknown, number>();

  /** A publication is sent for the first time. */
  begin(publication: unknown): void {
    this.#unanswered.set(publication, this.newest);
  }

  /** It was answered, and its events have their places. */
  end(publication: unknown): void {
    this.#unanswered.delete(publication);
  }

  /** Notes an answer to `publisher`; answers what is wrong with it, if anything is. */
  place(seq: number, event: ChaosEvent, publisher: string): string | undefined {
    const other = this.at(seq);
    if (other) return `events ${other.id} and ${event.id} both have number ${seq}`;
    this.#events.set(seq, event);
    this.#seqs.splice(this.#countUntil(seq), 0, seq);
    const before = this.#newestOf.get(publisher) ?? 0;
    this.#newestOf.set(publisher, seq);
    if (seq < before) return `${publisher} published ${seq} after ${before}`;
  }

  /** The room has lost its storage: numbers start again. */
  restart(): void {
    this.#events.clear();
    this.#seqs = [];
    this.#newestOf.clear();
  }

  at(seq: number): ChaosEvent | undefined {
    return this.#events.get(seq);
  }

  /** The newest event that was answered. */
  get newest(): number {
    return this.#seqs.at(-1) ?? 0;
  }

  /**
   * Up to here all are answered, so a number that no event has is one that was left out, or of an event that was lost.
   * Numbers rise, so what is not answered yet comes after what was answered before it was sent.
   */
  get complete(): number {
    return Math.min(this.newest, ...this.#unanswered.values());
  }

  /** The numbers of the events after `first` and up to `last`. */
  between(first: number, last: number): number[] {
    return this.#seqs.slice(this.#countUntil(first), this.#countUntil(last));
  }

  /** How many events came after the oldest one that a client or a publisher can still ask for. */
  backlog(positions: number[]): number {
    const oldest = Math.min(...positions, ...this.#unanswered.values());
    return this.#seqs.length - this.#countUntil(oldest);
  }

  #countUntil(seq: number): number {
    let [from, to] = [0, this.#seqs.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#seqs[middle] as number) <= seq) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
