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
const PROJECTS = { victim: "victim", own: "mallory" };

export class Stage {
  readonly victim: Victim;
  readonly measured: Measured[] = [];
  readonly #runtime: Runtime;
  readonly #gang: Gang;
  /** The latest quiet round: it is the first one of the next attack too. */
  #quiet: number[] = [];
  /** A runtime must not outlive a run that fails so badly that nobody calls `stop`. */
  readonly #onExit = () => void this.#runtime.kill();

  private constructor(runtime: Runtime, gang: Gang, victim: Victim) {
    this.#runtime = runtime;
    this.#gang = gang;
    this.victim = victim;
    process.once("exit", this.#onExit);
  }

  static async set(): Promise<Stage> {
    const runtime = await Runtime.start({
      // The victim sends as fast as it can, and the attackers are one user: the usual limits would end both.
      vars: { ...UNHURRIED, BROADCAST_SECRET: SECRET, CONNECT_AUTH: "jwt", JWT_SECRET },
    });
    let gang: Gang | undefined;
    try {
      gang = await Gang.gather({ host: "127.0.0.1", port: runtime.port, ...PROJECTS });
      const victim = await Victim.settleIn(new Server(runtime.url).room(PROJECTS.victim));
      const stage = new Stage(runtime, gang, victim);
      await victim.latenciesDuring(pause(WARM_UP_MS));
      stage.#quiet = await victim.latenciesDuring(pause(QUIET_MS));
      return stage;
    } catch (error) {
      await gang?.disperse();
      await runtime.stop();
      throw error;
    }
  }

  /** Quiet and attack in turn, so that whatever else the machine does falls on both. */
  async measure(name: AttackName): Promise<Measured> {
    const quiet: Rounds = [this.#quiet];
    const attacked: Rounds = [];
    const reports: RoundReport[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const attack = this.#gang.attack(name);
      const both = await Promise.all([this.victim.latenciesDuring(attack), attack]);
      attacked.push(both[0]);
      reports.push(both[1]);
      this.#quiet = await this.victim.latenciesDuring(pause(QUIET_MS));
      quiet.push(this.#quiet);
    }
    await this.victim.inspect();
    return judged(name, reports, quiet, attacked);
  }

  /** Measures again while the p99 is more than so many times the quiet one, a few times at most; the report tells. */
  async measureUpTo(limit: number, most: number, name: AttackName): Promise<Measured> {
    let measured = await this.measure(name);
    while (measured.ratio > limit && measured.before.length + 1 < most) {
      const { ratio, before, unexpected } = measured;
      measured = await this.measure(name);
      measured.before = [...before, ratio];
      measured.unexpected.unshift(...unexpected);
    }
    this.measured.push(measured);
    return measured;
  }

  async stop(): Promise<void> {
    process.removeListener("exit", this.#onExit);
    this.victim.leave();
    await this.#gang.disperse();
    await this.#runtime.stop();
  }
}
