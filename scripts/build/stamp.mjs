/** Whether a build is up to date: a hash of its inputs is stored with it. */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../common/paths.mjs";

/**
 * A hash of files and of the options of the build.
 * @param {string[]} inputs files and folders, from the root of the repository
 * @param {...string} options
 */
export function hashOf(inputs, ...options) {
  const hash = createHash("sha256").update(options.join());
  for (const file of inputs.flatMap(filesUnder)) {
    hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest("hex");
}

/**
 * @param {string} stamp the file with the hash of what was built
 * @param {string} wanted the hash that the build should have
 * @param {string[]} outputs files that must exist too
 */
export function isUpToDate(stamp, wanted, outputs) {
  return [stamp, ...outputs].every(existsSync) && readFileSync(stamp, "utf8") === wanted;
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesUnder(path) {
  const full = join(ROOT, path);
  if (statSync(full).isFile()) return [path];
  return readdirSync(full, { withFileTypes: true })
    .filter((entry) => entry.name !== "target")
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesUnder(join(path, entry.name)));
}
