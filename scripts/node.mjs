/** The Node that wrangler and the TypeScript tests run on: the one from npm, or the user's own if it is new enough. */

import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure.mjs";
import { capture, NPM_BIN, pathWith, ROOT } from "./paths.mjs";
import { atLeast, NODE_MINIMUM } from "./versions.mjs";

// Offline runs print no errors, and nobody is told what we do.
const QUIET_WRANGLER = {
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
};

/** Environment with the programs of npm first on PATH. */
export function npmEnv() {
  return { ...process.env, PATH: pathWith(NPM_BIN) };
}

/** Environment for wrangler. */
export function wranglerEnv() {
  return { ...npmEnv(), ...QUIET_WRANGLER };
}

/**
 * Arguments for `node` that run wrangler. Its own start script is left out: it does not hand on signals.
 * @param {...string} args
 */
export function wranglerArgs(...args) {
  return ["--no-warnings", join(ROOT, "node_modules/wrangler/wrangler-dist/cli.js"), ...args];
}

const KIND = `${process.platform}-${process.arch}`;
// The package for Apple silicon has a name of its own.
const PACKAGE = KIND === "darwin-arm64" ? `node-bin-${KIND}` : `node-${KIND}`;

const FILE = process.platform === "win32" ? "node.exe" : "node";

/** Path of a Node that is new enough. */
export function node() {
  const fromNpm = join(ROOT, "node_modules", PACKAGE, "bin", FILE);
  if (existsSync(fromNpm)) return fromNpm;
  const version = capture(process.execPath, ["--version"])?.slice(1) ?? "";
  if (atLeast(version, NODE_MINIMUM)) return process.execPath;
  throw new Failure(
    `Node ${version} is too old, and npm has no newer one for this kind of machine.`,
    {
      next: `Install Node ${NODE_MINIMUM} or newer and run this command again.`,
    },
  );
}

/**
 * Puts the Node from npm first for npm scripts and `npx`. npm 10 drops this link of its own, together with the
 * package that has the Node for another kind of machine.
 */
export function linkNode() {
  // There npm leaves a file for the shell, and links are for administrators.
  if (process.platform === "win32") return;
  const link = join(NPM_BIN, "node");
  const target = join("..", PACKAGE, "bin", "node");
  if (!existsSync(link) && existsSync(join(NPM_BIN, target))) symlinkSync(target, link);
}
