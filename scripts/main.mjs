/** Starts and ends a script. */

import { endCommands } from "./commands.mjs";
import { report } from "./failure.mjs";

/** The signals that end a script. */
export const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

const FAILED = 1;
const INTERRUPTED = 130;
let leaving = false;

/**
 * Runs a script's main function; a failure is printed and ends the process with code 1.
 * @param {() => Promise<void>} work
 */
export async function main(work) {
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    await work();
  } catch (error) {
    // What fails after an interruption fails because of it.
    if (!leaving) report(error);
    await leave(FAILED);
  }
}

/** Leaves the signals that end the process to the caller. */
export function releaseSignals() {
  for (const signal of SIGNALS) process.off(signal, interrupt);
}

function interrupt() {
  leave(INTERRUPTED);
}

/**
 * Ends the process after the commands that it started: a lock must not be free while they still work.
 * @param {number} code
 */
async function leave(code) {
  if (leaving) return;
  leaving = true;
  await endCommands();
  process.exit(code);
}
