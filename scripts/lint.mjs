/**
 * Checks what the compilers and linters have to say, or formats all files.
 *
 *     npm run lint
 *     npm run format
 */

import { Failure, main, report } from "./failure.mjs";
import { npmEnv } from "./node.mjs";
import { setup } from "./setup.mjs";
import { step } from "./steps.mjs";
import { rustEnv, WASM, wasmToolchain } from "./toolchain.mjs";

/** @typedef {{ name: string, command: string[], env: NodeJS.ProcessEnv }} Check */

await main(async () => {
  await setup();
  const failed = [];
  for (const check of process.argv.includes("--fix") ? formatters() : checks()) {
    if (!(await passes(check))) failed.push(check.name);
  }
  if (failed.length > 0) {
    throw new Failure(`\nFailed: ${failed.join(", ")}.`, {
      next: "npm run format   (mends what is only layout)",
    });
  }
});

/** @returns {Check[]} */
function checks() {
  const wasm = wasmToolchain();
  const native = rustEnv();
  const strict = ["--", "-D", "warnings"];
  const worker = ["--package", "validiant-realtime", "--lib", "--target", WASM];
  const docEnv = { ...native, RUSTDOCFLAGS: "-Dwarnings" };
  return [
    { name: "cargo fmt", command: ["cargo", "fmt", "--all", "--check"], env: native },
    {
      name: "clippy",
      command: ["cargo", "clippy", "--workspace", "--all-targets", ...strict],
      env: native,
    },
    { name: "clippy, WebAssembly", command: [...wasm.clippy, ...worker, ...strict], env: wasm.env },
    { name: "cargo doc", command: ["cargo", "doc", "--no-deps", "--workspace"], env: docEnv },
    { name: "tsc", command: ["tsc", "--noEmit"], env: npmEnv() },
    { name: "biome", command: ["biome", "check", "--error-on-warnings", "."], env: npmEnv() },
  ];
}

/** @returns {Check[]} */
function formatters() {
  return [
    { name: "cargo fmt", command: ["cargo", "fmt", "--all"], env: rustEnv() },
    { name: "biome", command: ["biome", "check", "--write", "."], env: npmEnv() },
  ];
}

/** @param {Check} check */
async function passes({ name, command: [program = "", ...args], env }) {
  try {
    await step(name, async (job) => void (await job.run(program, args, { env, whole: true })));
    return true;
  } catch (error) {
    report(error);
    return false;
  }
}
