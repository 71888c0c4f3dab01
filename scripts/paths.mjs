/** Folders that all scripts share. */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { stayOrThrow } from "./processes.mjs";
import { fileNames } from "./windows.mjs";

/** The project's folder. */
export const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));

/** Tools and logs that outlive `node_modules` and serve every clone of the project. */
export const CACHE = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "validiant-realtime",
);

/** Programs installed by npm. */
export const NPM_BIN = join(ROOT, "node_modules", ".bin");

/**
 * The first folder on PATH that has this program, as a full path.
 * @param {string} program
 * @param {string} [path]
 * @returns {string | undefined}
 */
export function which(program, path = process.env.PATH ?? "") {
  return path
    .split(delimiter)
    .flatMap((folder) => fileNames(program).map((name) => join(folder, name)))
    .find((file) => existsSync(file));
}

/**
 * PATH with these folders first.
 * @param {...string} folders
 */
export function pathWith(...folders) {
  return [...folders, process.env.PATH ?? ""].join(delimiter);
}

/**
 * What a command prints, or nothing if it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined}
 */
export function capture(command, args, env = process.env) {
  stayOrThrow();
  const { status, stdout } = spawnSync(command, args, { cwd: ROOT, env, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
