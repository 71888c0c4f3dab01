/**
 * Holds what a client got against the truth: after its base, each event that is meant for it, once, in order, and
 * no other (P7.4). It works during the run and forgets what it has judged, so a run can be long.
 */

import { type ChaosEvent, isFor, type Ledger } from "./ledger.ts";

/** What a client got: an event, or a number from which it starts afresh (`recovered: false`). */
export type Entry = { seq: number; id: number } | { base: number };

export class Audit {
  readonly #ledger: Ledger;
  readonly #user: string | undefined;
  readonly #violation: (text: string) => void;
  /** Up to this event all is accounted for. */
  #seen = 0;

  constructor(ledger: Ledger, user: string | undefined, violation: (text: string) => void) {
    this.#ledger = ledger;
    this.#user = user;
    this.#violation = violation;
  }

  /** Judges the entries that the ledger knows enough for, and takes them out of `log`. */
  judge(log: Entry[]): void {
    const open = log.findIndex((entry) => "seq" in entry && entry.seq > this.#ledger.complete);
    for (const entry of log.splice(0, open < 0 ? log.length : open)) {
      if ("base" in entry) this.#seen = entry.base;
      else if (entry.seq > this.#seen) this.#judgeEvent(entry.seq, entry.id);
      else this.#violation(`got ${entry.seq} after ${this.#seen}`);
    }
  }

  /** Judges that nothing is missing at the end. */
  judgeEnd(): void {
    this.#judgeGap(this.#ledger.complete + 1);
  }

  #judgeEvent(seq: number, id: number): void {
    this.#judgeGap(seq);
    this.#seen = seq;
    const event = this.#ledger.at(seq) as ChaosEvent;
    if (event.id !== id) this.#violation(`got event ${id} as ${seq}, which is event ${event.id}`);
    if (!isFor(event, this.#user)) this.#violation(`got ${seq}, which is not for it`);
  }

  #judgeGap(next: number): void {
    for (let seq = this.#seen + 1; seq < next; seq += 1) {
      const event = this.#ledger.at(seq);
      if (event && isFor(event, this.#user))
        this.#violation(`missed ${seq}, between ${this.#seen} and ${next}`);
    }
  }
}
