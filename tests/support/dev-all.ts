/** `npm run dev:all` on its own ports, with its secrets and data in a temporary folder. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { ROOT } from "../../scripts/common/paths.ts";
import { capture } from "../../scripts/common/processes.ts";
import { within } from "./inbox.ts";
import { freePort } from "./ports.ts";

const START_MS = 90_000;
/** More than the script gives its services. */
const STOP_MS = 15_000;
const LOOK_AGAIN_MS = 50;

export class DevAll {
  /** What it printed so far, line by line. */
  readonly lines: string[] = [];
  readonly ports: { realtime: number; api: number; board: number };
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #ended: Promise<unknown[]>;
  /** Those that it had when it was interrupted. */
  #processes: number[] = [];

  private constructor(process: ChildProcess, folder: string, ports: DevAll["ports"]) {
    this.ports = ports;
    this.#process = process;
    this.#folder = folder;
    this.#ended = once(process, "exit");
  }

  /** Starts it, and waits until it says that all is ready. */
  static async start(): Promise<DevAll> {
    const folder = await mkdtemp(join(tmpdir(), "validiant-dev-all-"));
    const [realtime, api, board] = [await freePort(), await freePort(), await freePort()];
    const flags = Object.entries({ port: realtime, "api-port": api, "board-port": board });
    const args = flags.flatMap(([flag, port]) => [`--${flag}`, `${port}`]);
    const child = spawn(process.execPath, [join(ROOT, "scripts/run.mjs"), "dev:all", ...args], {
      env: {
        ...process.env,
        VALIDIANT_DEV_HOME: folder,
        VALIDIANT_RELEASE_BUILD: "1",
        DATA_FOLDER: join(folder, "data"),
        DATABASE_URL: "",
        FORCE_COLOR: "",
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const all = new DevAll(child, folder, { realtime, api, board });
    try {
      await within(all.#untilReady(), "all services to be ready", START_MS);
    } catch (error) {
      await all.remove();
      throw error;
    }
    return all;
  }

  /** Presses Ctrl-C, and answers with which code it ended. */
  async interrupt(): Promise<unknown> {
    this.#processes = withDescendants(this.#process.pid as number);
    this.#process.kill("SIGINT");
    const [code] = await within(this.#ended, "dev:all to end", STOP_MS);
    return code;
  }

  /** How many of the processes that it had when it was interrupted still run, once none does or time is up. */
  async left(): Promise<number> {
    const deadline = Date.now() + STOP_MS;
    // The system tells nobody of the end of somebody else's process.
    while (running(this.#processes).length > 0 && Date.now() < deadline) await wait(LOOK_AGAIN_MS);
    return running(this.#processes).length;
  }

  /** Clears up, whatever state it is in. */
  async remove(): Promise<void> {
    if (this.#process.exitCode === null) await this.interrupt();
    for (const pid of running(this.#processes)) process.kill(pid, "SIGKILL");
    await rm(this.#folder, { recursive: true, force: true });
  }

  #untilReady(): Promise<void> {
    const output = createInterface({ input: this.#process.stdout as Readable });
    return new Promise((resolve, reject) => {
      output.on("line", (line) => {
        this.lines.push(line);
        if (line.includes("Ctrl-C")) resolve();
      });
      output.on("close", () => reject(new Error(`It has ended:\n${this.lines.join("\n")}`)));
    });
  }
}

/** A process and all that it has started, and these in turn. */
function withDescendants(pid: number): number[] {
  const table = processTable();
  const from = (parent: number): number[] => [
    parent,
    ...table.filter((entry) => entry.parent === parent).flatMap((entry) => from(entry.pid)),
  ];
  return from(pid);
}

/** Those of these processes that still run. */
function running(pids: number[]): number[] {
  const alive = processTable().filter(({ state }) => !state.startsWith("Z"));
  return alive.map(({ pid }) => pid).filter((pid) => pids.includes(pid));
}

function processTable(): { pid: number; parent: number; state: string }[] {
  const table = capture("ps", ["-A", "-o", "pid=,ppid=,stat="]) ?? "";
  return table.split("\n").map((line) => {
    const [pid, parent, state = ""] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), state };
  });
}
