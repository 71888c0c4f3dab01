/**
 * Runs the tests: the Rust crates, the type check, the scripts, the npm package, and the black-box tests of the built
 * Worker.
 */

import { existsSync, globSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildAll, buildWorker, PANICKING_BUILD } from "../build/build.ts";
import { buildPackage } from "../build/package.ts";
import { Failure } from "../common/failure.ts";
import { NPM_BIN, ROOT } from "../common/paths.ts";
import { run, show } from "../common/programs.ts";
import { setup } from "../setup/setup.ts";
import { rustEnv } from "../setup/toolchain.ts";

const PARTS = ["core", "box", "scripts"];
/** The tests that need the Worker, first those that a deployed one can pass too. */
const BOX = ["tests/**/*.test.ts", "packages/realtime/tests/box/**/*.test.ts"];
const EXAMPLE = "examples/taskboard/tests/**/*.test.ts";
/** The tests that need no Worker. */
const UNITS = [
  "scripts/**/*.test.ts",
  "bench/**/*.test.mjs",
  "packages/**/*.test.ts",
  "console/**/*.test.ts",
];
/** They run samples in Python and Go. */
const LANGUAGES = /[/\\]languages\.test\.ts$/;
/** It measures time, so nothing else runs at the same time. */
const TIMED = /[/\\]hostile[/\\]hostile\.test\.ts$/;

const TEST_TIMEOUT_MILLISECONDS = 120_000;
/** More than a small machine has cores: the tests mostly wait, for example for a room to hibernate. */
const FILES_AT_ONCE = 4;
const NODE_TEST = [
  "--test",
  `--test-concurrency=${FILES_AT_ONCE}`,
  `--test-timeout=${TEST_TIMEOUT_MILLISECONDS}`,
];
/** The load generator has no tests, and takes long to compile. */
const CARGO_TEST = ["test", "--workspace", "--exclude", "validiant-bench"];

export default async ({ only }: { only?: string }, named: string[]): Promise<void> => {
  const missing = named.find((file) => !existsSync(resolve(ROOT, file)));
  if (missing !== undefined) throw new Failure(`The file ${missing} does not exist.`);
  if (only !== undefined && !PARTS.includes(only))
    throw new Failure(`--only ${only}: unknown part.`, { next: "npm test -- --help" });
  const plan = makePlan(only, named);
  const { core, build, needsBrowser: browser, needsLanguages: languages } = plan;
  await setup({ rust: core || build, browser, languages });
  // Started first: most of a build keeps only one core busy, and the other tests mostly wait.
  const cargo = plan.core && plan.files.length > 0 ? cargoTest() : undefined;
  if (plan.build) {
    await buildAll();
    await buildWorker(PANICKING_BUILD);
    await buildPackage();
  }
  const failed = await runAll(plan, cargo);
  if (failed.length > 0) throw new Failure(`\nFailed: ${failed.join(", ")}`);
};

/** What to run, of one part or of the files on the command line. */
function makePlan(only: string | undefined, named: string[]) {
  const deployed = Boolean(process.env.TARGET);
  const all = named.length === 0 && only === undefined && !deployed;
  const boxed = find(...BOX, EXAMPLE);
  const box = all || only === "box" || deployed ? (deployed ? find(...BOX) : boxed) : [];
  const units = find(...UNITS).filter((file) => !boxed.includes(file));
  const files = named.length > 0 ? named : [...(all || only === "scripts" ? units : []), ...box];
  const needsBrowser = files.some((file) => boxed.some((box) => resolve(box) === resolve(file)));
  return {
    core: all || only === "core",
    types: all,
    files,
    needsBrowser,
    needsLanguages: files.some((file) => LANGUAGES.test(file)),
    build: needsBrowser && !deployed,
  };
}

/** The names of what failed. The Rust tests may already be running. */
async function runAll(
  { core, types, files }: ReturnType<typeof makePlan>,
  cargo: Promise<boolean> | undefined,
): Promise<string[]> {
  const timed = files.filter((file) => TIMED.test(file));
  const together = files.filter((file) => !TIMED.test(file));
  const failed: string[] = [];
  const part = async (name: string, wanted: boolean, command: string, args: string[]) => {
    if (!wanted) return;
    console.log(`\n${name}`);
    if (!(await show(command, args, rustEnv()))) failed.push(name);
  };
  const tsc = join(NPM_BIN, "tsc");
  const node = process.execPath;
  await part("cargo test", core && !cargo, "cargo", CARGO_TEST);
  await part("tsc", types, tsc, ["--noEmit"]);
  await part("tsc, taskboard", types, tsc, ["--noEmit", "--project", "examples/taskboard"]);
  await part("node --test", together.length > 0, node, [...NODE_TEST, ...together]);
  if (cargo && !(await cargo)) failed.push("cargo test");
  await part("node --test, timed", timed.length > 0, node, [...NODE_TEST, ...timed]);
  return failed;
}

/** The Rust tests, in parallel with everything else. Their output is printed when they have ended. */
async function cargoTest(): Promise<boolean> {
  try {
    console.log(`\ncargo test\n${await run("cargo", CARGO_TEST, { env: rustEnv(), whole: true })}`);
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.log(`\ncargo test\n${error.output}`);
    return false;
  }
}

function find(...patterns: string[]): string[] {
  const options = { cwd: ROOT, exclude: ["**/node_modules/**"] };
  return patterns.flatMap((pattern) => globSync(pattern, options).sort());
}
