/** Fuzzes everything that parses outside input (crates/fuzz), with libFuzzer through cargo-fuzz. See HELP below. */

import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { show } from "../common/commands.mjs";
import { Failure } from "../common/failure.mjs";
import { withLock } from "../common/lock.mjs";
import { main } from "../common/main.mjs";
import { readOptions } from "../common/options.mjs";
import { CACHE, ROOT } from "../common/paths.mjs";
import { step } from "../common/steps.mjs";
import { checkRust, rustEnv } from "../setup/toolchain.mjs";
import { cargoFuzz, hasCargoFuzz, installCargoFuzz } from "../setup/tools.mjs";
import { mostReaching, readMerge } from "./fuzz-corpus.mjs";
import { artifact, panic, progress } from "./fuzz-output.mjs";

const HELP = `npm run fuzz                                    fuzzes each target for a minute
npm run fuzz -- envelope --seconds 1200         fuzzes this target for longer
npm run fuzz -- envelope --input FILE           runs only this input, for example after a failure
npm run fuzz -- envelope --keep                 adds the new inputs that cover the most to the corpus in git

The targets are the functions in crates/fuzz/src/lib.rs. New inputs are saved in target/fuzz/corpus; npm test also
replays the corpus in git, crates/fuzz/fuzz/corpus. Stable Rust is enough, because there is no unsafe code to check
with a sanitizer. A C++ compiler is needed.`;

const FUZZ = join(ROOT, "crates", "fuzz", "fuzz");
const TARGET = join(ROOT, "target", "fuzz");
const COMMON = ["--sanitizer=none", `--fuzz-dir=${FUZZ}`, `--target-dir=${TARGET}`];
/** Extra time for a run, to build and to read the corpus. */
const SPARE_SECONDS = 600;
/** The maximum number of inputs per target in git, and the largest input that `--keep` adds. */
const MAX_KEPT = 50;
const MAX_KEPT_BYTES = 1024;
/** Compares what each input reaches, and not how often. */
const MERGE = ["-set_cover_merge=1", "-use_counters=0"];

const OPTIONS = /** @type {const} */ ({
  seconds: { type: "string", default: "60" },
  input: { type: "string" },
  keep: { type: "boolean" },
});

await main(async () => {
  const given = readOptions({ help: HELP, options: OPTIONS, positionals: true });
  if (!given) return;
  const { values, positionals } = given;
  const targets = named(positionals);
  const seconds = Number(values.seconds);
  if (!(Number.isInteger(seconds) && seconds > 0)) {
    throw new Failure(`--seconds ${values.seconds}: must be a whole number above 0.`);
  }
  await prepare();
  for (const target of targets) {
    if (values.input !== undefined) await replay(target, values.input);
    else if (values.keep) await step(target, (job) => keep(job, target));
    else await step(target, (job) => fuzz(job, target, seconds));
  }
});

/** @param {string[]} wanted */
function named(wanted) {
  const all = readdirSync(join(FUZZ, "corpus"));
  const unknown = wanted.find((target) => !all.includes(target));
  if (unknown !== undefined) {
    throw new Failure(`Unknown target: ${unknown}.`, { next: `One of: ${all.join(", ")}` });
  }
  return wanted.length > 0 ? wanted : all;
}

async function prepare() {
  checkRust();
  await withLock(join(CACHE, "setup.lock"), async () => {
    if (!hasCargoFuzz()) await step("cargo-fuzz", installCargoFuzz);
  });
  const next = "libFuzzer needs a C++ compiler, such as g++ or clang++.";
  await step("Fuzz targets", async (job) => {
    await job.run(cargoFuzz, ["build", ...COMMON], { env: rustEnv(), next });
  });
}

/**
 * @param {import("../common/steps.mjs").Job} job
 * @param {string} target
 * @param {number} seconds
 */
async function fuzz(job, target, seconds) {
  const gathered = folder("corpus", target);
  const before = readdirSync(gathered).length;
  const output = await libFuzzer(job, target, seconds, [
    ...[gathered, committed(target), "--", `-max_total_time=${seconds}`, "-print_final_stats=1"],
    ...[`-dict=${join(FUZZ, "dictionaries", `${target}.dict`)}`],
    ...[`-artifact_prefix=${folder("artifacts", target)}/`],
  ]);
  const { executions = 0, perSecond = 0, coverage = 0 } = progress(output) ?? {};
  const found = readdirSync(gathered).length - before;
  const count = executions.toLocaleString("en");
  return `${count} executions, ${perSecond} per second, coverage ${coverage}, ${found} new inputs`;
}

/**
 * @param {import("../common/steps.mjs").Job} job
 * @param {string} target
 */
async function keep(job, target) {
  const before = readdirSync(committed(target)).length;
  const merged = folder("merge", target);
  rmSync(merged, { recursive: true });
  const folders = [folder("merge", target), committed(target), folder("corpus", target)];
  const record = join(merged, "record");
  await libFuzzer(job, target, 0, [...folders, "--", ...MERGE, `-merge_control_file=${record}`]);
  const inputs = readMerge(readFileSync(record, "utf8"));
  const kept = inputs.filter(({ file }) => dirname(file) === committed(target));
  const found = inputs.filter((input) => !kept.includes(input));
  const small = found.filter(({ file }) => statSync(file).size <= MAX_KEPT_BYTES);
  const chosen = mostReaching(small, kept, MAX_KEPT - before);
  for (const { file } of chosen) copyFileSync(file, join(committed(target), basename(file)));
  return `${chosen.length} inputs added to ${before}`;
}

/**
 * @param {import("../common/steps.mjs").Job} job
 * @param {string} target
 * @param {number} seconds
 * @param {string[]} args
 */
async function libFuzzer(job, target, seconds, args) {
  try {
    return await job.run(cargoFuzz, ["run", ...COMMON, target, ...args], {
      env: { ...rustEnv(), RUST_BACKTRACE: "0" },
      timeoutSeconds: seconds + SPARE_SECONDS,
      whole: true,
    });
  } catch (error) {
    throw error instanceof Failure ? explained(target, error) : error;
  }
}

/**
 * Reduces a failure to what the target printed and how to reproduce it.
 * @param {string} target
 * @param {Failure} failure
 */
function explained(target, failure) {
  const input = artifact(failure.output);
  if (input === undefined) return failure;
  const file = relative(ROOT, input);
  const output = panic(failure.output) ?? failure.output;
  const next = `npm run fuzz -- ${target} --input ${file}`;
  return new Failure(`\n${target} fails on ${file}`, { next, output });
}

/**
 * @param {string} target
 * @param {string} input
 */
async function replay(target, input) {
  const args = ["run", ...COMMON, target, resolve(input)];
  // Shows the stack of the target, and not that of cargo-fuzz after it.
  const env = { ...rustEnv(), RUST_BACKTRACE: "1", RUST_LIB_BACKTRACE: "0" };
  if (!(await show(cargoFuzz, args, env))) throw new Failure(`\n${target} fails on ${input}`);
}

/** @param {string} target */
function committed(target) {
  return join(FUZZ, "corpus", target);
}

/** @param {string} kind @param {string} target */
function folder(kind, target) {
  const path = join(TARGET, kind, target);
  mkdirSync(path, { recursive: true });
  return path;
}
