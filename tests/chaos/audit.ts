/**
 * Holds what a client got against the truth: after its base, each event that is meant for it, once, in order, and
 * no other (P7.4); and if a crash took an event that it had seen, it is told so when it returns (P7.6). It works during
 * the run and forgets what it has judged, so a run can be long.
 */

import { type ChaosEvent, isFor, type Ledger } from "./ledger.ts";
import { misjudged, type Welcome } from "./verdict.ts";

/** What a client got: an event, or `CONNECTED`. */
export type Entry = { seq: number; id: number } | Welcome;

export class Audit {
  readonly #ledger: Ledger;
  readonly #user: string | undefined;
  readonly #violation: (text: string) => void;
  /** Up to this event all is accounted for. */
  #seen = 0;
  /** The number of an event that it has seen and that was lost, until it is told so. */
  #lost: number | undefined;
  /** How many events it has seen that were lost. */
  losses = 0;

  constructor(ledger: Ledger, user: string | undefined, violation: (text: string) => void) {
    this.#ledger = ledger;
    this.#user = user;
    this.#violation = violation;
  }

  /** Judges the entries that the ledger knows enough for, and takes them out of `log`. */
  judge(log: Entry[]): void {
    const open = log.findIndex((entry) => this.#needs(entry) > this.#ledger.complete);
    for (const entry of log.splice(0, open < 0 ? log.length : open)) {
      if ("history" in entry) this.#judgeWelcome(entry);
      else if (entry.seq > (this.#lost ?? this.#seen)) this.#judgeEvent(entry.seq, entry.id);
      else this.#violation(`got ${entry.seq} after ${this.#lost ?? this.#seen}`);
    }
  }

  /** Up to which number all must have been answered before an entry can be judged. */
  #needs(entry: Entry): number {
    if ("seq" in entry) return entry.seq;
    const { since, history } = entry;
    return since?.epoch === history.epoch ? history.seq : 0;
  }

  /** Judges that nothing is missing at the end. */
  judgeEnd(): void {
    if (this.#lost !== undefined)
      this.#violation(`saw ${this.#lost}, and is not told that it was lost`);
    this.#judgeGap(this.#ledger.complete);
  }

  #judgeWelcome(welcome: Welcome): void {
    const wrong = misjudged(welcome, this.#ledger);
    if (wrong) this.#violation(wrong);
    if (welcome.history.recovered) return;
    this.#seen = welcome.history.seq;
    this.#lost = undefined;
  }

  #judgeEvent(seq: number, id: number): void {
    this.#judgeGap(seq - 1);
    const event = this.#ledger.at(seq);
    if (event) this.#judgeKept(seq, id, event);
    else {
      this.#lost = seq;
      this.losses += 1;
    }
  }

  #judgeKept(seq: number, id: number, event: ChaosEvent): void {
    this.#seen = seq;
    if (this.#lost !== undefined) this.#violation(`got ${seq} after ${this.#lost}, which was lost`);
    if (event.id !== id) this.#violation(`got event ${id} as ${seq}, which is event ${event.id}`);
    if (!isFor(event, this.#user)) this.#violation(`got ${seq}, which is not for it`);
  }

  #judgeGap(last: number): void {
    for (const seq of this.#ledger.between(this.#seen, last))
      if (isFor(this.#ledger.at(seq) as ChaosEvent, this.#user))
        this.#violation(`missed ${seq}, between ${this.#seen} and ${last + 1}`);
  }
}
