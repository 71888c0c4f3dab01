/** The attackers, as seen by the process that started them. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { within } from "../support/inbox.ts";
import type { Ground } from "./attack.ts";
import type { AttackName } from "./attacks.ts";
import type { RoundReport } from "./round.ts";

const PROGRAM = join(import.meta.dirname, "attackers.ts");
const ROUND_MS = 60_000;

export class Gang {
  readonly #process: ChildProcess;
  readonly #gone: Promise<unknown>;

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#gone = once(process, "exit");
  }

  /** Resolves when all attacks are prepared. */
  static async gather(ground: Ground): Promise<Gang> {
    const gang = new Gang(fork(PROGRAM, [JSON.stringify(ground)]));
    await gang.#message();
    return gang;
  }

  /** Makes them attack for one round. */
  async attack(name: AttackName): Promise<RoundReport> {
    this.#process.send(name);
    return (await this.#message()) as RoundReport;
  }

  async disperse(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#gone;
  }

  async #message(): Promise<unknown> {
    const gone = this.#gone.then(() => Promise.reject(new Error("the attackers' process ended")));
    const [message] = await within(
      Promise.race([once(this.#process, "message"), gone]),
      "the attackers",
      ROUND_MS,
    );
    return message;
  }
}
