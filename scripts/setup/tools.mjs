/** The tools that cargo installs, in our own folder: the user's own version is left alone. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "../common/paths.mjs";
import { capture } from "../common/processes.mjs";
import { rustEnv } from "./toolchain.mjs";
import { CARGO_FUZZ, WASM_BINDGEN_CLI } from "./versions.mjs";

/** An interrupted installation continues here. */
const TARGET = join(CACHE, "target");

/** Path of the program that writes the JavaScript side of the WebAssembly. */
export const wasmBindgen = program("wasm-bindgen-cli", WASM_BINDGEN_CLI, "wasm-bindgen");

/** Path of the program that builds fuzz targets. */
export const cargoFuzz = program("cargo-fuzz", CARGO_FUZZ, "cargo-fuzz");

/** Whether wasm-bindgen is installed. */
export function hasWasmBindgen() {
  return tellsVersion(wasmBindgen, WASM_BINDGEN_CLI);
}

/** Whether cargo-fuzz is installed. */
export function hasCargoFuzz() {
  return tellsVersion(cargoFuzz, CARGO_FUZZ);
}

/**
 * Compiles and installs wasm-bindgen.
 * @param {import("../common/steps.mjs").Job} job
 */
export async function installWasmBindgen(job) {
  await install(job, "wasm-bindgen-cli", WASM_BINDGEN_CLI);
}

/**
 * Compiles and installs cargo-fuzz.
 * @param {import("../common/steps.mjs").Job} job
 */
export async function installCargoFuzz(job) {
  await install(job, "cargo-fuzz", CARGO_FUZZ);
}

/** @param {string} crate @param {string} version */
function folder(crate, version) {
  return join(CACHE, `${crate}-${version}`);
}

/** @param {string} crate @param {string} version @param {string} name */
function program(crate, version, name) {
  return join(folder(crate, version), "bin", name);
}

/**
 * A program that does not print its version is only half installed.
 * @param {string} path
 * @param {string} version
 */
function tellsVersion(path, version) {
  return capture(path, ["--version"])?.endsWith(version) === true;
}

/**
 * @param {import("../common/steps.mjs").Job} job
 * @param {string} crate
 * @param {string} version
 */
async function install(job, crate, version) {
  const root = folder(crate, version);
  const args = ["install", "--locked", "--force", "--root", root, "--target-dir", TARGET];
  await job.run("cargo", [...args, `${crate}@${version}`], {
    env: { ...rustEnv(), ...QUICK_BUILD },
    next: "Check the network and the disk, then run this command again: it continues where it stopped.",
  });
  rmSync(TARGET, { recursive: true, force: true });
}

// Measured: optimising the tool doubles its own compile time, and saves 0.3 s in a build of the Worker, where it runs
// for half a second.
const QUICK_BUILD = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  CARGO_PROFILE_RELEASE_DEBUG: "0",
};
