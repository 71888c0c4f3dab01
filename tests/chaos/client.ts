/** A client on `partysocket` that reconnects with its position, and records what it gets. */

import PartySocket from "partysocket";
import WebSocket from "ws";
import { CLOSE_TIMEOUT_MS, type ConnectOptions } from "../support/client.ts";
import { Audit, type Entry } from "./audit.ts";
import { Company } from "./company.ts";
import type { Notes } from "./notes.ts";
import type { ChaosRoom } from "./room.ts";
import type { History, LearntPosition } from "./verdict.ts";

const SLOWEST_RETURN_MS = 500;

export interface Traits {
  name: string;
  userId: string | undefined;
  takesBatches: boolean;
  /** How long it waits before it comes back after its connection broke. */
  returnMs: number;
}

interface Frame {
  type: string;
  payload: unknown;
  seq?: number;
}

export class ChaosClient {
  readonly room: ChaosRoom;
  readonly #traits: Traits;
  readonly #notes: Notes;
  readonly #socket: PartySocket;
  readonly #audit: Audit;
  /** What is still to be judged. */
  readonly #log: Entry[] = [];
  position: LearntPosition | undefined;
  isConnected = false;
  /** Whether it was let in since the server was started last. */
  hasReturned = false;
  /** What the latest `CONNECTED` said. */
  history: History | undefined;
  /** Who it believes is there. */
  readonly company = new Company();
  /** The position that it came with. */
  #since: LearntPosition | undefined;
  /** The life of the server with which its newest connection began. */
  #life = 0;
  #transport: WebSocket | undefined;

  constructor(room: ChaosRoom, traits: Traits, notes: Notes) {
    this.room = room;
    this.#traits = traits;
    this.#notes = notes;
    this.#audit = new Audit(room.ledger, traits.userId, (text) => this.#violation(text));
    this.#socket = this.#open();
  }

  #open(): PartySocket {
    const keep = (transport: WebSocket) => {
      this.#transport = transport;
    };
    const socket = new PartySocket({
      host: this.room.host,
      protocol: "ws",
      room: this.room.id,
      query: () => this.#query(),
      minReconnectionDelay: this.#traits.returnMs,
      maxReconnectionDelay: SLOWEST_RETURN_MS,
      // The kind of transport is the only hand that partysocket lends on the connection itself.
      WebSocket: class extends WebSocket {
        constructor(url: string) {
          const options: ConnectOptions = {
            perMessageDeflate: false,
            closeTimeout: CLOSE_TIMEOUT_MS,
          };
          super(url, options);
          keep(this);
        }
      },
    });
    socket.addEventListener("message", ({ data }) => this.#hear(data as string));
    socket.addEventListener("close", () => this.#lost());
    return socket;
  }

  #query(): Record<string, string | undefined> {
    this.#since = this.position && { ...this.position };
    this.#life = this.#notes.counts.kills;
    const { userId, takesBatches } = this.#traits;
    return {
      userId,
      since: this.#since && `${this.#since.epoch}:${this.#since.seq}`,
      frames: takesBatches ? "batch" : undefined,
    };
  }

  /** Undefined if it is anonymous. */
  get userId(): string | undefined {
    return this.#traits.userId;
  }

  /** Says goodbye and comes back at once. */
  reconnect(): void {
    this.#socket.reconnect();
  }

  /** Loses its connection, as on a bad network, and comes back. */
  lose(): void {
    this.#transport?.terminate();
  }

  /** Goes away until `reconnect`. */
  close(): void {
    this.#socket.close();
  }

  /** Whether it has got the event of this number, or has started afresh after it. */
  hasReached(seq: number): boolean {
    return this.position !== undefined && this.position.seq >= seq;
  }

  /** Judges what it got; at the end, also checks that nothing is missing. */
  judge(isEnd: boolean): void {
    this.#audit.judge(this.#log);
    if (!isEnd) return;
    this.#audit.judgeEnd();
    this.#notes.count("losses", this.#audit.losses);
  }

  toString(): string {
    const { name, userId = "nobody", takesBatches } = this.#traits;
    return `${name} (${userId}${takesBatches ? ", batches" : ""}) in ${this.room.id}`;
  }

  #lost(): void {
    this.isConnected = false;
    this.#notes.bell.ring();
  }

  #hear(text: string): void {
    const frame = JSON.parse(text) as Frame | Frame[];
    for (const one of Array.isArray(frame) ? frame : [frame]) this.#take(one);
  }

  #take({ type, payload, seq }: Frame): void {
    if (this.company.hear(type, payload as object)) this.#notes.bell.ring();
    if (type === "CONNECTED") this.#welcome(payload as History);
    else if (!this.isConnected) this.#violation(`got ${type} before CONNECTED`);
    else if (type === "CHAOS") this.#receive((payload as { id: number }).id, seq);
  }

  #welcome({ epoch, seq, recovered }: History): void {
    const history = { epoch, seq, recovered };
    const { historySize } = this.room;
    const life = this.#life;
    this.#log.push({ since: this.#since, history, historySize, life });
    if (!recovered) this.position = { epoch, seq, life };
    this.history = history;
    this.isConnected = true;
    this.hasReturned = true;
    this.#notes.count("connects");
    this.#notes.onWelcome?.(this);
    if (recovered) this.#notes.count("recovered");
    else if (this.#since) this.#notes.count("notRecovered");
  }

  #receive(id: number, seq: number | undefined): void {
    const { position, history } = this;
    if (seq === undefined || !position || !history) {
      this.#violation(`got event ${id} without a number`);
      return;
    }
    this.#log.push({ seq, id });
    // A number that goes back is for the audit; a client that asked for it again would hide it.
    if (seq > position.seq) Object.assign(position, { seq, life: this.#life });
    this.#notes.count("deliveries");
    this.#notes.onDelivery?.(this);
    if (seq <= history.seq) this.#notes.count("replayed");
  }

  #violation(text: string): void {
    this.#notes.violation(`${this}: ${text}`);
  }
}
