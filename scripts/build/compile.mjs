/** From the Rust sources to the two files of the Worker: one JavaScript module and one WebAssembly. */

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { Failure } from "../common/failure.mjs";
import { NPM_BIN, ROOT } from "../common/paths.mjs";
import { colour } from "../common/steps.mjs";
import { wasmToolchain } from "../setup/toolchain.mjs";
import { wasmBindgen } from "../setup/tools.mjs";
import { WASM } from "../setup/versions.mjs";
import { withoutNames } from "./wasm-names.mjs";

/** The files of a Worker, its entry point first. */
export const WORKER_FILES = ["index.js", "index_bg.wasm"];

const CRATE = "validiant-realtime";
const NOISE = /^\s*(Compiling|Checking|Download|Updating|Locking|Adding|Finished|Blocking)/;
const WASM_OPT = [
  "-O3",
  // The runtime compiles a function when it is first called. Code that a first request does not need must not be
  // inlined into code that it does.
  "--one-caller-inline-max-function-size=50",
  // Everything that the runtime supports; wasm-bindgen uses tables of JavaScript values.
  "--all-features",
  "--disable-gc",
];

/**
 * @typedef {object} Recipe
 * @property {"release" | "dev"} profile
 * @property {string} features of the Worker's crate
 * @property {string} outDir
 */

/**
 * Compiles the Worker. Existing files are replaced at the very end, when the new ones are complete.
 * @param {import("../common/steps.mjs").Job} job
 * @param {Recipe} recipe
 * @returns {Promise<string>} the compiler's warnings
 */
export async function compileWorker(job, { profile, features, outDir }) {
  const staging = join(ROOT, outDir, ".staging");
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  const warnings = await cargo(job, profile, features);
  await bindings(job, profile, staging);
  if (profile === "release") await optimise(job, join(staging, "index_bg.wasm"));
  await bundle(job, staging);
  for (const file of WORKER_FILES) {
    renameSync(join(staging, file), join(ROOT, outDir, file));
  }
  rmSync(staging, { recursive: true });
  return warnings;
}

/**
 * @param {import("../common/steps.mjs").Job} job
 * @param {string} profile
 * @param {string} features
 */
async function cargo(job, profile, features) {
  const args = ["build", "--package", CRATE, "--lib", "--target", WASM, "--profile", profile];
  if (features) args.push("--features", features);
  const env = {
    ...wasmToolchain().env,
    CARGO_TERM_COLOR: colour ? "always" : "never",
    RUST_BACKTRACE: "0",
  };
  try {
    return readable(await job.run("cargo", args, { env, whole: true }));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure("The Worker failed to build.", { output: readable(error.output) });
  }
}

/** @param {string} output of cargo */
function readable(output) {
  return output
    .split("\n")
    .filter((line) => !NOISE.test(stripVTControlCharacters(line)))
    .join("\n")
    .trim();
}

/**
 * @param {import("../common/steps.mjs").Job} job
 * @param {string} profile
 * @param {string} folder
 */
async function bindings(job, profile, folder) {
  const target = join(ROOT, "target", WASM, profile === "dev" ? "debug" : "release");
  await job.run(wasmBindgen, [
    join(target, `${CRATE.replace("-", "_")}.wasm`),
    "--target=module",
    "--no-typescript",
    // entry.js needs it to make a new instance after a trap.
    "--experimental-reset-state-function",
    "--out-name=index",
    `--out-dir=${folder}`,
  ]);
}

/**
 * @param {import("../common/steps.mjs").Job} job
 * @param {string} wasm
 */
async function optimise(job, wasm) {
  await job.run(join(NPM_BIN, "wasm-opt"), [wasm, "-o", wasm, ...WASM_OPT]);
  writeFileSync(wasm, withoutNames(readFileSync(wasm)));
}

/**
 * Bundles src/entry.js, the modules it imports and the output of wasm-bindgen into one module.
 * @param {import("../common/steps.mjs").Job} job
 * @param {string} folder
 */
async function bundle(job, folder) {
  const index = join(folder, "index.js");
  // The runtime does not support source phase imports, but its plain import of a WebAssembly file does the same. And
  // wasm-bindgen copies each module that Rust names, but not the modules that those import.
  const text = readFileSync(index, "utf8").replace("import source ", "import ");
  const sources = join(ROOT, "src").replaceAll("\\", "/");
  writeFileSync(index, text.replaceAll(/(?<= from ')\.\/snippets\/[^/]+\/src(?=\/)/g, sources));
  await job.run(join(NPM_BIN, "esbuild"), [
    join(ROOT, "src", "entry.js"),
    "--bundle",
    "--minify",
    "--format=esm",
    `--alias:#wasm=${index}`,
    "--external:./index_bg.wasm",
    `--outfile=${index}`,
    "--allow-overwrite",
    "--log-level=warning",
  ]);
}
