/** Starts and ends a script. */

import { setTimeout as wait } from "node:timers/promises";
import { report } from "./failure.mjs";
import { endProcesses, isLeaving } from "./processes.mjs";

const FAILED = 1;
/** The signals that end a script, and the exit code for each. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
/** How long an interrupted script may clean up after all its processes have ended. */
const CLEAR_UP_MILLISECONDS = 2000;
const LOOK_AGAIN_MILLISECONDS = 500;

/**
 * Runs a script's main function. A failure is printed and ends the process with code 1. However it ends, everything it
 * started has ended first and nothing new is started meanwhile, so no lock is released while its work still runs.
 * @param {() => Promise<void>} work
 * @param {{ interrupted?: number }} [options] the exit code after a signal, if a signal is the normal way to end
 */
export async function main(work, { interrupted } = {}) {
  /** @type {Promise<void>} */
  let working = Promise.resolve();
  const leave = async (/** @type {number} */ code) => {
    // npm forwards a signal that the terminal has already sent us.
    if (isLeaving()) return;
    await endProcesses();
    await Promise.race([working, wait(CLEAR_UP_MILLISECONDS)]);
    process.exit(code);
  };
  const fail = async (/** @type {unknown} */ error) => {
    // A failure after an interruption is caused by it.
    if (isLeaving()) return;
    report(error);
    await leave(FAILED);
  };
  for (const [signal, code] of Object.entries(SIGNALS))
    process.on(signal, () => leave(interrupted ?? code));
  process.on("uncaughtException", fail);
  whenParentDies(() => leave(interrupted ?? SIGNALS.SIGHUP));
  working = work().catch((error) => void fail(error));
  await working;
}

/**
 * npm does not forward SIGKILL or SIGHUP, and ending npm is meant to end this script. A script started without npm may
 * outlive its shell.
 * @param {() => void} leave
 */
function whenParentDies(leave) {
  if (!process.env.npm_lifecycle_event) return;
  const { ppid } = process;
  setInterval(() => process.ppid === ppid || leave(), LOOK_AGAIN_MILLISECONDS).unref();
}
