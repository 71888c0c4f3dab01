/**
 * Prints each step of a command on one line:
 *
 *     ✓ npm packages               12.3 s
 *
 * In a terminal the line is updated while the step runs; in a log a long step prints a line every 30 seconds.
 */

import { run } from "./commands.mjs";
import { Interrupted } from "./failure.mjs";

const live = process.stdout.isTTY === true;
// FORCE_COLOR means that the reader of our pipe shows it in a terminal.
const rich = (live || Boolean(process.env.FORCE_COLOR)) && process.env.TERM !== "dumb";
/** Whether output may have colours. */
export const colour = rich && !process.env.NO_COLOR;

const OK = rich ? "✓" : "ok";
const FAILED = rich ? "✗" : "FAILED";
const WORKING = rich ? "…" : "...";
const GREEN = 32;
const RED = 31;
const DIM = 2;
const NAME_WIDTH = 24;
const TIME_WIDTH = 12;
const SAY_AGAIN_SECONDS = 30;

/** @typedef {{ run: (command: string, args: string[], options?: import("./commands.mjs").RunOptions) => Promise<string> }} Job */
/** @typedef {Job & { name: string, start: number, last: string }} RunningJob */

/** @type {Set<RunningJob>} */
const running = new Set();
/** @type {NodeJS.Timeout | undefined} */
let ticker;

/**
 * Runs one step and prints its line.
 * @param {string} name
 * @param {(job: Job) => Promise<string | void>} work returns a note to print after the time, if any
 */
export async function step(name, work) {
  const job = begin(name);
  try {
    const note = await work(job);
    finish(job, GREEN, OK, note ?? "");
  } catch (error) {
    if (error instanceof Interrupted) forget(job);
    else finish(job, RED, FAILED, "");
    throw error;
  }
}

/**
 * Prints the line of a step that had nothing to do.
 * @param {string} name
 * @param {string} note
 */
export function already(name, note) {
  sayStep(GREEN, OK, name, "", note);
}

/**
 * "3.1 s", "2 min 40 s".
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/**
 * @param {string} name
 * @returns {RunningJob}
 */
function begin(name) {
  /** @type {RunningJob} */
  const job = {
    name,
    start: Date.now(),
    last: "",
    run: (command, args, options) =>
      run(command, args, options, (line) => {
        job.last = line;
      }),
  };
  running.add(job);
  ticker ??= setInterval(tick, live ? 200 : SAY_AGAIN_SECONDS * 1000).unref();
  return job;
}

/**
 * @param {RunningJob} job
 * @param {number} paintCode
 * @param {string} mark
 * @param {string} note
 */
function finish(job, paintCode, mark, note) {
  forget(job);
  sayStep(paintCode, mark, job.name, duration(Date.now() - job.start), note);
}

/** @param {RunningJob} job */
function forget(job) {
  running.delete(job);
  if (running.size > 0) return;
  clearInterval(ticker);
  ticker = undefined;
}

function tick() {
  const jobs = [...running];
  const names = jobs.map(
    ({ name, start }) => `${name} (${Math.round((Date.now() - start) / 1000)} s)`,
  );
  if (!live) return say(`${WORKING} still working: ${names.join(", ")}`);
  const last = jobs.find((job) => job.last)?.last ?? "";
  const line = `${WORKING} ${names.join(", ")}  ${last}`;
  process.stdout.write(`\r\x1b[2K${paint(DIM, line.slice(0, (process.stdout.columns || 80) - 1))}`);
}

/**
 * @param {number} paintCode
 * @param {string} mark
 * @param {string} name
 * @param {string} time
 * @param {string} note
 */
function sayStep(paintCode, mark, name, time, note) {
  const text = `${name.padEnd(NAME_WIDTH)}${time.padStart(TIME_WIDTH)}  ${note}`;
  say(`${paint(paintCode, mark)} ${text.trimEnd()}`);
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${live ? "\r\x1b[2K" : ""}${line}\n`);
}

/** @param {number} code @param {string} text */
function paint(code, text) {
  return colour ? `\x1b[${code}m${text}\x1b[0m` : text;
}
