/** Folders that all scripts share. */

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { fileNames } from "./windows.mjs";

/** The project's folder. */
export const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));

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
