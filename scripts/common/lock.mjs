/** A lock between processes: a file with the id of the process that holds it. */

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const RETRY_MILLISECONDS = 200;

/**
 * Runs `work` while no other process holds the same lock. The lock of a dead process is taken over.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {() => void} [stay] called while it waits; ends that by throwing
 */
export async function withLock(file, work, stay = () => {}) {
  mkdirSync(dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    // A hard link appears together with its content, so nobody reads a lock without a process id.
    for (let taken = failure(() => linkSync(mine, file)); taken; ) {
      if (taken.code !== "EEXIST") throw taken;
      dropDead(mine, file);
      await wait(RETRY_MILLISECONDS);
      stay();
      taken = failure(() => linkSync(mine, file));
    }
  } finally {
    rmSync(mine);
  }
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    release();
    process.off("exit", release);
  }
}

/** Only one of several processes that find the same dead lock can rename it. @param {string} mine @param {string} file */
function dropDead(mine, file) {
  const dead = holder(file);
  if (dead === undefined || failure(() => process.kill(dead, 0))?.code !== "ESRCH") return;
  const aside = `${mine}.dead`;
  if (failure(() => renameSync(file, aside))) return;
  // Another process was quicker and this was a live lock: put it back.
  if (holder(aside) !== dead) linkSync(aside, file);
  rmSync(aside);
}

/** @param {string} file */
function holder(file) {
  let pid;
  return failure(() => (pid = readFileSync(file, "utf8"))) ? undefined : Number(pid);
}

/** @param {() => unknown} act @returns {NodeJS.ErrnoException | undefined} */
function failure(act) {
  try {
    act();
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error);
  }
}
