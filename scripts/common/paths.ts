/** Folders and programs that all commands share. */

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileNames } from "./windows.ts";

/** The project's folder. */
export const ROOT = resolve(import.meta.dirname, "../..");

/** Tools and logs that outlive `node_modules` and serve every clone of the project. */
export const CACHE = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "validiant-realtime",
);

/** Programs installed by npm. */
export const NPM_BIN = join(ROOT, "node_modules", ".bin");

/** The first folder on PATH that has this program, as a full path. */
export function which(program: string, path = process.env.PATH ?? ""): string | undefined {
  return path
    .split(delimiter)
    .flatMap((folder) => fileNames(program).map((name) => join(folder, name)))
    .find((file) => existsSync(file));
}

/** PATH with these folders first. */
export function pathWith(...folders: string[]): string {
  return [...folders, process.env.PATH ?? ""].join(delimiter);
}
