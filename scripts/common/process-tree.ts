/** Which process started which. */

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface Entry {
  /** Its pid and start time, because pids are reused. */
  id: string;
  pid: number;
  parent: number;
  /** Whether it is a zombie that its parent has not collected yet. */
  ended: boolean;
}

/** All descendants of these processes. */
export function descendants(pids: number[], table = processTable()): Entry[] {
  const near = table.filter(({ parent }) => pids.includes(parent));
  if (near.length === 0) return [];
  return near.concat(
    descendants(
      near.map(({ pid }) => pid),
      table,
    ),
  );
}

/** Those of these processes that are still running. */
export function running(entries: Entry[]): Entry[] {
  const alive = new Set(processTable().flatMap(({ id, ended }) => (ended ? [] : [id])));
  return entries.filter(({ id }) => alive.has(id));
}

export function killAll(entries: Entry[]): void {
  for (const { pid } of running(entries))
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
}

function processTable(): Entry[] {
  // Small images have no `ps`.
  if (process.platform === "linux")
    return readdirSync("/proc").flatMap((name) =>
      /^\d+$/.test(name) ? readStat(statOf(name)) : [],
    );
  // On Windows, `taskkill` finds them itself.
  if (process.platform === "win32") return [];
  return readPs(execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,lstart="], { encoding: "utf8" }));
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    // It has ended since.
    return "";
  }
}

/** Reads a line of /proc/PID/stat (`man 5 proc`). The name in it may have spaces and brackets. */
export function readStat(line: string): Entry[] {
  const name = line.lastIndexOf(")");
  if (name < 0) return [];
  const pid = Number.parseInt(line, 10);
  const [state = "", parent, ...others] = line.slice(name + 2).split(" ");
  return [{ id: `${pid} ${others[17]}`, pid, parent: Number(parent), ended: "ZX".includes(state) }];
}

/** Reads what `ps -o pid=,ppid=,stat=,lstart=` prints. */
export function readPs(table: string): Entry[] {
  return table.split("\n").flatMap((line) => {
    const [pid, parent, state, ...started] = line.trim().split(/\s+/);
    if (state === undefined) return [];
    const id = [pid, ...started].join(" ");
    return [{ id, pid: Number(pid), parent: Number(parent), ended: state.startsWith("Z") }];
  });
}
