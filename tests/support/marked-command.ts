/** A command of package.json as a terminal runs it, whose processes are found by a mark in their environment. */

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ROOT } from "../../scripts/common/paths.ts";
import { readStat } from "../../scripts/common/process-tree.ts";
import { within } from "./inbox.ts";

const START_MS = 100_000;
/** More time than a script gives the processes it has started. */
const STOP_MS = 15_000;
/** Looking at all processes is not cheap, and only what a script still starts can be gone a moment later. */
const LOOK_AGAIN_MS = 100;
const LOOK_CLOSELY_MS = 20;
const MARK = "VALIDIANT_TEST_MARK";
const WITNESS = new URL("interrupt-witness.mjs", import.meta.url).href;

/** Whether processes can be found by their environment. */
export const CAN_SEE_PROCESSES = existsSync("/proc/self/environ");

interface Seen {
  pid: number;
  parent: number;
  command: string;
}

export class MarkedCommand {
  /** What it printed so far. */
  output = "";
  readonly #mark = `${MARK}=${randomUUID()}`;
  readonly #witnessed = mkdtempSync(join(tmpdir(), "validiant-witnessed-"));
  readonly #npm: ChildProcess;
  readonly #ended: Promise<unknown[]>;

  /** Starts `npm run` in its own process group, as a shell does. */
  constructor(args: string[], env: Record<string, string> = {}) {
    const [name, value] = this.#mark.split("=") as [string, string];
    // The runner of this test tells its children by a variable that they are its parts.
    const { NODE_TEST_CONTEXT, npm_lifecycle_event, ...outside } = process.env;
    const witness = {
      VALIDIANT_TEST_WITNESS: this.#witnessed,
      NODE_OPTIONS: `${outside.NODE_OPTIONS ?? ""} --import=${WITNESS}`,
    };
    this.#npm = spawn("npm", ["run", ...args], {
      cwd: ROOT,
      env: { ...outside, ...witness, ...env, [name]: value },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#ended = once(this.#npm, "exit");
    for (const stream of [this.#npm.stdout, this.#npm.stderr])
      stream?.setEncoding("utf8").on("data", (text) => {
        this.output += text;
      });
  }

  /** Waits until a process of it has this in its command line. */
  async untilRuns(command: RegExp): Promise<void> {
    await this.#until(
      () => this.processes().some((seen) => command.test(seen.command)),
      `${command} to run`,
    );
  }

  /** Waits until it has printed this. */
  async untilPrints(text: string): Promise<void> {
    await this.#until(() => this.output.includes(text), `"${text}"`);
  }

  /** Sends a signal to npm and the script, as a terminal does. */
  signalAll(signal: NodeJS.Signals): void {
    process.kill(-(this.#npm.pid as number), signal);
  }

  /** Sends a signal to npm alone. */
  signalNpm(signal: NodeJS.Signals): void {
    this.#npm.kill(signal);
  }

  /** Waits until npm has ended; answers its code. */
  async end(): Promise<unknown> {
    const [code] = await within(this.#ended, "npm to end", STOP_MS);
    return code;
  }

  /** Waits until no process of it is left, or time is up; answers the command lines of those that are. */
  async left(): Promise<string[]> {
    const deadline = Date.now() + STOP_MS;
    while (this.processes().length > 0 && Date.now() < deadline) await wait(LOOK_AGAIN_MS);
    return this.processes().map(({ command }) => command);
  }

  /** What the script itself starts, from when it knows of Ctrl-C until all have ended. */
  async startsUntilGone(): Promise<string[]> {
    const scripts = this.#scripts();
    // By pid: for a moment within exec, a process has neither its environment nor its command line.
    const children = new Map<number, Seen>();
    const deadline = Date.now() + STOP_MS;
    while (this.processes().length > 0 && Date.now() < deadline) {
      for (const child of running())
        if (scripts.includes(child.parent)) children.set(child.pid, child);
      await wait(LOOK_CLOSELY_MS);
    }
    const before = this.#childrenBefore();
    return [...children.values()].flatMap(({ pid, command }) => (before.has(pid) ? [] : [command]));
  }

  /** Kills whatever is left of it. */
  remove(): void {
    for (const { pid } of this.processes()) process.kill(pid, "SIGKILL");
    rmSync(this.#witnessed, { recursive: true });
  }

  /** Its processes that run. */
  processes(): Seen[] {
    return running().filter(({ pid }) => read(pid, "environ").split("\0").includes(this.#mark));
  }

  /** The children that the script had when it learned of Ctrl-C. */
  #childrenBefore(): Set<number> {
    const scripts = readdirSync(this.#witnessed);
    if (scripts.length === 0) throw new Error(`it never learned of Ctrl-C:\n${this.output}`);
    const pids = scripts.map((script) => readFileSync(join(this.#witnessed, script), "utf8"));
    return new Set(pids.join(" ").split(" ").map(Number));
  }

  #scripts(): number[] {
    const isScript = /^\S*node (scripts|bench)\/[\w/-]+\.mjs/;
    return this.processes().flatMap(({ pid, command }) => (isScript.test(command) ? [pid] : []));
  }

  async #until(isSo: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + START_MS;
    while (!isSo()) {
      // The system tells nobody of the start of somebody else's process.
      if (Date.now() > deadline || this.#npm.exitCode !== null)
        throw new Error(`no ${what}:\n${this.output}`);
      await wait(LOOK_AGAIN_MS);
    }
  }
}

/** All processes that run. */
function running(): Seen[] {
  return readdirSync("/proc").flatMap((name) => {
    const [entry] = /^\d+$/.test(name) ? readStat(read(name, "stat")) : [];
    if (!entry || entry.ended) return [];
    const command = read(name, "cmdline").replaceAll("\0", " ").trim();
    return [{ pid: entry.pid, parent: entry.parent, command }];
  });
}

function read(pid: string | number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It has ended since, or is not ours.
    return "";
  }
}
