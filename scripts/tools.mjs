/** The build tools that cargo installs, in a folder of our own: a user's other versions stay as they are. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { CACHE, capture } from "./paths.mjs";
import { rustEnv } from "./toolchain.mjs";
import { WASM_BINDGEN_CLI, WORKER_BUILD } from "./versions.mjs";

/** @typedef {{ crate: string, version: string, root: string, bin: string }} Tool */

/** Compiles the Worker and puts it together. */
export const workerBuild = tool("worker-build", WORKER_BUILD, "worker-build");

/** Writes the JavaScript side of the WebAssembly; worker-build calls it. */
export const wasmBindgen = tool("wasm-bindgen-cli", WASM_BINDGEN_CLI, "wasm-bindgen");

/** The tools that are not installed. One that does not tell its version is half installed: missing. */
export function missingTools() {
  return [workerBuild, wasmBindgen].filter(
    ({ bin, version }) => !capture(bin, ["--version"])?.endsWith(version),
  );
}

/** Both tools share their compiled dependencies here, and an interrupted installation continues. */
const TARGET = join(CACHE, "target");

/**
 * Compiles and installs a tool.
 * @param {import("./steps.mjs").Job} job
 * @param {Tool} tool
 */
export async function installTool(job, { crate, version, root }) {
  const args = ["install", "--locked", "--force", "--root", root, "--target-dir", TARGET];
  await job.run("cargo", [...args, `${crate}@${version}`], {
    env: { ...rustEnv(), ...QUICK_BUILD },
    next: "Check the network and the disk, then run this command again: it continues where it was.",
  });
}

/** Frees the space that only compiling the tools needed. */
export function removeLeftovers() {
  rmSync(TARGET, { recursive: true, force: true });
}

// Measured: optimising the tools makes their own compilation twice as long, and a build of the Worker, where
// they run for half a second, 0.3 s shorter.
const QUICK_BUILD = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  CARGO_PROFILE_RELEASE_DEBUG: "0",
};

/**
 * @param {string} crate
 * @param {string} version
 * @param {string} program
 * @returns {Tool}
 */
function tool(crate, version, program) {
  const root = join(CACHE, `${crate}-${version}`);
  return { crate, version, root, bin: join(root, "bin", program) };
}
