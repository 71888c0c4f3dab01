/** The room beside the attackers: a few people who must get every event and no other frame, and get it fast. */

import type { Agent } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { connectionsAre } from "../support/presence.ts";
import { AUTHORIZED, keepAlive, raw } from "../support/raw.ts";
import type { Room } from "../support/target.ts";
import { Member } from "./member.ts";

const MEMBERS = 5;
/** From the end of one broadcast to the next. */
const GAP_MS = 1;

export class Victim {
  readonly room: Room;
  /** What went wrong, in words. */
  readonly violations: string[] = [];
  /** The latest round without an attack: it is the first one of the next attack too. */
  quiet: number[] = [];
  readonly #members: Member[] = [];
  readonly #agent: Agent;
  #sent = 0;

  private constructor(room: Room) {
    this.room = room;
    this.#agent = keepAlive(room.server, 1);
  }

  /** `hearsClients`: whether events of clients are no violation. */
  static async settleIn(room: Room, hearsClients = false): Promise<Victim> {
    const victim = new Victim(room);
    const violation = (text: string) => victim.violations.push(text);
    for (let index = 0; index < MEMBERS; index += 1)
      victim.#members.push(await Member.join(room, `person-${index}`, hearsClients, violation));
    await victim.#broadcast();
    for (const member of victim.#members) member.isSettled = true;
    return victim;
  }

  /** Broadcasts one event after the other while `something` goes on, and answers how long each took, in milliseconds. */
  async latenciesDuring(something: Promise<unknown>): Promise<number[]> {
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    something.then(end, end);
    const latencies: number[] = [];
    while (!isOver) {
      latencies.push(await this.#broadcast());
      await pause(GAP_MS);
    }
    return latencies;
  }

  /** Answers the time from the POST to the last member's frame. */
  async #broadcast(): Promise<number> {
    this.#sent += 1;
    const heard = this.#members.map((member) => member.hears(this.#sent));
    // For its people alone: attackers in the same room would only make each broadcast larger.
    const userIds = this.#members.map(({ userId }) => userId);
    const body = JSON.stringify({ eventType: "TASK_UPDATED", payload: this.#sent, userIds });
    const start = performance.now();
    const answer = raw(this.room.server, this.room.path, {
      method: "POST",
      headers: AUTHORIZED,
      body,
      agent: this.#agent,
    });
    await Promise.all(heard);
    const latency = performance.now() - start;
    const { status, text } = await answer;
    if (status !== 200 || JSON.parse(text).recipients !== MEMBERS)
      this.violations.push(`broadcast ${this.#sent} was answered ${status} ${text}`);
    return latency;
  }

  /** Asks the room itself: nobody else is there any more, and nobody else has broadcast. */
  async inspect(): Promise<void> {
    const { users, seq } = await connectionsAre(this.room, MEMBERS);
    const found = { seq, users: users.map(({ userId }) => userId).sort() };
    const right = {
      seq: this.#sent,
      users: this.#members.map(({ userId }) => userId),
    };
    if (JSON.stringify(found) !== JSON.stringify(right))
      this.violations.push(`the room is ${JSON.stringify(found)}, not ${JSON.stringify(right)}`);
  }

  leave(): void {
    for (const member of this.#members) member.leave();
    this.#agent.destroy();
  }
}
