/** Programs that run side by side until the script ends. Each line of output is prefixed with the program's name. */

import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { Failure } from "../common/failure.mjs";
import { ROOT } from "../common/paths.mjs";
import { isLeaving, startPiped } from "../common/processes.mjs";
import { colour } from "../common/steps.mjs";

const READY = /^ready on (\S+)/i;
/** More than scripts/serve/dev.mjs gives wrangler. */
const PATIENCE_MILLISECONDS = 8000;

/** @typedef {{ name: string, command: string, args: string[], env: NodeJS.ProcessEnv }} Service */

export class Services {
  /** @type {(error: Failure) => void} */
  #fail = () => {};

  /** Rejects when one of them exits. @type {Promise<never>} */
  failure = new Promise((_, reject) => {
    this.#fail = reject;
  });

  constructor() {
    // It is awaited later.
    this.failure.catch(() => {});
  }

  /**
   * Starts one. Resolves to its address once it prints `ready on <url>`.
   * @param {Service} service
   * @returns {Promise<string>}
   */
  start({ name, command, args, env }) {
    const options = { cwd: ROOT, env: { ...env, ...(colour ? { FORCE_COLOR: "1" } : {}) } };
    const ending = { server: true, patience: PATIENCE_MILLISECONDS };
    const child = startPiped(command, args, options, ending);
    child.once("error", ({ message }) =>
      this.#fail(new Failure(`${name} could not be started: ${message}`)),
    );
    child.once("close", (code) => this.#fail(new Failure(`${name} exited with code ${code}.`)));
    const ready = new Promise((resolve) => {
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on("line", (line) => {
          const url = READY.exec(stripVTControlCharacters(line))?.[1];
          if (url) resolve(url);
          else if (!isLeaving() && line.trim()) console.log(`${name} | ${line}`);
        });
    });
    return Promise.race([ready, this.failure]);
  }
}
