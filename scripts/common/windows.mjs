/**
 * What is different on Windows. Programs installed by npm are JavaScript files with a `.cmd` next to them, which Node
 * does not start without a shell; and programs are found by the extensions in PATHEXT.
 */

import { readFileSync } from "node:fs";
import { basename, dirname, join, win32 } from "node:path";

/** @typedef {{ program: string, args: readonly string[] }} Started */

/**
 * How to start a program: unchanged, except for npm's programs on Windows, which Node runs.
 * @param {string} command a name or a path
 * @param {readonly string[]} args
 * @param {object} machine
 * @param {NodeJS.Platform} [machine.platform]
 * @param {string} machine.root the folder that has `node_modules`
 * @param {string | undefined} [machine.npm] the file of npm itself
 * @returns {Started}
 */
export function asStarted(
  command,
  args,
  { platform = process.platform, root, npm = process.env.npm_execpath },
) {
  if (platform !== "win32") return { program: command, args };
  const name = win32.basename(command);
  const entry = name === "npm" ? npm : binOf(name, command, root);
  if (entry === undefined) return { program: command, args };
  return { program: process.execPath, args: [entry, ...args] };
}

/**
 * The file of a program installed by npm; undefined for any other program.
 * @param {string} name
 * @param {string} command
 * @param {string} root
 */
function binOf(name, command, root) {
  if (name !== command && basename(dirname(command)) !== ".bin") return undefined;
  for (const [folder, { bin }] of Object.entries(installed(root))) {
    const file = bin && Object.hasOwn(bin, name) ? bin[name] : undefined;
    if (file !== undefined) return join(root, folder, file);
  }
  return undefined;
}

/**
 * What npm has installed, by folder.
 * @param {string} root
 * @returns {Record<string, { bin?: Record<string, string> }>}
 */
function installed(root) {
  return JSON.parse(readFileSync(join(root, "node_modules", ".package-lock.json"), "utf8"))
    .packages;
}

/**
 * The names that a program may have as a file.
 * @param {string} program
 * @param {NodeJS.Platform} [platform]
 * @param {string} [endings]
 * @returns {string[]}
 */
export function fileNames(
  program,
  platform = process.platform,
  endings = process.env.PATHEXT ?? ".COM;.EXE;.BAT;.CMD",
) {
  if (platform !== "win32") return [program];
  return ["", ...endings.toLowerCase().split(";")].map((ending) => program + ending);
}
