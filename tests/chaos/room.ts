/** A room of a run: its truth, and who is in it. */

import { randomUUID } from "node:crypto";
import type { ChaosClient } from "./client.ts";
import { Ledger } from "./ledger.ts";

export interface RoomPlace {
  /** Name and port of the server. */
  host: string;
  /** How many events the server keeps of each room. */
  historySize: number;
  /** Who may be in it. */
  users: string[];
}

export class ChaosRoom {
  readonly id = `chaos-${randomUUID()}`;
  readonly host: string;
  readonly historySize: number;
  readonly users: string[];
  readonly ledger = new Ledger();
  readonly clients: ChaosClient[] = [];
  #events = 0;

  constructor({ host, historySize, users }: RoomPlace) {
    this.host = host;
    this.historySize = historySize;
    this.users = users;
  }

  /** The users who are in it. */
  present(): Set<string> {
    return new Set(this.clients.flatMap(({ userId }) => userId ?? []));
  }

  get url(): string {
    return `http://${this.host}/parties/main/${this.id}`;
  }

  nextEventId(): number {
    this.#events += 1;
    return this.#events;
  }

  /** How many events ago the oldest event was that a client or a publisher can still request from the history. */
  get backlog(): number {
    return this.ledger.backlog(this.clients.map(({ position }) => position?.seq ?? Infinity));
  }
}
