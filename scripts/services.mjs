/** Programs that run side by side until the script ends: each line of theirs under its name. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { Failure } from "./failure.mjs";
import { ROOT } from "./paths.mjs";
import { colour } from "./steps.mjs";

const READY = /^ready on (\S+)/i;
/** More than scripts/dev.mjs gives wrangler. */
const KILL_AFTER_MILLISECONDS = 7000;

/** @typedef {{ name: string, command: string, args: string[], env: NodeJS.ProcessEnv }} Service */

export class Services {
  /** @type {Map<import("node:child_process").ChildProcess, Promise<void>>} */
  #running = new Map();
  #stopping = false;
  /** @type {(error: Failure) => void} */
  #fail = () => {};

  /** Rejects when one of them ends by itself. @type {Promise<never>} */
  failure = new Promise((_, reject) => {
    this.#fail = reject;
  });

  constructor() {
    // Whoever waits for it comes later.
    this.failure.catch(() => {});
  }

  /**
   * Starts one, and answers where it listens once it says `ready on <url>`.
   * @param {Service} service
   * @returns {Promise<string>}
   */
  start({ name, command, args, env }) {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...env, ...(colour ? { FORCE_COLOR: "1" } : {}) },
      // A process group of its own hears of Ctrl-C from us alone.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#running.set(child, this.#ended(name, child));
    const ready = new Promise((resolve) => {
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on("line", (line) => {
          const url = READY.exec(stripVTControlCharacters(line))?.[1];
          if (url) resolve(url);
          else if (!this.#stopping && line.trim()) console.log(`${name} | ${line}`);
        });
    });
    return Promise.race([ready, this.failure]);
  }

  /** Ends all of them, and waits until they have ended. */
  async stop() {
    this.#stopping = true;
    for (const child of this.#running.keys()) kill(child, "SIGINT");
    const timer = setTimeout(() => {
      for (const child of this.#running.keys()) kill(child, "SIGKILL");
    }, KILL_AFTER_MILLISECONDS);
    await Promise.all(this.#running.values());
    clearTimeout(timer);
  }

  /**
   * @param {string} name
   * @param {import("node:child_process").ChildProcess} child
   * @returns {Promise<void>}
   */
  #ended(name, child) {
    return new Promise((resolve) => {
      child.once("close", (code) => {
        this.#running.delete(child);
        if (!this.#stopping) this.#fail(new Failure(`${name} ended with code ${code}.`));
        resolve();
      });
    });
  }
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function kill({ pid }, signal) {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}
