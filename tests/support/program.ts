/** Programs of a test that say what happens to them, in Node or on a page. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { after } from "node:test";
import type { Browser } from "playwright-core";
import { ROOT } from "../../scripts/common/paths.ts";
import { Inbox, PATIENCE_MS, within } from "./inbox.ts";
import { bundle, type Site, servePage } from "./page.ts";

/**
 * Goes before the code of a program: `tell` says something to the test, and what is logged is said as `logged`.
 * React has its own use for `console.info`.
 */
export const TELL = `
const tell = (type, payload) => console.debug(JSON.stringify({ type, payload }));
console.log = (...payload) => tell("logged", payload);
`;

interface Surroundings {
  /** Texts by name. */
  files?: Record<string, string>;
  env?: Record<string, string>;
}

/** A program in its own process, ended after the test that started it. */
export class Program {
  readonly said = new Inbox();
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
    const lines = createInterface({ input: process.stdout as Readable });
    lines.on("line", (line) => this.said.push(line));
    void this.#sayFailure();
  }

  /** Starts TypeScript in Node, in a folder with other files too, where the packages of this repository resolve. */
  static async start(code: string, { files = {}, env = {} }: Surroundings = {}): Promise<Program> {
    const folder = await mkdtemp(join(tmpdir(), "validiant-program-"));
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
    for (const [name, content] of Object.entries({ ...files, "main.mts": TELL + code }))
      await writeFile(join(folder, name), content);
    const child = spawn(process.execPath, ["main.mts"], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    after(async () => {
      child.kill("SIGKILL");
      await rm(folder, { recursive: true });
    });
    return new Program(child);
  }

  /** Waits until it ends by itself; answers its exit code. */
  async end(): Promise<number | null> {
    const { exitCode } = this.#process;
    if (exitCode !== null) return exitCode;
    const [code] = await within(once(this.#process, "exit"), "the program to end");
    return code;
  }

  /** A test that waits for something in vain shows why. */
  async #sayFailure(): Promise<void> {
    const error = await text(this.#process.stderr as Readable);
    if (error) this.said.push(JSON.stringify({ type: "stderr", payload: error }));
  }
}

/** Runs TypeScript, including JSX, on a page; returns the page and what it prints. */
export async function startOnPage(browser: Browser, code: string, site: Omit<Site, "script"> = {}) {
  const stdin = { contents: TELL + code, loader: "tsx" as const, resolveDir: ROOT };
  const origin = await servePage({ ...site, script: await bundle({ stdin }) });
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const said = new Inbox();
  page.on("console", (message) => message.type() === "debug" && said.push(message.text()));
  page.on("pageerror", ({ message }) =>
    said.push(JSON.stringify({ type: "error", payload: message })),
  );
  await page.goto(origin);
  return { page, said };
}
