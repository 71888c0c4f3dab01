/** The real runtime, on its own port and with its own storage folder. */

import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import {
  type Caller,
  listeningPort,
  ownWorker,
  WORKERD,
  workerdConfig,
} from "../../scripts/serve/workerd-config.ts";
import { within } from "./inbox.ts";
import { freePort } from "./ports.ts";

const ROOT = resolve(import.meta.dirname, "../..");

export interface RuntimeOptions {
  /** Variables and secrets of the Worker, by name. One that is undefined is not set, one that is no text is JSON. */
  vars?: Record<string, unknown>;
  /** The folder of the built Worker, relative to the repository. Default: `build`. */
  build?: string;
  /** Another Worker, which is asked in place of this one. */
  caller?: Caller;
  /** Whether its memory can be looked at: see {@link Runtime.inspectorPort}. */
  inspected?: boolean;
  /** The largest file that the process can write, as on a nearly full disk. In bytes. */
  maxFileBytes?: number;
}

/** A running workerd. It can be killed and started again on the same port and storage. */
export class Runtime {
  readonly folder: string;
  /** What the Worker logged, line by line. */
  readonly log: string[] = [];
  port = 0;
  /** Where it speaks the protocol of Chrome's DevTools, if it is `inspected`. */
  inspectorPort = 0;
  #process: ChildProcess | undefined;
  readonly #written = new EventEmitter();
  readonly #options: RuntimeOptions;

  private constructor(folder: string, options: RuntimeOptions) {
    this.folder = folder;
    this.#options = options;
  }

  static async start(options: RuntimeOptions = {}): Promise<Runtime> {
    const folder = await mkdtemp(join(tmpdir(), "validiant-realtime-"));
    await mkdir(join(folder, "storage"));
    const runtime = new Runtime(folder, options);
    await runtime.configure({});
    await runtime.run();
    return runtime;
  }

  /** Sets variables, beside those of the start, for the next run. */
  async configure(changed: Record<string, string>): Promise<void> {
    const { folder } = this;
    const { vars, build = "build", caller } = this.#options;
    const worker = { folder, ...ownWorker(join(ROOT, build)) };
    const config = workerdConfig({ ...worker, vars: { ...vars, ...changed }, caller });
    await writeFile(join(folder, "config.capnp"), config);
  }

  /** Stands in for one where the tests that need it are skipped. */
  static none(): Runtime {
    return new Runtime("", {});
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the process, on the port that it had before if it had one. Resolves when it listens. */
  async run(): Promise<void> {
    const config = join(this.folder, "config.capnp");
    const address = `http=127.0.0.1:${this.port}`;
    const args = ["serve", "--experimental", config, "--socket-addr", address, "--control-fd=3"];
    if (this.#options.inspected) {
      this.inspectorPort = await freePort();
      args.push(`--inspector-addr=127.0.0.1:${this.inspectorPort}`);
    }
    const [program, ...before] = this.#command();
    const child = spawn(program, [...before, ...args], {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream as Readable }).on("line", (line) => {
        this.log.push(line);
        this.#written.emit("line");
      });
    this.port = await listeningPort(child, () => this.log.join("\n"));
  }

  #command(): [string, ...string[]] {
    const { maxFileBytes } = this.#options;
    if (maxFileBytes === undefined) return [WORKERD];
    // Without the signal a write over the limit fails, as on a full disk. A shell counts in blocks of 512 bytes.
    const blocks = Math.floor(maxFileBytes / 512);
    return ["sh", "-c", `trap '' XFSZ; ulimit -f ${blocks}; exec "$0" "$@"`, WORKERD];
  }

  /** Ends the process as a crash does, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  /** Ends the process and removes its storage. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The structured lines of one event, in order. */
  lines(event: string): Record<string, unknown>[] {
    return this.log.flatMap((line) => {
      const json = line.indexOf('{"level"');
      if (json < 0) return [];
      const parsed = JSON.parse(line.slice(json)) as Record<string, unknown>;
      return parsed.event === event ? [parsed] : [];
    });
  }

  /** Waits until there are this many lines of one event, and returns them. */
  async untilLines(event: string, amount: number): Promise<Record<string, unknown>[]> {
    const enough = async () => {
      while (this.lines(event).length < amount) await once(this.#written, "line");
    };
    await within(enough(), `${amount} lines of ${event} in the log`);
    return this.lines(event);
  }
}
