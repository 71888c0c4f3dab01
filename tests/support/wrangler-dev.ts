/** Local development with wrangler itself, as `npm run dev` starts it, with its own port and variables. */

import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { ROOT } from "../../scripts/common/paths.ts";
import { endProcess, startProcess } from "../../scripts/common/processes.ts";
import { wranglerArgs, wranglerEnv } from "../../scripts/serve/wrangler.ts";
import { within } from "./inbox.ts";
import { freePort } from "./ports.ts";

const START_MS = 60_000;

export class WranglerDev {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, process: ChildProcess, folder: string) {
    this.url = url;
    this.#process = process;
    this.#folder = folder;
  }

  /** Starts it, with these lines for a `.dev.vars`, and waits until it is ready. */
  static async start(vars: Record<string, string>): Promise<WranglerDev> {
    const folder = await mkdtemp(join(tmpdir(), "validiant-wrangler-dev-"));
    const file = join(folder, ".dev.vars");
    const lines = Object.entries(vars).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(file, lines.join(""));
    const port = await freePort();
    const at = [
      "--ip",
      "127.0.0.1",
      "--port",
      `${port}`,
      "--inspector-port",
      `${await freePort()}`,
    ];
    const args = [...at, "--env-file", file, "--persist-to", folder];
    const all = wranglerArgs("dev", "--show-interactive-dev-session=false", ...args);
    const child = startProcess(process.execPath, all, {
      cwd: ROOT,
      env: wranglerEnv(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const wrangler = new WranglerDev(`http://127.0.0.1:${port}`, child, folder);
    await within(untilReady(child), "wrangler to be ready", START_MS);
    return wrangler;
  }

  async stop(): Promise<void> {
    await endProcess(this.#process);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function untilReady(wrangler: ChildProcess): Promise<void> {
  const lines = createInterface({ input: wrangler.stdout as Readable });
  for await (const line of lines) if (line.includes("Ready on")) return;
}
