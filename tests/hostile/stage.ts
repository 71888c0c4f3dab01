/**
 * A server with tokens, as in production, a victim room on it, and attackers.
 *
 * One process of the runtime is one thread for all its rooms, where in production rooms are on many machines. So
 * attackers come at a bounded pace and so many at once, which the report says: at any pace a thread can be filled.
 */

import { setTimeout as pause } from "node:timers/promises";
import { Runtime } from "../support/runtime.ts";
import { SECRET, Server, UNHURRIED } from "../support/target.ts";
import { JWT_SECRET } from "../support/token.ts";
import type { AttackName } from "./attacks.ts";
import { Gang } from "./gang.ts";
import { judged, type Measured, type Rounds } from "./measured.ts";
import type { RoundReport } from "./round.ts";
import { Victim } from "./victim.ts";

const ROUNDS = 3;
const QUIET_MS = 600;
const WARM_UP_MS = 1_500;
const PROJECTS = { victim: "victim", own: "mallory", shared: "shared" };
/**
 * Clients may talk to each other, within the usual limits. But each room passes on a fifth as much as usual, because here
 * the thread that sends it, and the cores that receive it, are those of the victim too.
 */
const TALK = {
  CLIENT_EVENTS: "on",
  CLIENT_DELIVERIES_PER_SECOND: "2000",
  CLIENT_DELIVERY_BURST: "400",
  CLIENT_MESSAGES_PER_SECOND: "20",
  CLIENT_MESSAGE_BURST: "40",
};

export class Stage {
  readonly victim: Victim;
  /** A few people in a room where the attackers may talk. */
  readonly listeners: Victim;
  readonly measured: Measured[] = [];
  readonly #runtime: Runtime;
  readonly #gang: Gang;
  /** A runtime must not outlive a run that fails so badly that nobody calls `stop`. */
  readonly #onExit = () => void this.#runtime.kill();

  private constructor(runtime: Runtime, gang: Gang, victim: Victim, listeners: Victim) {
    this.#runtime = runtime;
    this.#gang = gang;
    this.victim = victim;
    this.listeners = listeners;
    process.once("exit", this.#onExit);
  }

  static async set(): Promise<Stage> {
    const runtime = await Runtime.start({
      // The victim sends as fast as it can, and the attackers are one user: the usual limits would end both.
      vars: { ...UNHURRIED, ...TALK, BROADCAST_SECRET: SECRET, CONNECT_AUTH: "jwt", JWT_SECRET },
    });
    let gang: Gang | undefined;
    try {
      gang = await Gang.gather({ host: "127.0.0.1", port: runtime.port, ...PROJECTS });
      const server = new Server(runtime.url);
      const victim = await Victim.settleIn(server.room(PROJECTS.victim));
      const listeners = await Victim.settleIn(server.room(PROJECTS.shared), true);
      for (const each of [victim, listeners]) {
        await each.latenciesDuring(pause(WARM_UP_MS));
        each.quiet = await each.latenciesDuring(pause(QUIET_MS));
      }
      return new Stage(runtime, gang, victim, listeners);
    } catch (error) {
      await gang?.disperse();
      await runtime.stop();
      throw error;
    }
  }

  /** Quiet and attack in turn, so that whatever else the machine does falls on both. */
  async measure(name: AttackName, victim = this.victim): Promise<Measured> {
    const quiet: Rounds = [victim.quiet];
    const attacked: Rounds = [];
    const reports: RoundReport[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const attack = this.#gang.attack(name);
      const both = await Promise.all([victim.latenciesDuring(attack), attack]);
      attacked.push(both[0]);
      reports.push(both[1]);
      victim.quiet = await victim.latenciesDuring(pause(QUIET_MS));
      quiet.push(victim.quiet);
    }
    await victim.inspect();
    return judged(name, reports, quiet, attacked);
  }

  /** Measures again while the p99 is more than so many times the quiet one, a few times at most; the report tells. */
  async measureUpTo(
    limit: number,
    most: number,
    name: AttackName,
    victim = this.victim,
  ): Promise<Measured> {
    let measured = await this.measure(name, victim);
    while (measured.ratio > limit && measured.before.length + 1 < most) {
      const { ratio, before, unexpected } = measured;
      measured = await this.measure(name, victim);
      measured.before = [...before, ratio];
      measured.unexpected.unshift(...unexpected);
    }
    this.measured.push(measured);
    return measured;
  }

  async stop(): Promise<void> {
    process.removeListener("exit", this.#onExit);
    for (const victim of [this.victim, this.listeners]) victim.leave();
    await this.#gang.disperse();
    await this.#runtime.stop();
  }
}
