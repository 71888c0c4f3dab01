/** Bun and Deno, in which the npm package is tested as well as in Node. */

import { join } from "node:path";
import { Failure } from "../common/failure.mjs";
import { BUN, DENO } from "../setup/versions.mjs";

/**
 * The npm packages with the programs themselves, by kind of machine. The packages `bun` and `deno` rely on install
 * scripts, which npm is told not to run.
 * @type {Record<string, { bun: string, deno: string } | undefined>}
 */
const PACKAGES = {
  "linux-x64": { bun: "@oven/bun-linux-x64", deno: "@deno/linux-x64-glibc" },
  "linux-arm64": { bun: "@oven/bun-linux-aarch64", deno: "@deno/linux-arm64-glibc" },
  "darwin-x64": { bun: "@oven/bun-darwin-x64", deno: "@deno/darwin-x64" },
  "darwin-arm64": { bun: "@oven/bun-darwin-aarch64", deno: "@deno/darwin-arm64" },
};

/**
 * What to install for this kind of machine, in npm's notation, and the resulting paths below `node_modules`. Fails if
 * there is nothing for this machine.
 */
export function runtimes() {
  const kind = `${process.platform}-${process.arch}`;
  const packages = PACKAGES[kind];
  if (!packages) throw new Failure(`There is no known Bun and Deno for ${kind}.`);
  const { bun, deno } = packages;
  return {
    packages: [`${bun}@${BUN}`, `${deno}@${DENO}`],
    bun: join("node_modules", bun, "bin", "bun"),
    deno: join("node_modules", deno, "deno"),
  };
}
