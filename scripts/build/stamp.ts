/** Whether a build is up to date: a hash of its inputs is stored with it. */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../common/paths.ts";

/** A hash of files and folders, from the root of the repository, and of the options of the build. */
export function hashOf(inputs: string[], ...options: string[]): string {
  const hash = createHash("sha256").update(options.join());
  for (const file of inputs.flatMap(filesUnder))
    hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  return hash.digest("hex");
}

/** Whether the stamp has the hash that the build should have, and its outputs exist too. */
export function isUpToDate(stamp: string, wanted: string, outputs: string[]): boolean {
  return [stamp, ...outputs].every(existsSync) && readFileSync(stamp, "utf8") === wanted;
}

function filesUnder(path: string): string[] {
  if (statSync(join(ROOT, path)).isFile()) return [path];
  return readdirSync(join(ROOT, path))
    .filter((name) => name !== "target")
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}
