/**
 * Runs a command of package.json. However it ends, everything it started has ended first and nothing new is started
 * meanwhile, so no lock is released while its work still runs.
 */

import { setTimeout as wait } from "node:timers/promises";
import { COMMANDS } from "./commands.ts";
import { Failure, report } from "./common/failure.ts";
import { readOptions } from "./common/options.ts";
import { NPM_BIN, pathWith } from "./common/paths.ts";
import { endProcesses, isLeaving } from "./common/processes.ts";

const FAILED = 1;
/** The signals that end a command, and the exit code for each. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
/** How long an interrupted command may clean up after all its processes have ended. */
const CLEAR_UP_MILLISECONDS = 2000;
const LOOK_AGAIN_MILLISECONDS = 500;

const [, , name = "", ...args] = process.argv;
const command = COMMANDS[name];
let working = Promise.resolve();

// npm does the same. wrangler, for one, starts a command without it.
process.env.PATH = pathWith(NPM_BIN);

for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => interrupt(code));
process.on("uncaughtException", fail);
// npm does not forward SIGKILL or SIGHUP, and ending npm is meant to end this. Without npm it may outlive its shell.
const { ppid } = process;
const watch = () => process.ppid === ppid || interrupt(SIGNALS.SIGHUP);
if (process.env.npm_lifecycle_event) setInterval(watch, LOOK_AGAIN_MILLISECONDS).unref();
working = runCommand().catch(fail);
await working;

async function runCommand(): Promise<void> {
  if (!command) throw new Failure(`${name}: unknown command.`, { next: "docs/commands.md" });
  const given = readOptions(name, command, args);
  if (!given) return;
  const { default: work } = await command.load();
  await work(given.options as never, given.rest, name);
}

async function leave(code: number): Promise<void> {
  // npm forwards a signal that the terminal has already sent us.
  if (isLeaving()) return;
  await endProcesses();
  await Promise.race([working, wait(CLEAR_UP_MILLISECONDS)]);
  process.exit(code);
}

function interrupt(code: number): void {
  void leave(command?.isServer ? 0 : code);
}

function fail(error: unknown): void {
  // A failure after an interruption is caused by it.
  if (isLeaving()) return;
  report(error);
  void leave(FAILED);
}
