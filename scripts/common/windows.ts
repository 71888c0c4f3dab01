/**
 * What is different on Windows. Programs installed by npm are JavaScript files with a `.cmd` next to them, which Node
 * does not start without a shell; and programs are found by the extensions in PATHEXT.
 */

import { readFileSync } from "node:fs";
import { basename, dirname, join, win32 } from "node:path";

interface Machine {
  platform?: NodeJS.Platform;
  /** The folder that has `node_modules`. */
  root: string;
  /** The file of npm itself. */
  npm?: string | undefined;
}

/** How to start a program: unchanged, except for npm's programs on Windows, which Node runs. */
export function asStarted(
  command: string,
  args: readonly string[],
  { platform = process.platform, root, npm = process.env.npm_execpath }: Machine,
): { program: string; args: readonly string[] } {
  if (platform !== "win32") return { program: command, args };
  const name = win32.basename(command);
  const entry = name === "npm" ? npm : binOf(name, command, root);
  if (entry === undefined) return { program: command, args };
  return { program: process.execPath, args: [entry, ...args] };
}

/** The file of a program installed by npm; undefined for any other program. */
function binOf(name: string, command: string, root: string): string | undefined {
  if (name !== command && basename(dirname(command)) !== ".bin") return undefined;
  const lock = readFileSync(join(root, "node_modules", ".package-lock.json"), "utf8");
  const installed: Record<string, { bin?: Record<string, string> }> = JSON.parse(lock).packages;
  for (const [folder, { bin = {} }] of Object.entries(installed))
    if (Object.hasOwn(bin, name)) return join(root, folder, bin[name] ?? "");
  return undefined;
}

/** The names that a program may have as a file. */
export function fileNames(
  program: string,
  platform = process.platform,
  endings = process.env.PATHEXT ?? ".COM;.EXE;.BAT;.CMD",
): string[] {
  if (platform !== "win32") return [program];
  return ["", ...endings.toLowerCase().split(";")].map((ending) => program + ending);
}
