/**
 * A backend that publishes one thing after the other and repeats each until it is answered, always with the same
 * key (P2.11). Several of them together are the stream into a room.
 */

import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "../support/random.ts";
import { SECRET } from "../support/target.ts";
import type { ChaosEvent } from "./ledger.ts";
import type { Notes } from "./notes.ts";
import type { ChaosRoom } from "./room.ts";

/** The longest pause between two publications: the pace of the stream. */
const PACE_MS = 200;
const ATTEMPT_MS = 3_000;
/** Sometimes a publisher gives up early: its first attempt may have been accepted, but it never learns that. */
const IMPATIENT_MS = 6;
const ONE_IS_IMPATIENT_OF = 15;
const LONGEST_BACKOFF_MS = 100;
/** A server that does not answer for this long will not come back. */
const PATIENCE_MS = 30_000;
/** So many at most are published at once as a list. */
const LIST = 5;
/** Every nth event is for everybody, so that no position falls behind for long. */
const ONE_IS_FOR_ALL_OF = 6;

interface Answer {
  seq?: number;
  events?: { seq: number }[];
  duplicate?: boolean;
}

export class Publisher {
  readonly #name: string;
  readonly #room: ChaosRoom;
  readonly #notes: Notes;
  readonly #random: Random;

  constructor(name: string, room: ChaosRoom, notes: Notes, random: Random) {
    this.#name = name;
    this.#room = room;
    this.#notes = notes;
    this.#random = random;
  }

  /** Publishes until told to stop. What it has begun it ends. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.#untilAllKeepUp(isOver);
      const events = this.#random.below(5) === 0 ? 1 + this.#random.below(LIST) : 1;
      await this.publish(Array.from({ length: events }, () => this.#compose()));
      await pause(this.#random.below(PACE_MS));
    }
  }

  /** On a slow machine the history must not go over what somebody is still to ask for. */
  async #untilAllKeepUp(isOver: () => boolean): Promise<void> {
    const { bell } = this.#notes;
    const { historySize } = this.#room;
    const keepUp = () => isOver() || this.#room.backlog < historySize / 2;
    await bell.until(keepUp, `${this.#room.id} to keep up`, PATIENCE_MS);
  }

  #compose(): ChaosEvent {
    const id = this.#room.nextEventId();
    if (id % ONE_IS_FOR_ALL_OF === 0) return { id };
    const [random, users] = [this.#random, this.#room.users];
    const excluded = random.below(4) === 0 ? { excludeUserId: random.of(...users) } : {};
    const targets = users.filter(() => random.below(3) > 0);
    const targeted = random.below(5) === 0 && targets.length > 0 ? { userIds: targets } : {};
    return { id, ...excluded, ...targeted };
  }

  /** Publishes these events, as one or as a list, and notes the numbers that they got. */
  async publish(events: ChaosEvent[]): Promise<void> {
    const request = this.#request(events);
    const { ledger } = this.#room;
    ledger.begin(request);
    const answer = await this.#insist(request);
    this.#record(events, answer);
    ledger.end(request);
  }

  #request(events: ChaosEvent[]): RequestInit {
    const bodies = events.map(({ id, ...audience }) => {
      return { eventType: "CHAOS", payload: { id }, ...audience };
    });
    const [only] = bodies;
    const body = bodies.length === 1 ? only : { events: bodies };
    const key = randomUUID();
    const headers = { Authorization: `Bearer ${SECRET}`, "Content-Type": "application/json" };
    return this.#random.of(
      { method: "POST", headers, body: JSON.stringify({ ...body, id: key }) },
      {
        method: "POST",
        headers: { ...headers, "Idempotency-Key": key },
        body: JSON.stringify(body),
      },
    );
  }

  async #insist(request: RequestInit): Promise<Answer> {
    const deadline = Date.now() + PATIENCE_MS;
    const isImpatient = this.#random.below(ONE_IS_IMPATIENT_OF) === 0;
    let answer = await this.#attempt(request, isImpatient ? IMPATIENT_MS : ATTEMPT_MS);
    while (!answer) {
      if (Date.now() > deadline) throw new Error(`${this.#name} is not answered`);
      await pause(this.#random.below(LONGEST_BACKOFF_MS));
      this.#notes.count("retries");
      answer = await this.#attempt(request, ATTEMPT_MS);
    }
    return answer;
  }

  /** The answer, or nothing if it is to be tried again. */
  async #attempt(request: RequestInit, patience: number): Promise<Answer | undefined> {
    const attempt = { ...request, signal: AbortSignal.timeout(patience) };
    let status: number, text: string;
    try {
      const response = await fetch(this.#room.url, attempt);
      [status, text] = [response.status, await response.text()];
    } catch {
      return;
    }
    if (status === 200) return JSON.parse(text);
    if (status < 500) throw new Error(`${this.#name} was refused: ${status} ${text}`);
  }

  #record(events: ChaosEvent[], { seq: first, events: places, duplicate }: Answer): void {
    const seqs = places?.map(({ seq }) => seq) ?? [first];
    for (const [index, event] of events.entries()) {
      const seq = seqs[index];
      const wrong =
        seq === undefined
          ? `no number for event ${event.id}`
          : this.#room.ledger.place(seq, event, this.#name);
      if (wrong) this.#notes.violation(`${this.#room.id}: ${wrong}`);
    }
    this.#notes.count("publications");
    this.#notes.count("events", events.length);
    if (duplicate) this.#notes.count("duplicates");
  }
}
