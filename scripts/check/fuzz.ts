/** Fuzzes everything that parses outside input (crates/fuzz), with libFuzzer through cargo-fuzz. */

import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { Failure } from "../common/failure.ts";
import { withLock } from "../common/lock.mjs";
import { CACHE, ROOT } from "../common/paths.ts";
import { stayOrThrow } from "../common/processes.ts";
import { show } from "../common/programs.ts";
import { type Job, step } from "../common/steps.ts";
import { cargoFuzz } from "../setup/cargo-tools.ts";
import { checkRust, rustEnv } from "../setup/toolchain.ts";
import { artifact, mostReaching, panic, progress, readMerge } from "./libfuzzer.ts";

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

type Options = { seconds: number; input?: string; keep?: true };

export default async ({ seconds, input, keep }: Options, named: string[]): Promise<void> => {
  const all = readdirSync(join(FUZZ, "corpus"));
  const unknown = named.find((target) => !all.includes(target));
  if (unknown)
    throw new Failure(`Unknown target: ${unknown}.`, { next: `One of: ${all.join(", ")}` });
  await prepare();
  for (const target of named.length > 0 ? named : all) {
    if (input !== undefined) await replay(target, input);
    else await step(target, (job) => (keep ? keepBest(job, target) : fuzz(job, target, seconds)));
  }
};

async function prepare(): Promise<void> {
  checkRust();
  const install = async () => {
    if (!cargoFuzz.isInstalled()) await step("cargo-fuzz", cargoFuzz.install);
  };
  await withLock(join(CACHE, "setup.lock"), install, stayOrThrow);
  const next = "libFuzzer needs a C++ compiler, such as g++ or clang++.";
  await step("Fuzz targets", async (job) => {
    await job.run(cargoFuzz.program, ["build", ...COMMON], { env: rustEnv(), next });
  });
}

async function fuzz(job: Job, target: string, seconds: number): Promise<string> {
  const gathered = folder("corpus", target);
  const before = readdirSync(gathered).length;
  const output = await libFuzzer(job, target, seconds, [
    ...[gathered, committed(target), "--", `-max_total_time=${seconds}`, "-print_final_stats=1"],
    `-dict=${join(FUZZ, "dictionaries", `${target}.dict`)}`,
    `-artifact_prefix=${folder("artifacts", target)}/`,
  ]);
  const { executions = 0, perSecond = 0, coverage = 0 } = progress(output) ?? {};
  const found = readdirSync(gathered).length - before;
  const count = executions.toLocaleString("en");
  return `${count} executions, ${perSecond} per second, coverage ${coverage}, ${found} new inputs`;
}

async function keepBest(job: Job, target: string): Promise<string> {
  const before = readdirSync(committed(target)).length;
  rmSync(folder("merge", target), { recursive: true });
  const folders = [folder("merge", target), committed(target), folder("corpus", target)];
  const record = join(folder("merge", target), "record");
  await libFuzzer(job, target, 0, [...folders, "--", ...MERGE, `-merge_control_file=${record}`]);
  const inputs = readMerge(readFileSync(record, "utf8"));
  const kept = inputs.filter(({ file }) => dirname(file) === committed(target));
  const isNew = ({ file }: { file: string }) => dirname(file) !== committed(target);
  const small = inputs.filter((one) => isNew(one) && statSync(one.file).size <= MAX_KEPT_BYTES);
  const chosen = mostReaching(small, kept, MAX_KEPT - before);
  for (const { file } of chosen) copyFileSync(file, join(committed(target), basename(file)));
  return `${chosen.length} inputs added to ${before}`;
}

/** Runs a target. A failure is reduced to what the target printed and how to reproduce it. */
async function libFuzzer(job: Job, target: string, seconds: number, args: string[]) {
  try {
    return await job.run(cargoFuzz.program, ["run", ...COMMON, target, ...args], {
      env: { ...rustEnv(), RUST_BACKTRACE: "0" },
      timeoutSeconds: seconds + SPARE_SECONDS,
      whole: true,
    });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { output = "" } = error;
    const input = artifact(output);
    if (input === undefined) throw error;
    const file = relative(ROOT, input);
    const next = `npm run fuzz -- ${target} --input ${file}`;
    const said = panic(output) ?? output;
    throw new Failure(`\n${target} fails on ${file}`, { next, output: said });
  }
}

async function replay(target: string, input: string): Promise<void> {
  const args = ["run", ...COMMON, target, resolve(input)];
  // Shows the stack of the target, and not that of cargo-fuzz after it.
  const env = { ...rustEnv(), RUST_BACKTRACE: "1", RUST_LIB_BACKTRACE: "0" };
  if (!(await show(cargoFuzz.program, args, env)))
    throw new Failure(`\n${target} fails on ${input}`);
}

function committed(target: string): string {
  return join(FUZZ, "corpus", target);
}

function folder(kind: string, target: string): string {
  const path = join(TARGET, kind, target);
  mkdirSync(path, { recursive: true });
  return path;
}
