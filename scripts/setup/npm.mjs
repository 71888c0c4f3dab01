/** The npm packages, and the Node that comes with them: wrangler and the TypeScript need a newer one than many have. */

import { existsSync, statSync, symlinkSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "../common/lock.mjs";

/** The oldest Node that wrangler and type stripping work on. */
export const NODE_MINIMUM = "22.18.0";
const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const MODULES = join(ROOT, "node_modules");
const BIN = join(MODULES, ".bin");
const WINDOWS = process.platform === "win32";
const KIND = `${process.platform}-${process.arch}`;
// The package for Apple silicon has a different name.
const PACKAGE = KIND === "darwin-arm64" ? `node-bin-${KIND}` : `node-${KIND}`;

/**
 * Installs them unless they are up to date. Ends this process if that fails.
 * @param {(program: string, args: string[], options: object) => Promise<number>} run
 */
export async function installPackages(run) {
  if (areCurrent()) return linkNode();
  // Without the lock, two commands started at the same time would both install them.
  await withLock(join(ROOT, "target", "npm.lock"), async () => {
    if (areCurrent()) return;
    // The output of a command may be its answer, such as a token.
    console.error("Installing the npm packages");
    // npm deletes node_modules first, so it must not run on the Node inside it.
    const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== BIN);
    const env = { ...process.env, PATH: path.join(delimiter) };
    const [npm, ...args] = WINDOWS ? [process.execPath, `${process.env.npm_execpath}`] : ["npm"];
    const options = { cwd: ROOT, env, stdio: ["ignore", 2, 2] };
    const code = await run(npm, [...args, "ci", "--loglevel=error", "--no-progress"], options);
    if (code === 0) return;
    console.error("The npm packages could not be installed.");
    console.error("Next: Check the network, then run this command again.");
    process.exit(code);
  });
  linkNode();
}

/** npm writes its own copy of the lock file last: an interrupted installation has none. */
function areCurrent() {
  return modified(join(MODULES, ".package-lock.json")) >= modified(join(ROOT, "package-lock.json"));
}

/** @param {string} file */
function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Path of a Node that is new enough. */
export function findNode() {
  const fromNpm = join(MODULES, PACKAGE, "bin", WINDOWS ? "node.exe" : "node");
  if (existsSync(fromNpm)) return fromNpm;
  console.error(`Node ${process.versions.node} is too old, and npm has no newer one for ${KIND}.`);
  console.error(`Next: Install Node ${NODE_MINIMUM} or newer and run this command again.`);
  process.exit(1);
}

/** Whether version `a` is at least version `b`; both are dotted numbers. @param {string} a @param {string} b */
export function atLeast(a, b) {
  return a.localeCompare(b, "en", { numeric: true }) >= 0;
}

/**
 * Makes npm scripts and `npx` use the Node from npm. npm 10 removes its own link together with the packages for other
 * kinds of machine.
 */
function linkNode() {
  // There npm leaves a shell script, and only administrators can make links.
  if (WINDOWS) return;
  const link = join(BIN, "node");
  const target = join("..", PACKAGE, "bin", "node");
  if (!existsSync(link) && existsSync(join(BIN, target))) symlinkSync(target, link);
}
