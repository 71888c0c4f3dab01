/** From the Rust sources to the two files of the Worker: one JavaScript module and one WebAssembly. */

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { Failure } from "../common/failure.ts";
import { NPM_BIN, ROOT } from "../common/paths.ts";
import { colour, type Job } from "../common/steps.ts";
import { wasmBindgen } from "../setup/cargo-tools.ts";
import { wasmToolchain } from "../setup/toolchain.ts";
import { WASM } from "../setup/wasm.ts";

/** The files of a Worker, its entry point first. */
export const WORKER_FILES = ["index.js", "index_bg.wasm"];

const CRATE = "validiant-realtime";
const NOISE = /^\s*(Compiling|Checking|Download|Updating|Locking|Adding|Finished|Blocking)/;
const BINDINGS = [
  "--target=module",
  "--no-typescript",
  // entry.js needs it to make a new instance after a trap.
  "--experimental-reset-state-function",
  "--out-name=index",
];
const WASM_OPT = [
  "-O3",
  // The runtime compiles a function when it is first called. Code that a first request does not need must not be
  // inlined into code that it does.
  "--one-caller-inline-max-function-size=50",
  // Everything that the runtime supports; wasm-bindgen uses tables of JavaScript values.
  "--all-features",
  "--disable-gc",
];

export interface Recipe {
  profile: "release" | "dev";
  /** Of the Worker's crate. */
  features: string;
  outDir: string;
}

/**
 * Compiles the Worker; answers the compiler's warnings. Existing files are replaced at the very end, when the new ones
 * are complete.
 */
export async function compileWorker(job: Job, { profile, features, outDir }: Recipe) {
  const staging = join(ROOT, outDir, ".staging");
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  const warnings = await cargo(job, profile, features);
  const folder = join(ROOT, "target", WASM, profile === "dev" ? "debug" : "release");
  const compiled = join(folder, `${CRATE.replace("-", "_")}.wasm`);
  await job.run(wasmBindgen.program, [compiled, ...BINDINGS, `--out-dir=${staging}`]);
  const wasm = join(staging, "index_bg.wasm");
  if (profile === "release")
    await job.run(join(NPM_BIN, "wasm-opt"), [wasm, "-o", wasm, ...WASM_OPT]);
  await bundle(job, staging);
  for (const file of WORKER_FILES) renameSync(join(staging, file), join(ROOT, outDir, file));
  rmSync(staging, { recursive: true });
  return warnings;
}

async function cargo(job: Job, profile: string, features: string): Promise<string> {
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
    throw new Failure("The Worker failed to build.", { output: readable(error.output ?? "") });
  }
}

function readable(output: string): string {
  const lines = output.split("\n").filter((line) => !NOISE.test(stripVTControlCharacters(line)));
  return lines.join("\n").trim();
}

/** Bundles src/entry.js, the modules it imports and the output of wasm-bindgen into one module. */
async function bundle(job: Job, folder: string): Promise<void> {
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
