/**
 * The programs that a command has started. Neither they nor their own children outlive it, and once the command is
 * leaving it starts nothing more.
 */

import {
  type ChildProcess,
  type ChildProcessByStdio,
  type SpawnOptions,
  spawn,
  spawnSync,
} from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { Interrupted } from "./failure.ts";
import { ROOT } from "./paths.ts";
import { descendants, type Entry, killAll, running } from "./process-tree.ts";
import { asStarted } from "./windows.ts";

const WINDOWS = process.platform === "win32";
const PATIENCE_MILLISECONDS = 5000;
const LOOK_AGAIN_MILLISECONDS = 50;
/** A killed process is gone at once, unless the system itself is stuck. */
const GONE_MILLISECONDS = 2000;

/** How a program is told to end. */
interface Ending {
  /** It gets SIGINT, and shuts down its own children. */
  server?: boolean;
  /** How long that may take before it is killed, in milliseconds. */
  patience?: number;
}

const children = new Map<ChildProcess, Ending>();
let leaving = false;

/** Whether the command is about to end. */
export function isLeaving(): boolean {
  return leaving;
}

/** Throws once the command is leaving: nothing would end a program that it starts now. */
export function stayOrThrow(): void {
  if (leaving) throw new Interrupted();
}

export function startProcess(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
  ending: Ending = {},
): ChildProcess {
  stayOrThrow();
  const started = asStarted(command, args, { root: ROOT });
  // In its own process group it gets Ctrl-C only through us. On Windows that would open a new window.
  const own = { cwd: ROOT, ...options, detached: !WINDOWS, windowsHide: true };
  const child = spawn(started.program, started.args, own);
  children.set(child, ending);
  for (const event of ["error", "exit"]) child.once(event, () => children.delete(child));
  return child;
}

/** Starts a program whose output is read here. */
export function startPiped(
  command: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; cwd?: string },
  ending?: Ending,
): ChildProcessByStdio<null, Readable, Readable> {
  const piped: SpawnOptions = { ...options, stdio: ["ignore", "pipe", "pipe"] };
  return startProcess(command, args, piped, ending) as ReturnType<typeof startPiped>;
}

/** Ends everything that this command has started, and waits until it is gone. After this, nothing more is started. */
export async function endProcesses(): Promise<void> {
  leaving = true;
  await endBelow([...children], process.pid);
}

/** Ends one program, and waits until it and all its descendants are gone. */
export async function endProcess(child: ChildProcess): Promise<void> {
  const ending = children.get(child);
  if (ending && child.pid !== undefined) await endBelow([[child, ending]], child.pid);
}

async function endBelow(told: [ChildProcess, Ending][], root: number): Promise<void> {
  // Once a process has ended, its children can't be found any more: look before that, and keep looking.
  const found = new Map<string, Entry>();
  const look = () => {
    const known = [...found.values()].map(({ pid }) => pid);
    for (const entry of descendants([root, ...known])) found.set(entry.id, entry);
  };
  look();
  // One that could not be started has nothing to end.
  const gone = Promise.all(told.map(([child]) => once(child, "exit").catch(() => {})));
  const patience = told.map(([, { patience = PATIENCE_MILLISECONDS }]) => patience);
  for (const [child, ending] of told) tellToEnd(child, ending);
  const looking = setInterval(look, LOOK_AGAIN_MILLISECONDS);
  await Promise.race([gone, wait(Math.max(0, ...patience), undefined, { ref: false })]);
  clearInterval(looking);
  look();
  for (const [child] of told) child.kill("SIGKILL");
  const left = [...found.values()];
  killAll(left);
  const deadline = Date.now() + GONE_MILLISECONDS;
  while (running(left).length > 0 && Date.now() < deadline) await wait(LOOK_AGAIN_MILLISECONDS);
}

function tellToEnd({ pid }: ChildProcess, { server = false }: Ending): void {
  if (pid === undefined) return;
  // Windows has no signals. A program with a terminal has already got Ctrl-C.
  if (WINDOWS) return void spawnSync("taskkill", ["/pid", `${pid}`, "/T", "/F"]);
  try {
    // A server's own children are its own to end.
    process.kill(server ? pid : -pid, server ? "SIGINT" : "SIGTERM");
  } catch {
    // It has ended by itself.
  }
}

/** What a command prints, or nothing if it fails. */
export function capture(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  stayOrThrow();
  const { status, signal, stdout } = spawnSync(command, args, {
    cwd: ROOT,
    env,
    encoding: "utf8",
  });
  // Ctrl-C reaches the program before it reaches us: what comes after it must not start.
  if (signal === "SIGINT") throw new Interrupted();
  return status === 0 ? stdout.trim() : undefined;
}
