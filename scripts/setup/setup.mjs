/**
 * Installs everything that the other commands need: the Rust target, wasm-bindgen, the npm packages and, for the
 * tests, a browser. Does nothing if everything is installed.
 *
 *     node scripts/setup/setup.mjs
 */

import { readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Failure } from "../common/failure.mjs";
import { withLock } from "../common/lock.mjs";
import { main } from "../common/main.mjs";
import { readOptions } from "../common/options.mjs";
import { CACHE, NPM_BIN, ROOT, which } from "../common/paths.mjs";
import { already, step } from "../common/steps.mjs";
import { aptInstall, hasApt } from "./apt.mjs";
import { findChromium, installChromium } from "./chromium.mjs";
import { linkNode } from "./node.mjs";
import { checkRust, findWasmToolchain, installWasmTarget } from "./toolchain.mjs";
import { hasWasmBindgen, installWasmBindgen } from "./tools.mjs";
import { checkWasmBindgen } from "./versions.mjs";

/** @typedef {{ rust?: boolean, browser?: boolean }} Wanted */

/**
 * Prepares the machine for the other commands.
 * @param {Wanted} [wanted] Rust and its tools (yes by default); the browser for the tests
 */
export async function setup({ rust = true, browser = false } = {}) {
  if (rust) {
    checkRust();
    checkWasmBindgen(readFileSync(join(ROOT, "Cargo.lock"), "utf8"));
  }
  // Without the lock, two commands started at the same time would install everything twice.
  await withLock(join(CACHE, "setup.lock"), async () => {
    await install({ rust, browser });
    linkNode();
  });
}

/** @param {Required<Wanted>} wanted */
async function install({ rust, browser }) {
  const missing = {
    // On Windows, rustup makes sure that there is a linker.
    compiler: rust && process.platform !== "win32" && which("cc") === undefined,
    target: rust && findWasmToolchain() === undefined,
    bindgen: rust && !hasWasmBindgen(),
    packages: !packagesAreCurrent(),
    chromium: browser && findChromium() === undefined,
  };
  if (!Object.values(missing).includes(true)) {
    return already("Tools and packages", "up to date");
  }
  if (missing.compiler) await step("C compiler", installCompiler);
  if (missing.target) await step("WebAssembly target", installWasmTarget);
  await Promise.all([
    missing.chromium && step("Chromium", installChromium),
    missing.packages && step("npm packages", installPackages),
    missing.bindgen && step("wasm-bindgen", installWasmBindgen),
  ]);
}

/** npm writes its own copy of the lock file last: an interrupted installation has none. */
function packagesAreCurrent() {
  const installed = modified(join(ROOT, "node_modules", ".package-lock.json"));
  return installed >= modified(join(ROOT, "package-lock.json"));
}

/** @param {string} file */
function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** @param {import("../common/steps.mjs").Job} job */
async function installPackages(job) {
  // npm deletes node_modules first, so it must not run on the Node inside it.
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== NPM_BIN);
  await job.run("npm", ["ci"], {
    env: { ...process.env, PATH: path.join(delimiter) },
    next: "Check the network, then run this command again.",
  });
}

/** @param {import("../common/steps.mjs").Job} job */
async function installCompiler(job) {
  if (hasApt()) return aptInstall(job, ["gcc", "libc6-dev"]);
  throw new Failure("Rust needs a C compiler, and there is no `cc` on PATH.", {
    next: process.platform === "darwin" ? "xcode-select --install" : "Install gcc or clang.",
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(async () => {
    const help = "npm run setup                        installs what is missing; takes no options";
    if (readOptions({ help, options: {} })) await setup({ browser: true });
  });
}
