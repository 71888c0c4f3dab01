/** Runs other programs to their end, one after another or in parallel. */

import { mkdirSync, openSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { Failure } from "./failure.mjs";
import { CACHE, ROOT } from "./paths.mjs";
import { endProcess, startPiped, startProcess, stayOrThrow } from "./processes.mjs";

const LOG = join(CACHE, "log", `${basename(process.argv[1] ?? "script", ".mjs")}.log`);
const TAIL_LINES = 20;

/**
 * @typedef {object} RunOptions
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [cwd]
 * @property {number} [timeoutSeconds]
 * @property {boolean} [whole] whether a failure shows the whole output of the command, and not only its end
 * @property {string} [next] what to do if it fails
 */

/** @type {number | undefined} */
let log;

/**
 * Runs a command whose output goes to the log.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @param {(line: string) => void} [onLine] gets the last line of the output so far
 * @returns {Promise<string>} what it printed
 */
export async function run(command, args, options = {}, onLine = () => {}) {
  const { env = process.env, cwd = ROOT, timeoutSeconds = 1800, whole = false, next } = options;
  const line = [basename(command), ...args].join(" ");
  writeLog(`\n$ ${line}\n`);
  const child = startPiped(command, args, { env, cwd });
  const timer = setTimeout(() => endProcess(child), timeoutSeconds * 1000);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
      const plain = stripVTControlCharacters(text);
      writeLog(plain);
      onLine(plain.trim().split("\n").at(-1) ?? "");
    });
  }
  const end = await ended(child);
  clearTimeout(timer);
  stayOrThrow();
  if (end === "") return output;
  const lines = output.trimEnd().split("\n");
  const shown = (whole ? lines : lines.slice(-TAIL_LINES)).join("\n");
  throw new Failure(`\`${line}\` ${end}.`, { next, output: shown, log: LOG });
}

/**
 * Runs a command and shows its output as it comes.
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function show(command, args, env) {
  const child = startProcess(command, args, {
    cwd: ROOT,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const end = await ended(child);
  stayOrThrow();
  return end === "";
}

/**
 * Runs a command to its end, whether it succeeds or fails.
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ status: number | null, stdout: string, stderr: string }>} how it ended, and what it printed
 */
export async function outcome(command, args, env) {
  const child = startPiped(command, args, { cwd: ROOT, env });
  const [stdout, stderr, end] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended(child),
  ]);
  stayOrThrow();
  return { status: child.exitCode, stdout, stderr: stderr || end };
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<string>} how it failed; empty if it succeeded
 */
function ended(child) {
  return new Promise((resolve) => {
    child.once("error", ({ message }) => resolve(`could not be started: ${message}`));
    child.once("close", (code, signal) => {
      resolve(code === 0 ? "" : signal ? `was stopped by ${signal}` : `exited with code ${code}`);
    });
  });
}

/** @param {string} text */
function writeLog(text) {
  if (log === undefined) {
    mkdirSync(dirname(LOG), { recursive: true });
    log = openSync(LOG, "w");
  }
  writeSync(log, text);
}
