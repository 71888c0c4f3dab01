/**
 * Debian's own Rust as the compiler for WebAssembly, for machines on which rustup cannot download its target.
 *
 * Debian ships the source of the standard library, but no build of it for this target. We build it once, in about a
 * minute, into our own sysroot and leave the system's folders alone. A stamp records which rustc built it, because
 * after an upgrade the library no longer fits the compiler.
 */

import * as fs from "node:fs";
import { join } from "node:path";
import { CACHE, inTemporaryFolder, pathWith } from "../common/paths.ts";
import { capture } from "../common/processes.ts";
import type { Job } from "../common/steps.ts";
import { aptInstall } from "./system.ts";
import { WASM, type WasmToolchain } from "./wasm.ts";

const RUSTC = "/usr/bin/rustc";
const CARGO = "/usr/bin/cargo";
const PACKAGES = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"];
const HOME = join(CACHE, "debian-rust");
const STAMP = "built-by";
const EMPTY_CRATE = '[package]\nname = "empty"\nedition = "2024"\n[lib]\npath = "lib.rs"\n';

/** Debian's toolchain, if its library is built and fits its compiler. `rustLld` is rustup's linker for WebAssembly. */
export function debianToolchain(rustLld: string | undefined): WasmToolchain | undefined {
  const version = capture(RUSTC, ["-vV"]);
  if (version === undefined || !isBuiltBy(version)) return undefined;
  const linker = rustLld ?? `/usr/bin/wasm-ld-${llvmMajor(version)}`;
  if (!fs.existsSync(linker)) return undefined;
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
  return { env, clippy: ["/usr/bin/cargo-clippy", "clippy"] };
}

/** Installs Debian's Rust and builds the standard library for WebAssembly. */
export async function buildDebianToolchain(job: Job, rustLld: string | undefined): Promise<void> {
  await aptInstall(job, PACKAGES);
  const version = capture(RUSTC, ["-vV"]) ?? "";
  if (rustLld === undefined) await aptInstall(job, [`lld-${llvmMajor(version)}`]);
  if (isBuiltBy(version)) return;
  await inTemporaryFolder(async (folder) => {
    await buildStd(job, folder);
    layOut(join(folder, "target", WASM, "release", "deps"), version);
  });
}

/** Builds std for an empty crate. */
async function buildStd(job: Job, folder: string): Promise<void> {
  fs.writeFileSync(join(folder, "Cargo.toml"), EMPTY_CRATE);
  fs.writeFileSync(join(folder, "lib.rs"), "#![no_std]\n");
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

/** Lays out the sysroot: Debian's own with the new library added. */
function layOut(deps: string, version: string): void {
  const next = `${HOME}.new`;
  const rustlib = join(next, "lib", "rustlib");
  const library = join(rustlib, WASM, "lib");
  fs.rmSync(next, { recursive: true, force: true });
  fs.mkdirSync(library, { recursive: true });
  for (const file of fs.readdirSync(deps))
    if (file.endsWith(".rlib") && !file.startsWith("libempty-"))
      fs.copyFileSync(join(deps, file), join(library, file));
  const host = /^host: (.+)$/m.exec(version)?.[1] ?? "";
  fs.symlinkSync(join("/usr/lib/rustlib", host), join(rustlib, host));
  fs.mkdirSync(join(next, "bin"));
  fs.symlinkSync(CARGO, join(next, "bin", "cargo"));
  const rustc = `#!/bin/sh\nexec ${RUSTC} --sysroot '${HOME}' "$@"\n`;
  fs.writeFileSync(join(next, "bin", "rustc"), rustc, { mode: 0o755 });
  fs.writeFileSync(join(next, STAMP), version);
  fs.rmSync(HOME, { recursive: true, force: true });
  fs.renameSync(next, HOME);
}

function isBuiltBy(version: string): boolean {
  const stamp = join(HOME, STAMP);
  return fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === version;
}

/** From the output of `rustc -vV`. */
function llvmMajor(version: string): string {
  return /^LLVM version: (\d+)/m.exec(version)?.[1] ?? "";
}
