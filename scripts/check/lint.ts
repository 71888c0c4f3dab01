/** Runs all compilers and linters (`lint`), or formats all files (`format`). */

import { WORKER_CRATES } from "../build/compile.ts";
import { buildPackage } from "../build/package.ts";
import { Failure, Interrupted, report } from "../common/failure.ts";
import { colour, step } from "../common/steps.ts";
import { setup } from "../setup/setup.ts";
import { rustEnv, wasmToolchain } from "../setup/toolchain.ts";
import { WASM } from "../setup/wasm.ts";

/** Colours, and for redocly no check for updates and no telemetry. */
const ENV = {
  ...process.env,
  ...(colour && { CARGO_TERM_COLOR: "always", FORCE_COLOR: "1" }),
  RUSTDOCFLAGS: "-Dwarnings",
  REDOCLY_SUPPRESS_UPDATE_NOTICE: "true",
  REDOCLY_TELEMETRY: "off",
};

/** The fuzz targets are not members of the workspace. */
const FUZZ_TARGETS = "--manifest-path crates/fuzz/fuzz/Cargo.toml";
const STRICT = "-- -D warnings";

/** What it is called, the command, and its environment. */
type Check = [name: string, command: string, env?: NodeJS.ProcessEnv];

export default async (_options: object, _rest: string[], name: string): Promise<void> => {
  await setup();
  // The task board is checked against the built package, as users get it.
  await buildPackage();
  const failed = [];
  for (const check of name === "format" ? formatters() : checks())
    if (!(await passes(check))) failed.push(check[0]);
  if (failed.length === 0) return;
  const next = "npm run format   (fixes the formatting)";
  throw new Failure(`\nFailed: ${failed.join(", ")}.`, { next });
};

function checks(): Check[] {
  const wasm = wasmToolchain();
  // With the profile of the Worker's build, which has already compiled all macros.
  const worker = `${WORKER_CRATES.map((name) => `--package ${name}`).join(" ")} --lib --target ${WASM} --release`;
  return [
    ["cargo fmt", "cargo fmt --all --check"],
    ["cargo fmt, fuzz targets", `cargo fmt ${FUZZ_TARGETS} --check`],
    ["clippy", `cargo clippy --workspace --all-targets ${STRICT}`],
    ["clippy, WebAssembly", `${wasm.clippy.join(" ")} ${worker} ${STRICT}`, wasm.env],
    ["cargo doc", "cargo doc --no-deps --workspace"],
    ["tsc", "tsc --noEmit"],
    ["tsc, taskboard", "tsc --noEmit --project examples/taskboard"],
    ["tsc, Worker", "tsc --project src"],
    ["biome", "biome check --error-on-warnings ."],
    ["redocly", "redocly lint docs/openapi.yaml docs/asyncapi.yaml"],
  ];
}

function formatters(): Check[] {
  return [
    ["cargo fmt", "cargo fmt --all"],
    ["cargo fmt, fuzz targets", `cargo fmt ${FUZZ_TARGETS}`],
    ["biome", "biome check --write ."],
  ];
}

async function passes([name, command, env = rustEnv()]: Check): Promise<boolean> {
  const [program = "", ...args] = command.split(" ");
  const options = { env: { ...ENV, ...env }, whole: true };
  try {
    await step(name, async (job) => void (await job.run(program, args, options)));
    return true;
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    report(error);
    return false;
  }
}
