/** The tools that cargo installs, in our own folder: the user's own version is left alone. */

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CACHE, ROOT } from "../common/paths.ts";
import { capture } from "../common/processes.ts";
import type { Job } from "../common/steps.ts";
import { rustEnv } from "./toolchain.ts";

// Measured: optimising the tool doubles its own compile time, and saves 0.3 s in a build of the Worker, where it runs
// for half a second.
const QUICK_BUILD = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  CARGO_PROFILE_RELEASE_DEBUG: "0",
};

/** Writes the JavaScript side of the WebAssembly. It only works with the crate of exactly its own version. */
export const wasmBindgen = tool("wasm-bindgen-cli", "wasm-bindgen", lockedWasmBindgen());

/** Builds fuzz targets. Only `npm run fuzz` installs it. */
export const cargoFuzz = tool("cargo-fuzz", "cargo-fuzz", "0.13.2");

function tool(crate: string, name: string, version: string) {
  const root = join(CACHE, `${crate}-${version}`);
  // An interrupted installation continues here.
  const target = join(CACHE, "target");
  const program = join(root, "bin", name);
  return {
    program,
    /** One that does not print its version is only half installed. */
    isInstalled: () => capture(program, ["--version"])?.endsWith(version) === true,
    async install(job: Job) {
      const args = ["install", "--locked", "--force", "--root", root, "--target-dir", target];
      await job.run("cargo", [...args, `${crate}@${version}`], {
        env: { ...rustEnv(), ...QUICK_BUILD },
        next: "Check the network and the disk, then run this command again: it continues where it stopped.",
      });
      rmSync(target, { recursive: true, force: true });
    },
  };
}

function lockedWasmBindgen(): string {
  const lock = readFileSync(join(ROOT, "Cargo.lock"), "utf8");
  return /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(lock)?.[1] ?? "";
}
