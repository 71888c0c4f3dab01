/** Starts and ends a script. */

import { setTimeout as wait } from "node:timers/promises";
import { report } from "./failure.mjs";
import { endProcesses, isLeaving } from "./processes.mjs";

const FAILED = 1;
/** The signals that end a script, and the code that tells of each. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
/** How long an interrupted script may clear up once nothing of it runs any more. */
const CLEAR_UP_MILLISECONDS = 2000;
const LOOK_AGAIN_MILLISECONDS = 500;

/**
 * Runs a script's main function; a failure is printed and ends the process with code 1. Whatever ends it, all that it
 * has started is gone by then, and nothing is started meanwhile: no lock is free while somebody still works under it.
 * @param {() => Promise<void>} work
 * @param {{ interrupted?: number }} [options] the code after a signal, where a signal is how it should end
 */
export async function main(work, { interrupted } = {}) {
  /** @type {Promise<void>} */
  let working = Promise.resolve();
  const leave = async (/** @type {number} */ code) => {
    // npm passes on a signal that the terminal has already sent us.
    if (isLeaving()) return;
    await endProcesses();
    await Promise.race([working, wait(CLEAR_UP_MILLISECONDS)]);
    process.exit(code);
  };
  const fail = async (/** @type {unknown} */ error) => {
    // What fails after an interruption fails because of it.
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
 * npm passes on no SIGKILL and no SIGHUP, and whoever ends it means this script. One that was started without npm may
 * outlive the shell that it came from.
 * @param {() => void} leave
 */
function whenParentDies(leave) {
  if (!process.env.npm_lifecycle_event) return;
  const { ppid } = process;
  setInterval(() => process.ppid === ppid || leave(), LOOK_AGAIN_MILLISECONDS).unref();
}
