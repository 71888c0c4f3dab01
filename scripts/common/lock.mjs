/** A lock between processes: a file with the id of the process that holds it. */

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { stayOrThrow } from "./processes.mjs";

const RETRY_MILLISECONDS = 200;

/**
 * Runs `work` while no other process holds the same lock. The lock of a dead process is taken over.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, work) {
  mkdirSync(dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  const release = () => rmSync(file, { force: true });
  try {
    while (!take(mine, file)) {
      await wait(RETRY_MILLISECONDS);
      stayOrThrow();
    }
  } finally {
    rmSync(mine);
  }
  process.once("exit", release);
  try {
    return await work();
  } finally {
    release();
    process.off("exit", release);
  }
}

/**
 * A hard link appears together with its content, so nobody reads a lock without a process id.
 * @param {string} mine
 * @param {string} file
 */
function take(mine, file) {
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    dropDead(mine, file);
    return false;
  }
}

/**
 * Renaming is atomic, so only one of several processes that find the same dead lock removes it.
 * @param {string} mine
 * @param {string} file
 */
function dropDead(mine, file) {
  const dead = holder(file);
  if (dead === undefined || isAlive(dead)) return;
  const aside = `${mine}.dead`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  // Another process was quicker and we moved a live lock: put it back.
  if (holder(aside) !== dead) linkSync(aside, file);
  rmSync(aside);
}

/** @param {string} file */
function holder(file) {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}
