/** The build tool that cargo installs, in a folder of our own: a user's other version stays as it is. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { CACHE, capture } from "./paths.mjs";
import { rustEnv } from "./toolchain.mjs";
import { WASM_BINDGEN_CLI } from "./versions.mjs";

const ROOT = join(CACHE, `wasm-bindgen-cli-${WASM_BINDGEN_CLI}`);
/** An interrupted installation continues here. */
const TARGET = join(CACHE, "target");

/** Path of the program that writes the JavaScript side of the WebAssembly. */
export const wasmBindgen = join(ROOT, "bin", "wasm-bindgen");

/** Whether it is installed. One that does not tell its version is half installed. */
export function hasWasmBindgen() {
  return capture(wasmBindgen, ["--version"])?.endsWith(WASM_BINDGEN_CLI) === true;
}

/**
 * Compiles and installs it.
 * @param {import("./steps.mjs").Job} job
 */
export async function installWasmBindgen(job) {
  const args = ["install", "--locked", "--force", "--root", ROOT, "--target-dir", TARGET];
  await job.run("cargo", [...args, `wasm-bindgen-cli@${WASM_BINDGEN_CLI}`], {
    env: { ...rustEnv(), ...QUICK_BUILD },
    next: "Check the network and the disk, then run this command again: it continues where it was.",
  });
  rmSync(TARGET, { recursive: true, force: true });
}

// Measured: optimising the tool makes its own compilation twice as long, and a build of the Worker, where it runs
// for half a second, 0.3 s shorter.
const QUICK_BUILD = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  CARGO_PROFILE_RELEASE_DEBUG: "0",
};
