/** Builds the Worker and the console. Does nothing when nothing changed; safe to run several times at once. */

import { join } from "node:path";
import { Interrupted, report } from "../common/failure.ts";
import { ROOT } from "../common/paths.ts";
import { already, step } from "../common/steps.ts";
import { compileWorker, type Recipe, WORKER_FILES } from "./compile.ts";
import { buildConsole } from "./console.ts";
import { checkBudget, formatSize, measure, recordSize } from "./size.ts";
import { unlessUpToDate } from "./stamp.ts";

const INPUTS = [
  "Cargo.toml",
  "Cargo.lock",
  "src",
  "crates",
  "scripts/build/build.ts",
  "scripts/build/compile.ts",
  "scripts/build/wasm-ld.mjs",
];
/** The build for `npm run dev`: not optimised, so it takes two seconds instead of ten. */
export const DEV_BUILD = { profile: "dev", outDir: "build-dev" } as const;
/** The test build in which a room can be made to panic (src/room/planted_panic.rs). */
export const PANICKING_BUILD = {
  features: "planted-panic",
  outDir: "build-panic",
  name: "Worker that can panic",
};

/** Builds the Worker unless it is up to date, and prints its size. The name is that of the step. */
export async function buildWorker({
  features = "",
  outDir = "build",
  profile = "release",
  name = "Worker",
}: Partial<Recipe & { name: string }> = {}): Promise<void> {
  const size = () => (profile === "dev" ? "debug build" : formatSize(measure(join(ROOT, outDir))));
  let warnings = "";
  await unlessUpToDate(
    {
      // One for every output folder: cargo's output file is the same one, whatever the features.
      lock: "worker",
      stamp: join(ROOT, outDir, ".stamp"),
      inputs: INPUTS,
      options: [profile, features],
      outputs: WORKER_FILES.map((file) => join(ROOT, outDir, file)),
    },
    () => already(name, `${size()}, unchanged`),
    () =>
      step(name, async (job) => {
        warnings = await compileWorker(job, { profile, features, outDir });
        return size();
      }),
  );
  if (warnings) console.log(warnings);
}

/** The Worker within its budget, and the console: all that is deployed. */
export async function buildAll(): Promise<void> {
  await buildWorker();
  checkBudget(join(ROOT, "build"));
  await buildConsole();
}

type Options = { features?: string; outDir: string; budget?: true; record?: true };

/** wrangler runs it too, before a deploy and after every change of a source file. */
export default async ({ features, outDir, budget, record }: Options): Promise<void> => {
  if (process.env.VALIDIANT_DEV_BUILD) return buildForDev();
  await buildWorker({ ...(features && { features }), outDir });
  await buildConsole();
  if (record) recordSize(join(ROOT, outDir));
  if (budget) checkBudget(join(ROOT, outDir));
};

/** After a failed build `wrangler dev` would answer no request any more: let it go on with the last good one. */
async function buildForDev(): Promise<void> {
  try {
    await buildWorker(DEV_BUILD);
    await buildConsole();
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    report(error);
    console.error("The last good build keeps running.");
  }
}
