/** Runs other programs. None of them outlives the script that started it. */

import { spawn } from "node:child_process";
import { mkdirSync, openSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { Failure } from "./failure.mjs";
import { CACHE, ROOT } from "./paths.mjs";

const LOG = join(CACHE, "log", `${basename(process.argv[1] ?? "script", ".mjs")}.log`);
const TAIL_LINES = 20;
const PATIENCE_MILLISECONDS = 5000;

/**
 * @typedef {object} RunOptions
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [cwd]
 * @property {number} [timeoutSeconds]
 * @property {boolean} [whole] whether a failure shows all that the command printed, and not only its end
 * @property {string} [next] what to do if it fails
 */

/** @type {Set<import("node:child_process").ChildProcess>} */
const children = new Set();
/** @type {number | undefined} */
let log;

/** Ends all commands that are still running. */
export async function endCommands() {
  const ends = [...children].map(ended);
  for (const child of children) killGroup(child);
  const timer = setTimeout(() => {
    for (const child of children) killGroup(child, "SIGKILL");
  }, PATIENCE_MILLISECONDS);
  await Promise.all(ends);
  clearTimeout(timer);
}

/**
 * Runs a command whose output goes to the log.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @param {(line: string) => void} [onLine] hears the last line of the output so far
 * @returns {Promise<string>} what it printed
 */
export async function run(command, args, options = {}, onLine = () => {}) {
  const { env, cwd, timeoutSeconds = 1800, whole = false, next } = options;
  const line = [basename(command), ...args].join(" ");
  writeLog(`\n$ ${line}\n`);
  const child = start(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  const timer = setTimeout(() => killGroup(child), timeoutSeconds * 1000);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      output += text;
      const plain = stripVTControlCharacters(text);
      writeLog(plain);
      onLine(plain.trim().split("\n").at(-1) ?? "");
    });
  }
  const end = await ended(child);
  clearTimeout(timer);
  if (end === "") return output;
  const lines = output.trimEnd().split("\n");
  const shown = (whole ? lines : lines.slice(-TAIL_LINES)).join("\n");
  throw new Failure(`\`${line}\` ${end}.`, { next, output: shown, log: LOG });
}

/**
 * Runs a command whose output is shown as it comes.
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function show(command, args, env) {
  return (
    (await ended(start(command, args, { env, stdio: ["ignore", "inherit", "inherit"] }))) === ""
  );
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} options
 */
function start(command, args, { env = process.env, cwd = ROOT, stdio = "pipe" }) {
  // A process group of its own can be ended with all that it has started.
  const child = spawn(command, args, { env, cwd, stdio, detached: true });
  children.add(child);
  return child;
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<string>} how it ended, or nothing if it succeeded
 */
function ended(child) {
  return new Promise((resolve) => {
    child.once("error", ({ message }) => resolve(`could not be started: ${message}`));
    child.once("close", (code, signal) => {
      children.delete(child);
      resolve(code === 0 ? "" : signal ? `was ended by ${signal}` : `ended with code ${code}`);
    });
  });
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {NodeJS.Signals} [signal]
 */
function killGroup({ pid }, signal = "SIGTERM") {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** @param {string} text */
function writeLog(text) {
  if (log === undefined) {
    mkdirSync(dirname(LOG), { recursive: true });
    log = openSync(LOG, "w");
  }
  writeSync(log, text);
}
