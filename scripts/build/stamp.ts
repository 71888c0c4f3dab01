/** Builds only what is not up to date: a hash of its inputs is stored with each build. */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../common/lock.mjs";
import { ROOT } from "../common/paths.ts";
import { stayOrThrow } from "../common/processes.ts";

interface Target {
  /** Of the lock that keeps two commands from building it at the same time. */
  lock: string;
  /** The file with the hash of what was built. */
  stamp: string;
  /** Files and folders, from the root of the repository. */
  inputs: string[];
  /** What else the build depends on. */
  options?: string[];
  outputs: string[];
}

/** Builds a target, or calls `unchanged` if there is nothing to do. */
export async function unlessUpToDate(
  { lock, stamp, inputs, options = [], outputs }: Target,
  unchanged: () => void,
  build: () => Promise<void>,
): Promise<void> {
  const work = async () => {
    const wanted = hashOf(inputs, options);
    const isBuilt = [stamp, ...outputs].every(existsSync);
    if (isBuilt && readFileSync(stamp, "utf8") === wanted) return unchanged();
    rmSync(stamp, { force: true });
    await build();
    writeFileSync(stamp, wanted);
  };
  await withLock(join(ROOT, "target", `${lock}.lock`), work, stayOrThrow);
}

function hashOf(inputs: string[], options: string[]): string {
  const hash = createHash("sha256").update(options.join());
  for (const file of inputs.flatMap(filesUnder))
    hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  return hash.digest("hex");
}

function filesUnder(path: string): string[] {
  if (statSync(join(ROOT, path)).isFile()) return [path];
  return readdirSync(join(ROOT, path))
    .filter((name) => name !== "target")
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}
