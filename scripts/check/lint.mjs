/**
 * Runs all compilers and linters, or formats all files.
 *
 *     npm run lint
 *     npm run format
 */

import { buildPackage } from "../build/build-package.mjs";
import { Failure, Interrupted, report } from "../common/failure.mjs";
import { main } from "../common/main.mjs";
import { readOptions } from "../common/options.mjs";
import { colour, step } from "../common/steps.mjs";
import { npmEnv } from "../setup/node.mjs";
import { setup } from "../setup/setup.mjs";
import { rustEnv, wasmToolchain } from "../setup/toolchain.mjs";
import { WASM } from "../setup/versions.mjs";

/** No check for updates, and no telemetry. */
const QUIET_REDOCLY = { REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", REDOCLY_TELEMETRY: "off" };

const COLOURS = colour ? { CARGO_TERM_COLOR: "always", FORCE_COLOR: "1" } : {};

/** The fuzz targets are not members of the workspace. */
const FUZZ_TARGETS = ["--manifest-path", "crates/fuzz/fuzz/Cargo.toml"];

/** @typedef {{ name: string, command: string[], env: NodeJS.ProcessEnv }} Check */

const HELP = `npm run lint                         checks everything
npm run format                       fixes the formatting`;

await main(async () => {
  const given = readOptions({ help: HELP, options: { fix: { type: "boolean" } } });
  if (!given) return;
  await setup();
  // The task board is checked against the built package, as users get it.
  await buildPackage();
  const failed = [];
  for (const check of given.values.fix ? formatters() : checks()) {
    if (!(await passes(check))) failed.push(check.name);
  }
  if (failed.length > 0) {
    throw new Failure(`\nFailed: ${failed.join(", ")}.`, {
      next: "npm run format   (fixes the formatting)",
    });
  }
});

/** @returns {Check[]} */
function checks() {
  const wasm = wasmToolchain();
  const native = rustEnv();
  const strict = ["--", "-D", "warnings"];
  // With the profile of the Worker's build, which has already compiled all macros.
  const worker = ["--package", "validiant-realtime", "--lib", "--target", WASM, "--release"];
  const docEnv = { ...native, RUSTDOCFLAGS: "-Dwarnings" };
  return [
    { name: "cargo fmt", command: ["cargo", "fmt", "--all", "--check"], env: native },
    {
      name: "cargo fmt, fuzz targets",
      command: ["cargo", "fmt", ...FUZZ_TARGETS, "--check"],
      env: native,
    },
    {
      name: "clippy",
      command: ["cargo", "clippy", "--workspace", "--all-targets", ...strict],
      env: native,
    },
    { name: "clippy, WebAssembly", command: [...wasm.clippy, ...worker, ...strict], env: wasm.env },
    { name: "cargo doc", command: ["cargo", "doc", "--no-deps", "--workspace"], env: docEnv },
    { name: "tsc", command: ["tsc", "--noEmit"], env: npmEnv() },
    {
      name: "tsc, taskboard",
      command: ["tsc", "--noEmit", "--project", "examples/taskboard"],
      env: npmEnv(),
    },
    { name: "tsc, Worker", command: ["tsc", "--project", "src"], env: npmEnv() },
    { name: "biome", command: ["biome", "check", "--error-on-warnings", "."], env: npmEnv() },
    {
      name: "redocly",
      command: ["redocly", "lint", "docs/openapi.yaml", "docs/asyncapi.yaml"],
      env: { ...npmEnv(), ...QUIET_REDOCLY },
    },
  ];
}

/** @returns {Check[]} */
function formatters() {
  return [
    { name: "cargo fmt", command: ["cargo", "fmt", "--all"], env: rustEnv() },
    {
      name: "cargo fmt, fuzz targets",
      command: ["cargo", "fmt", ...FUZZ_TARGETS],
      env: rustEnv(),
    },
    { name: "biome", command: ["biome", "check", "--write", "."], env: npmEnv() },
  ];
}

/** @param {Check} check */
async function passes({ name, command: [program = "", ...args], env }) {
  const options = { env: { ...env, ...COLOURS }, whole: true };
  try {
    await step(name, async (job) => void (await job.run(program, args, options)));
    return true;
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    report(error);
    return false;
  }
}
