/** The Node that wrangler and the TypeScript tests run on: the one from npm, or the user's own if it is new enough. */

import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../common/failure.mjs";
import { NPM_BIN, pathWith, ROOT } from "../common/paths.mjs";
import { capture } from "../common/processes.mjs";
import { atLeast, NODE_MINIMUM } from "./versions.mjs";

// No errors when offline, and no telemetry.
const QUIET_WRANGLER = {
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
};

/** The environment with npm's programs first on PATH. */
export function npmEnv() {
  return { ...process.env, PATH: pathWith(NPM_BIN) };
}

/** The environment for wrangler. */
export function wranglerEnv() {
  return { ...npmEnv(), ...QUIET_WRANGLER };
}

/**
 * Arguments for `node` that run wrangler. Its own start script is bypassed, because it does not forward signals.
 * @param {...string} args
 */
export function wranglerArgs(...args) {
  return ["--no-warnings", join(ROOT, "node_modules/wrangler/wrangler-dist/cli.js"), ...args];
}

const KIND = `${process.platform}-${process.arch}`;
// The package for Apple silicon has a different name.
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
 * Makes npm scripts and `npx` use the Node from npm. npm 10 removes its own link together with the packages for other
 * kinds of machine.
 */
export function linkNode() {
  // There npm leaves a shell script, and only administrators can make links.
  if (process.platform === "win32") return;
  const link = join(NPM_BIN, "node");
  const target = join("..", PACKAGE, "bin", "node");
  if (!existsSync(link) && existsSync(join(NPM_BIN, target))) symlinkSync(target, link);
}
