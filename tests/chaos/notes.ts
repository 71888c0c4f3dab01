/** What happened in a run: counts, what went against the protocol, and a bell for those who wait for it. */

import { Bell } from "./bell.ts";
import type { ChaosClient } from "./client.ts";

/** The most violations that are kept word for word: one cause can have thousands. */
const MOST_KEPT = 50;

export interface Counts {
  kills: number;
  /** Connections that the clients themselves dropped. */
  drops: number;
  /** Publications that were answered 200. */
  publications: number;
  /** Events in them. */
  events: number;
  /** Attempts that a publication took beyond its first. */
  retries: number;
  /** Publications whose answer said that they had been taken before. */
  duplicates: number;
  /** Events that clients got. */
  deliveries: number;
  /** Those of them that clients had missed and got when they returned. */
  replayed: number;
  /** `CONNECTED` frames. */
  connects: number;
  /** `CONNECTED` with `recovered: true`. */
  recovered: number;
  /** `CONNECTED` with `recovered: false` for a client that had a position. */
  notRecovered: number;
  /** Events that clients had seen, and that a crash took. */
  losses: number;
}

export class Notes {
  readonly bell = new Bell();
  readonly violations: string[] = [];
  /** Called at once when a client gets an event. */
  onDelivery: ((client: ChaosClient) => void) | undefined;
  /** Called at once when a client is let in. */
  onWelcome: ((client: ChaosClient) => void) | undefined;
  readonly counts: Counts = {
    kills: 0,
    drops: 0,
    publications: 0,
    events: 0,
    retries: 0,
    duplicates: 0,
    deliveries: 0,
    replayed: 0,
    connects: 0,
    recovered: 0,
    notRecovered: 0,
    losses: 0,
  };

  count(what: keyof Counts, amount = 1): void {
    this.counts[what] += amount;
    this.bell.ring();
  }

  violation(text: string): void {
    if (this.violations.length < MOST_KEPT) this.violations.push(text);
  }
}
