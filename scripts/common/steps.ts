/**
 * Prints each step of a command on one line:
 *
 *     ✓ npm packages               12.3 s
 *
 * In a terminal the line is updated while the step runs; in a log a long step prints a line every 30 seconds.
 */

import { setImmediate as nextTurn } from "node:timers/promises";
import { styleText } from "node:util";
import { Interrupted } from "./failure.ts";
import { type RunOptions, run } from "./programs.ts";

const live = process.stdout.isTTY === true;
// FORCE_COLOR means that the reader of our pipe shows it in a terminal.
const rich = (live || Boolean(process.env.FORCE_COLOR)) && process.env.TERM !== "dumb";
/** Whether output may have colours. */
export const colour = rich && !process.env.NO_COLOR;

const [OK, FAILED, WORKING] = rich ? ["✓", "✗", "…"] : ["ok", "FAILED", "..."];
const NAME_WIDTH = 24;
const TIME_WIDTH = 12;
const SAY_AGAIN_SECONDS = 30;

/** Runs the programs of a step. */
export interface Job {
  run(command: string, args: string[], options?: RunOptions): Promise<string>;
}

const running = new Set<{ name: string; start: number; last: string }>();
let ticker: NodeJS.Timeout | undefined;

/** Runs one step and prints its line. The work may answer a note to print after the time. */
export async function step(name: string, work: (job: Job) => Promise<unknown>): Promise<void> {
  const job = { name, start: Date.now(), last: "" };
  running.add(job);
  ticker ??= setInterval(tick, live ? 200 : SAY_AGAIN_SECONDS * 1000).unref();
  const end = () => {
    running.delete(job);
    if (running.size > 0) return;
    clearInterval(ticker);
    ticker = undefined;
  };
  const note = (line: string) => {
    job.last = line;
  };
  try {
    // Ctrl-C that came while a program was waited for in this turn is heard only now.
    await nextTurn();
    const said = await work({ run: (...call) => run(call[0], call[1], call[2], note) });
    end();
    sayStep(paint("green", OK), name, duration(Date.now() - job.start), said);
  } catch (error) {
    end();
    if (!(error instanceof Interrupted))
      sayStep(paint("red", FAILED), name, duration(Date.now() - job.start), "");
    throw error;
  }
}

/** Prints the line of a step that had nothing to do. */
export function already(name: string, note: string): void {
  sayStep(paint("green", OK), name, "", note);
}

/** "3.1 s", "2 min 40 s" */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function tick(): void {
  const jobs = [...running];
  const names = jobs.map(({ name, start }) => `${name} (${duration(Date.now() - start)})`);
  if (!live) {
    say(`${WORKING} still working: ${names.join(", ")}`);
    return;
  }
  const line = `${WORKING} ${names.join(", ")}  ${jobs.find(({ last }) => last)?.last ?? ""}`;
  const width = (process.stdout.columns || 80) - 1;
  process.stdout.write(`\r\x1b[2K${paint("dim", line.slice(0, width))}`);
}

function sayStep(mark: string, name: string, time: string, note: unknown): void {
  const text = `${name.padEnd(NAME_WIDTH)}${time.padStart(TIME_WIDTH)}  ${note ?? ""}`;
  say(`${mark} ${text.trimEnd()}`);
}

function say(line: string): void {
  process.stdout.write(`${live ? "\r\x1b[2K" : ""}${line}\n`);
}

function paint(style: "green" | "red" | "dim", text: string | undefined): string {
  return colour ? styleText(style, `${text}`, { validateStream: false }) : `${text}`;
}
