/** From the Rust sources to the files of the Worker: one JavaScript module, and a WebAssembly for each kind of room. */

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { Failure } from "../common/failure.ts";
import { NPM_BIN, ROOT } from "../common/paths.ts";
import { colour, type Job } from "../common/steps.ts";
import { wasmBindgen } from "../setup/cargo-tools.ts";
import { wasmToolchain } from "../setup/toolchain.ts";
import { WASM } from "../setup/wasm.ts";

/** The WebAssembly modules: the crate of each, and what its files are called. */
const MODULES = [
  { crate: "validiant-realtime", name: "index" },
  // Its instance is made when the first document is used: see src/document-room.js.
  { crate: "validiant-document-room", name: "documents", isLazy: true },
];

/** The crates that are compiled to WebAssembly. */
export const WORKER_CRATES = MODULES.map(({ crate }) => crate);

/** The files of a Worker, its entry point first. */
export const WORKER_FILES = ["index.js", ...MODULES.map(({ name }) => `${name}_bg.wasm`)];

const NOISE = /^\s*(Compiling|Checking|Download|Updating|Locking|Adding|Finished|Blocking)/;
const BINDINGS = [
  "--target=module",
  "--no-typescript",
  // src/instance.js needs it to make a new instance after a trap.
  "--experimental-reset-state-function",
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
  /** Of each of its crates. */
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
  for (const { crate, name } of MODULES) await bind(job, { crate, name, profile, staging });
  await bundle(job, staging);
  for (const file of WORKER_FILES) renameSync(join(staging, file), join(ROOT, outDir, file));
  rmSync(staging, { recursive: true });
  return warnings;
}

async function cargo(job: Job, profile: string, features: string): Promise<string> {
  const crates = WORKER_CRATES.flatMap((crate) => ["--package", crate]);
  const args = ["build", ...crates, "--lib", "--target", WASM, "--profile", profile];
  if (features)
    args.push("--features", WORKER_CRATES.map((crate) => `${crate}/${features}`).join());
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

/** Makes the WebAssembly of one crate, and the JavaScript side of its exports. */
async function bind(
  job: Job,
  { crate, name, profile, staging }: Record<"crate" | "name" | "profile" | "staging", string>,
): Promise<void> {
  const folder = join(ROOT, "target", WASM, profile === "dev" ? "debug" : "release");
  const compiled = join(folder, `${crate.replaceAll("-", "_")}.wasm`);
  const output = [`--out-name=${name}`, `--out-dir=${staging}`];
  await job.run(wasmBindgen.program, [compiled, ...BINDINGS, ...output]);
  const wasm = join(staging, `${name}_bg.wasm`);
  if (profile === "release")
    await job.run(join(NPM_BIN, "wasm-opt"), [wasm, "-o", wasm, ...WASM_OPT]);
}

/** Bundles src/entry.js, the modules it imports and the output of wasm-bindgen into one module. */
async function bundle(job: Job, folder: string): Promise<void> {
  for (const { name, isLazy } of MODULES) {
    const file = join(folder, `${name}.js`);
    const text = adapted(readFileSync(file, "utf8"));
    writeFileSync(file, isLazy ? withoutInstance(text) : text);
  }
  await job.run(join(NPM_BIN, "esbuild"), [
    join(ROOT, "src", "entry.js"),
    "--bundle",
    "--minify",
    "--format=esm",
    `--alias:#wasm=${join(folder, "index.js")}`,
    `--alias:#documents=${join(folder, "documents.js")}`,
    "--external:./*.wasm",
    `--outfile=${join(folder, "index.js")}`,
    "--allow-overwrite",
    "--log-level=warning",
  ]);
}

/**
 * The runtime does not support source phase imports, but its plain import of a WebAssembly file does the same. And
 * wasm-bindgen copies each module that Rust names, but not the modules that those import.
 */
function adapted(bindings: string): string {
  const sources = join(ROOT, "src").replaceAll("\\", "/");
  return bindings
    .replace("import source ", "import ")
    .replaceAll(/(?<= from ')\.\/snippets\/[^/]+\/src(?=\/)/g, sources);
}

/** The last lines of the bindings make an instance; the function for a new one after a trap makes the first, too. */
const FIRST_INSTANCE =
  /^let wasmInstance = new WebAssembly\.Instance\(.*\);\nlet wasm = wasmInstance\.exports;\nwasm\.__wbindgen_start\(\);\n/m;

function withoutInstance(bindings: string): string {
  const lazy = bindings.replace(FIRST_INSTANCE, "let wasmInstance, wasm;\n");
  if (lazy !== bindings) return lazy;
  throw new Failure("wasm-bindgen makes its first instance in another way than expected.");
}
