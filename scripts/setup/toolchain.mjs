/**
 * Finds the Rust toolchain that compiles to WebAssembly, and installs it if it is missing.
 *
 * Normally that is rustup's toolchain with its target wasm32-unknown-unknown. Where rustup can't download, Debian's own
 * Rust is used instead, for the WebAssembly build alone (scripts/setup/debian.mjs). The environment variable
 * VALIDIANT_WASM_TOOLCHAIN=rustup|debian forces one of the two.
 */

import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { REAL_LINKER } from "../build/wasm-ld.mjs";
import { Failure } from "../common/failure.mjs";
import { pathWith, ROOT, which } from "../common/paths.mjs";
import { capture } from "../common/processes.mjs";
import { hasApt } from "./apt.mjs";
import { buildDebianToolchain, debianToolchain } from "./debian.mjs";
import { atLeast, WASM } from "./versions.mjs";

const LINKER = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER";
const RUSTUP_TIMEOUT_SECONDS = 120;
const forced = process.env.VALIDIANT_WASM_TOOLCHAIN;

/** @typedef {{ kind: "rustup" | "debian", env: NodeJS.ProcessEnv, clippy: string[] }} WasmToolchain */

/**
 * The environment for native cargo commands: rustup's folder is on PATH even in a shell that was opened
 * before rustup was installed.
 * @returns {NodeJS.ProcessEnv}
 */
export function rustEnv() {
  if (which("cargo")) return process.env;
  const cargoBin = join(process.env.CARGO_HOME || join(homedir(), ".cargo"), "bin");
  return { ...process.env, PATH: pathWith(cargoBin) };
}

/** Fails unless there is a Rust that can compile this project. */
export function checkRust() {
  const version = capture("rustc", ["--version"], rustEnv())?.split(" ")[1];
  if (version === undefined) {
    throw new Failure("Rust was not found (no working `rustc` on PATH or in ~/.cargo/bin).", {
      next: "Install it from https://rustup.rs and run this command again.",
    });
  }
  const manifest = readFileSync(join(ROOT, "Cargo.toml"), "utf8");
  const minimum = /rust-version = "([^"]+)"/.exec(manifest)?.[1] ?? "0";
  if (!atLeast(version, minimum)) {
    throw new Failure(`Rust ${version} is too old: this project needs ${minimum} or newer.`, {
      next: "rustup update stable",
    });
  }
}

/**
 * The installed toolchain for WebAssembly: the environment for cargo, and the clippy command.
 * @returns {WasmToolchain | undefined}
 */
export function findWasmToolchain() {
  if (forced !== "debian" && rustupHasTarget()) {
    const env = rustEnv();
    const linker = env[LINKER] ?? rustLld();
    return { kind: "rustup", env: linkedBy(env, linker), clippy: ["cargo", "clippy"] };
  }
  const debian = forced === "rustup" ? undefined : debianToolchain(rustLld());
  return debian && { ...debian, env: linkedBy(debian.env, debian.env[LINKER]) };
}

/**
 * Links through scripts/build/wasm-ld.mjs.
 * @param {NodeJS.ProcessEnv} env
 * @param {string | undefined} linker
 * @returns {NodeJS.ProcessEnv}
 */
function linkedBy(env, linker) {
  const extension = process.platform === "win32" ? "cmd" : "mjs";
  const ours = join(ROOT, "scripts", "build", `wasm-ld.${extension}`);
  return linker === undefined ? env : { ...env, [LINKER]: ours, [REAL_LINKER]: linker };
}

/** The same, for callers that run after setup. */
export function wasmToolchain() {
  const found = findWasmToolchain();
  if (found) return found;
  throw new Failure(`The Rust target ${WASM} is not installed.`, { next: "npm run setup" });
}

/**
 * Installs the target with rustup, or else builds it for Debian's Rust.
 * @param {import("../common/steps.mjs").Job} job
 */
export async function installWasmTarget(job) {
  if (forced === "debian") return buildDebianToolchain(job, rustLld());
  try {
    await job.run("rustup", ["target", "add", WASM], {
      env: rustEnv(),
      timeoutSeconds: RUSTUP_TIMEOUT_SECONDS,
      next: `rustup target add ${WASM}`,
    });
  } catch (error) {
    if (forced === "rustup" || !hasApt()) throw error;
    await buildDebianToolchain(job, rustLld());
  }
}

function rustupHasTarget() {
  const folder = capture("rustc", ["--print", "target-libdir", "--target", WASM], rustEnv());
  try {
    return readdirSync(folder ?? "").some((file) => /^libcore-.*\.rlib$/.test(file));
  } catch {
    return false;
  }
}

/** rustup's toolchains include the linker for WebAssembly, whichever targets they have. */
function rustLld() {
  const folder = capture("rustc", ["--print", "target-libdir"], rustEnv());
  return which("rust-lld", join(folder ?? "", "..", "bin"));
}
