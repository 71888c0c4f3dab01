/**
 * Debian's own Rust as the compiler for WebAssembly, for machines on which rustup cannot download its target.
 *
 * Debian ships the source of the standard library, but no build of it for this target. We build it once, in about a
 * minute, into our own sysroot and leave the system's folders alone. A stamp records which rustc built it, because
 * after an upgrade the library no longer fits the compiler.
 */

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CACHE, pathWith } from "../common/paths.mjs";
import { capture } from "../common/processes.mjs";
import { aptInstall } from "./apt.mjs";
import { WASM } from "./versions.mjs";

const RUSTC = "/usr/bin/rustc";
const CARGO = "/usr/bin/cargo";
const PACKAGES = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"];
const HOME = join(CACHE, "debian-rust");
const STAMP = "built-by";

/**
 * Debian's toolchain, if its library is built and fits its compiler.
 * @param {string | undefined} rustLld rustup's linker for WebAssembly
 * @returns {import("./toolchain.mjs").WasmToolchain | undefined}
 */
export function debianToolchain(rustLld) {
  const version = capture(RUSTC, ["-vV"]);
  if (version === undefined || version !== readStamp()) return undefined;
  const linker = rustLld ?? debianLinker(version);
  if (!existsSync(linker)) return undefined;
  const env = {
    ...process.env,
    PATH: pathWith(join(HOME, "bin")),
    RUSTC: join(HOME, "bin", "rustc"),
    CARGO,
    // clippy-driver is a separate compiler and looks for the sysroot here.
    SYSROOT: HOME,
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: linker,
  };
  // Through `cargo` the clippy of rustup would be found first.
  return { kind: "debian", env, clippy: ["/usr/bin/cargo-clippy", "clippy"] };
}

/**
 * Installs Debian's Rust and builds the standard library for WebAssembly.
 * @param {import("../common/steps.mjs").Job} job
 * @param {string | undefined} rustLld rustup's linker for WebAssembly
 */
export async function buildDebianToolchain(job, rustLld) {
  await aptInstall(job, PACKAGES);
  const version = capture(RUSTC, ["-vV"]) ?? "";
  if (rustLld === undefined) await aptInstall(job, [`lld-${llvmMajor(version)}`]);
  if (version === readStamp()) return;
  const folder = mkdtempSync(join(tmpdir(), "validiant-std-"));
  try {
    await buildStd(job, folder);
    layOut(join(folder, "target", WASM, "release", "deps"), version);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {import("../common/steps.mjs").Job} job
 * @param {string} folder where the empty crate goes that std is built for
 */
async function buildStd(job, folder) {
  writeFileSync(
    join(folder, "Cargo.toml"),
    '[package]\nname = "empty"\nedition = "2024"\n[lib]\npath = "lib.rs"\n',
  );
  writeFileSync(join(folder, "lib.rs"), "#![no_std]\n");
  const env = {
    ...process.env,
    RUSTC,
    RUSTC_BOOTSTRAP: "1",
    // Without its bitcode the library cannot take part in the Worker's link-time optimisation.
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS: "-Cembed-bitcode=yes",
  };
  const args = ["build", "--release", "--target", WASM, "-Zbuild-std=std,panic_abort,proc_macro"];
  await job.run(CARGO, [...args, "--target-dir", join(folder, "target")], { env, cwd: folder });
}

/**
 * Lays out the sysroot: Debian's own with the new library added.
 * @param {string} deps
 * @param {string} version
 */
function layOut(deps, version) {
  const next = `${HOME}.new`;
  const rustlib = join(next, "lib", "rustlib");
  const library = join(rustlib, WASM, "lib");
  rmSync(next, { recursive: true, force: true });
  mkdirSync(library, { recursive: true });
  for (const file of readdirSync(deps)) {
    if (file.endsWith(".rlib") && !file.startsWith("libempty-"))
      copyFileSync(join(deps, file), join(library, file));
  }
  const host = /^host: (.+)$/m.exec(version)?.[1] ?? "";
  symlinkSync(join("/usr/lib/rustlib", host), join(rustlib, host));
  mkdirSync(join(next, "bin"));
  symlinkSync(CARGO, join(next, "bin", "cargo"));
  writeFileSync(join(next, "bin", "rustc"), `#!/bin/sh\nexec ${RUSTC} --sysroot '${HOME}' "$@"\n`, {
    mode: 0o755,
  });
  writeFileSync(join(next, STAMP), version);
  rmSync(HOME, { recursive: true, force: true });
  renameSync(next, HOME);
}

function readStamp() {
  try {
    return readFileSync(join(HOME, STAMP), "utf8");
  } catch {
    return undefined;
  }
}

/** @param {string} version */
function debianLinker(version) {
  return `/usr/bin/wasm-ld-${llvmMajor(version)}`;
}

/** @param {string} version the output of `rustc -vV` */
function llvmMajor(version) {
  return /^LLVM version: (\d+)/m.exec(version)?.[1] ?? "";
}
