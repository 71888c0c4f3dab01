/** Folders and programs that all commands share. */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
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

/** Runs `work` with a new folder, and removes that afterwards. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "validiant-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
