/** Runs other programs to their end, one after another or in parallel. */

import type { ChildProcess } from "node:child_process";
import { mkdirSync, openSync, writeSync } from "node:fs";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { Failure } from "./failure.ts";
import { CACHE } from "./paths.ts";
import { endProcess, startPiped, startProcess, stayOrThrow } from "./processes.ts";

const LOGS = join(CACHE, "log");
const LOG = join(LOGS, `${process.argv[2]?.replace(/\W/g, "-") ?? "script"}.log`);
const TAIL_LINES = 20;

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  timeoutSeconds?: number;
  /** Whether a failure shows the whole output of the program, and not only its end. */
  whole?: boolean;
  /** What to do if it fails. */
  next?: string;
}

let log: number | undefined;

/** Runs a program whose output goes to the log; answers what it printed. `onLine` gets the last line so far. */
export async function run(
  command: string,
  args: string[],
  { env = process.env, cwd, timeoutSeconds = 1800, whole = false, next }: RunOptions = {},
  onLine = (_line: string) => {},
): Promise<string> {
  const line = [basename(command), ...args].join(" ");
  writeLog(`\n$ ${line}\n`);
  const child = startPiped(command, args, { env, ...(cwd && { cwd }) });
  const timer = setTimeout(() => endProcess(child), timeoutSeconds * 1000);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
      const plain = stripVTControlCharacters(text);
      writeLog(plain);
      onLine(plain.trim().split("\n").at(-1) ?? "");
    });
  const failure = await end(child);
  clearTimeout(timer);
  stayOrThrow();
  if (failure === "") return output;
  const lines = output.trimEnd().split("\n");
  const shown = (whole ? lines : lines.slice(-TAIL_LINES)).join("\n");
  throw new Failure(`\`${line}\` ${failure}.`, { next, output: shown, log: LOG });
}

/** Runs a program and shows its output as it comes. Answers whether it succeeded. */
export async function show(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<boolean> {
  const child = startProcess(command, args, { env, stdio: ["ignore", "inherit", "inherit"] });
  const failure = await end(child);
  stayOrThrow();
  return failure === "";
}

export type Outcome = { status: number | null; stdout: string; stderr: string };

/** Runs a program to its end, whether it succeeds or fails; answers how it ended, and what it printed. */
export async function outcome(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<Outcome> {
  const child = startPiped(command, args, { env });
  const texts = [text(child.stdout), text(child.stderr), end(child)] as const;
  const [stdout, stderr, failure] = await Promise.all(texts);
  stayOrThrow();
  return { status: child.exitCode, stdout, stderr: stderr || failure };
}

/** How it failed; empty if it succeeded. */
function end(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", ({ message }) => resolve(`could not be started: ${message}`));
    child.once("close", (code, signal) => {
      resolve(code === 0 ? "" : signal ? `was stopped by ${signal}` : `exited with code ${code}`);
    });
  });
}

function writeLog(text: string): void {
  if (log === undefined) {
    mkdirSync(LOGS, { recursive: true });
    log = openSync(LOG, "w");
  }
  writeSync(log, text);
}
