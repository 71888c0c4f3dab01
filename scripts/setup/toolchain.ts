/**
 * Finds the Rust toolchain that compiles to WebAssembly, and installs it if it is missing.
 *
 * Normally that is rustup's toolchain with its target wasm32-unknown-unknown. Where rustup can't download, Debian's own
 * Rust is used instead, for the WebAssembly build alone (debian.ts). The environment variable
 * VALIDIANT_WASM_TOOLCHAIN=rustup|debian forces one of the two.
 */

import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { REAL_LINKER } from "../build/wasm-ld.mjs";
import { Failure } from "../common/failure.ts";
import { pathWith, ROOT, which } from "../common/paths.ts";
import { capture } from "../common/processes.ts";
import type { Job } from "../common/steps.ts";
import { buildDebianToolchain, debianToolchain } from "./debian.ts";
import { atLeast } from "./npm.mjs";
import { hasApt } from "./system.ts";
import { WASM, type WasmToolchain } from "./wasm.ts";

const LINKER = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER";
const RUSTUP_TIMEOUT_SECONDS = 120;
const forced = process.env.VALIDIANT_WASM_TOOLCHAIN;

/** The environment for native cargo commands, even in a shell that was opened before rustup was installed. */
export function rustEnv(): NodeJS.ProcessEnv {
  if (which("cargo")) return process.env;
  const cargoBin = join(process.env.CARGO_HOME || join(homedir(), ".cargo"), "bin");
  return { ...process.env, PATH: pathWith(cargoBin) };
}

/** Fails unless there is a Rust that can compile this project. */
export function checkRust(): void {
  const version = capture("rustc", ["--version"], rustEnv())?.split(" ")[1];
  if (version === undefined)
    throw new Failure("Rust was not found (no working `rustc` on PATH or in ~/.cargo/bin).", {
      next: "Install it from https://rustup.rs and run this command again.",
    });
  const manifest = readFileSync(join(ROOT, "Cargo.toml"), "utf8");
  const minimum = /rust-version = "([^"]+)"/.exec(manifest)?.[1] ?? "0";
  if (atLeast(version, minimum)) return;
  throw new Failure(`Rust ${version} is too old: this project needs ${minimum} or newer.`, {
    next: "rustup update stable",
  });
}

/** The installed toolchain for WebAssembly. */
export function findWasmToolchain(): WasmToolchain | undefined {
  if (forced !== "debian" && rustupHasTarget())
    return throughOurLinker({
      env: { [LINKER]: rustLld(), ...rustEnv() },
      clippy: ["cargo", "clippy"],
    });
  const debian = forced === "rustup" ? undefined : debianToolchain(rustLld());
  return debian && throughOurLinker(debian);
}

/** Links through scripts/build/wasm-ld.mjs. */
function throughOurLinker({ env, clippy }: WasmToolchain): WasmToolchain {
  const extension = process.platform === "win32" ? "cmd" : "mjs";
  const ours = join(ROOT, "scripts", "build", `wasm-ld.${extension}`);
  const linker = env[LINKER];
  return { env: linker ? { ...env, [LINKER]: ours, [REAL_LINKER]: linker } : env, clippy };
}

/** The same, for callers that run after setup. */
export function wasmToolchain(): WasmToolchain {
  const found = findWasmToolchain();
  if (found) return found;
  throw new Failure(`The Rust target ${WASM} is not installed.`, { next: "npm run setup" });
}

/** Installs the target with rustup, or else builds it for Debian's Rust. */
export async function installWasmTarget(job: Job): Promise<void> {
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

function rustupHasTarget(): boolean {
  const folder = capture("rustc", ["--print", "target-libdir", "--target", WASM], rustEnv());
  try {
    return readdirSync(folder ?? "").some((file) => /^libcore-.*\.rlib$/.test(file));
  } catch {
    return false;
  }
}

/** rustup's toolchains include the linker for WebAssembly, whichever targets they have. */
function rustLld(): string | undefined {
  const folder = capture("rustc", ["--print", "target-libdir"], rustEnv());
  return which("rust-lld", join(folder ?? "", "..", "bin"));
}
