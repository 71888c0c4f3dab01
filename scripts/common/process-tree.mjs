/** Which process started which. */

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * @typedef {object} Entry
 * @property {string} id its pid and start time, because pids are reused
 * @property {number} pid
 * @property {number} parent
 * @property {boolean} ended whether it is a zombie that its parent has not collected yet
 */

/**
 * All descendants of these processes.
 * @param {number[]} pids
 * @returns {Entry[]}
 */
export function descendants(pids) {
  const table = processTable();
  const below = (/** @type {number[]} */ parents) => {
    const near = table.filter(({ parent }) => parents.includes(parent));
    /** @type {Entry[]} */
    const all = near.length > 0 ? near.concat(below(near.map(({ pid }) => pid))) : [];
    return all;
  };
  return below(pids);
}

/**
 * Whether any of these processes is still running.
 * @param {Entry[]} entries
 */
export function anyIsRunning(entries) {
  const alive = new Set(processTable().flatMap(({ id, ended }) => (ended ? [] : [id])));
  return entries.some(({ id }) => alive.has(id));
}

/**
 * Kills these processes.
 * @param {Entry[]} entries
 */
export function killAll(entries) {
  const now = new Map(processTable().map((entry) => [entry.id, entry]));
  for (const { id, pid } of entries) {
    if (now.get(id)?.ended === false) kill(pid);
  }
}

/** @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** @returns {Entry[]} */
function processTable() {
  if (process.platform === "linux") return linuxTable();
  // On Windows, `taskkill` finds them itself.
  if (process.platform === "win32") return [];
  return readPs(execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,lstart="], { encoding: "utf8" }));
}

/** Small images have no `ps`. */
function linuxTable() {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? readStat(statOf(name)) : []));
}

/** @param {string} pid */
function statOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    // It has ended since.
    return "";
  }
}

/**
 * Reads a line of /proc/PID/stat (`man 5 proc`). The name in it may have spaces and brackets.
 * @param {string} line
 * @returns {Entry[]} one, or none
 */
export function readStat(line) {
  const name = line.lastIndexOf(")");
  if (name < 0) return [];
  const pid = Number.parseInt(line, 10);
  const [state = "", parent, ...others] = line.slice(name + 2).split(" ");
  return [{ id: `${pid} ${others[17]}`, pid, parent: Number(parent), ended: "ZX".includes(state) }];
}

/**
 * Reads what `ps -o pid=,ppid=,stat=,lstart=` prints.
 * @param {string} table
 * @returns {Entry[]}
 */
export function readPs(table) {
  return table.split("\n").flatMap((line) => {
    const [pid, parent, state, ...started] = line.trim().split(/\s+/);
    if (state === undefined) return [];
    const id = [pid, ...started].join(" ");
    return [{ id, pid: Number(pid), parent: Number(parent), ended: state.startsWith("Z") }];
  });
}
