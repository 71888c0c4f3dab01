/**
 * The programs that a script has started. Neither they nor their own children outlive it, and once the script is
 * leaving it starts nothing more.
 */

import { spawn, spawnSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { Interrupted } from "./failure.mjs";
import { ROOT } from "./paths.mjs";
import { anyIsRunning, descendants, killAll } from "./process-tree.mjs";
import { asStarted } from "./windows.mjs";

const WINDOWS = process.platform === "win32";
const PATIENCE_MILLISECONDS = 5000;
const LOOK_AGAIN_MILLISECONDS = 50;
/** A killed process is gone at once, unless the system itself is stuck. */
const GONE_MILLISECONDS = 2000;

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */
/** @typedef {import("node:stream").Readable} Readable */
/** @typedef {import("./process-tree.mjs").Entry} Entry */
/**
 * @typedef {object} Ending how a program is told to end
 * @property {boolean} [server] it gets SIGINT, and shuts down its own children
 * @property {number} [patience] how long that may take before it is killed, in milliseconds
 */

/** @type {Map<ChildProcess, Ending>} */
const children = new Map();
let leaving = false;

/** Whether the script is about to end. */
export function isLeaving() {
  return leaving;
}

/** Throws once the script is leaving: nothing would end a program that it starts now. */
export function stayOrThrow() {
  if (leaving) throw new Interrupted();
}

/**
 * Starts a program.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions} options
 * @param {Ending} [ending]
 * @returns {ChildProcess}
 */
export function startProcess(command, args, options, ending = {}) {
  stayOrThrow();
  // In its own process group it gets Ctrl-C only through us. On Windows that would open a new window.
  const started = asStarted(command, args, { root: ROOT });
  const child = spawn(started.program, started.args, {
    ...options,
    detached: !WINDOWS,
    windowsHide: true,
  });
  children.set(child, ending);
  for (const event of ["error", "exit"]) child.once(event, () => children.delete(child));
  return child;
}

/**
 * Starts a program whose output is read here.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env: NodeJS.ProcessEnv, cwd?: string }} options
 * @param {Ending} [ending]
 */
export function startPiped(command, args, options, ending) {
  const child = startProcess(
    command,
    args,
    { ...options, stdio: ["ignore", "pipe", "pipe"] },
    ending,
  );
  return /** @type {import("node:child_process").ChildProcessByStdio<null, Readable, Readable>} */ (
    child
  );
}

/** Ends everything that this script has started, and waits until it is gone. After this, nothing more is started. */
export async function endProcesses() {
  leaving = true;
  await endBelow([...children], process.pid);
}

/**
 * Ends one program, and waits until it and all its descendants are gone.
 * @param {ChildProcess} child
 */
export async function endProcess(child) {
  const ending = children.get(child);
  if (ending && child.pid !== undefined) await endBelow([[child, ending]], child.pid);
}

/**
 * @param {[ChildProcess, Ending][]} told
 * @param {number} root the process that has started them, or the one itself
 */
async function endBelow(told, root) {
  // Once a process has ended, its children can't be found any more: look before that, and keep looking.
  /** @type {Map<string, Entry>} */
  const found = new Map();
  const look = () => {
    const known = [...found.values()].map(({ pid }) => pid);
    for (const entry of descendants([root, ...known])) found.set(entry.id, entry);
  };
  look();
  const gone = Promise.all(told.map(([child]) => ended(child)));
  for (const [child, ending] of told) tellToEnd(child, ending);
  const looking = setInterval(look, LOOK_AGAIN_MILLISECONDS);
  await Promise.race([gone, wait(patience(told), undefined, { ref: false })]);
  clearInterval(looking);
  look();
  for (const [child] of told) child.kill("SIGKILL");
  await end([...found.values()]);
}

/**
 * Ends processes that are no longer awaited.
 * @param {Entry[]} left
 */
async function end(left) {
  killAll(left);
  const deadline = Date.now() + GONE_MILLISECONDS;
  while (anyIsRunning(left) && Date.now() < deadline) await wait(LOOK_AGAIN_MILLISECONDS);
}

/** @param {[ChildProcess, Ending][]} told */
function patience(told) {
  return Math.max(0, ...told.map(([, { patience = PATIENCE_MILLISECONDS }]) => patience));
}

/** @param {ChildProcess} child */
function ended(child) {
  return new Promise((resolve) => {
    child.once("exit", resolve);
    child.once("error", resolve);
  });
}

/** @param {ChildProcess} child @param {Ending} ending */
function tellToEnd(child, { server = false }) {
  const { pid } = child;
  if (pid === undefined) return;
  // Windows has no signals. A program with a terminal has already got Ctrl-C.
  if (WINDOWS) return void spawnSync("taskkill", ["/pid", `${pid}`, "/T", "/F"]);
  if (server) return void child.kill("SIGINT");
  try {
    process.kill(-pid, "SIGTERM");
  } catch {
    // It has ended by itself.
  }
}

/**
 * What a command prints, or nothing if it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined}
 */
export function capture(command, args, env = process.env) {
  stayOrThrow();
  const { status, stdout } = spawnSync(command, args, { cwd: ROOT, env, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
