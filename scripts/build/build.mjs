/**
 * Builds the Worker and the console. Does nothing when nothing changed; safe to run several times at once.
 *
 *     node scripts/build/build.mjs [--features NAME] [--out-dir build] [--budget] [--record]
 *
 * --budget fails when the WebAssembly is larger than docs/wasm-size.json allows, --record writes its size there.
 * wrangler runs this script too, before a deploy and after every change of a source file; `npm run dev` sets
 * VALIDIANT_DEV_BUILD=1 for that.
 */

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Interrupted, report } from "../common/failure.mjs";
import { withLock } from "../common/lock.mjs";
import { main } from "../common/main.mjs";
import { readOptions } from "../common/options.mjs";
import { ROOT } from "../common/paths.mjs";
import { already, step } from "../common/steps.mjs";
import { compileWorker, WORKER_FILES } from "./compile.mjs";
import { buildConsole } from "./console.mjs";
import { checkBudget, formatSize, measure, recordSize } from "./size.mjs";
import { hashOf, isUpToDate } from "./stamp.mjs";

const INPUTS = [
  "Cargo.toml",
  "Cargo.lock",
  "src",
  "crates",
  "scripts/build/build.mjs",
  "scripts/build/compile.mjs",
  "scripts/build/wasm-ld.mjs",
  "scripts/setup/versions.mjs",
  "scripts/build/wasm-names.mjs",
];
/** The folder of the build for `npm run dev`: not optimised, so it takes two seconds instead of ten. */
export const DEV_BUILD = "build-dev";

const HELP = `npm run build                        builds the Worker and the console
  --features NAME    enables a feature of the Worker's crate
  --out-dir FOLDER   writes the Worker to this folder (build)
  --budget           fails if the WebAssembly is larger than docs/wasm-size.json allows
  --record           records its size in that file`;

const OPTIONS = /** @type {const} */ ({
  features: { type: "string" },
  "out-dir": { type: "string", default: "build" },
  budget: { type: "boolean" },
  record: { type: "boolean" },
});

/**
 * @typedef {object} BuildOptions
 * @property {string | undefined} [features] of the Worker's crate
 * @property {string} [outDir]
 * @property {"release" | "dev"} [profile]
 * @property {string} [name] what the step is called
 */

/** The test build in which a room can be made to panic (src/room/planted_panic.rs). */
export const PANICKING_BUILD = {
  features: "planted-panic",
  outDir: "build-panic",
  name: "Worker that can panic",
};

/**
 * Builds the Worker unless it is up to date, and prints its size.
 * @param {BuildOptions} [options]
 */
export async function buildWorker({
  features = "",
  outDir = "build",
  profile = "release",
  name = "Worker",
} = {}) {
  const stamp = join(ROOT, outDir, ".stamp");
  const size = () => (profile === "dev" ? "debug build" : formatSize(measure(join(ROOT, outDir))));
  // One lock for every output folder: cargo's output file is the same one, whatever the features.
  await withLock(join(ROOT, "target", "worker.lock"), async () => {
    const wanted = hashOf(INPUTS, profile, features);
    const outputs = WORKER_FILES.map((file) => join(ROOT, outDir, file));
    if (isUpToDate(stamp, wanted, outputs)) return already(name, `${size()}, unchanged`);
    let warnings = "";
    await step(name, async (job) => {
      rmSync(stamp, { force: true });
      warnings = await compileWorker(job, { profile, features, outDir });
      writeFileSync(stamp, wanted);
      return size();
    });
    if (warnings) console.log(warnings);
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const dev = process.env.VALIDIANT_DEV_BUILD === "1";
  await main(() => (dev ? buildForDev() : buildByArguments()));
}

async function buildByArguments() {
  const given = readOptions({ help: HELP, options: OPTIONS });
  if (!given) return;
  const { values } = given;
  const outDir = values["out-dir"];
  await buildWorker({ features: values.features, outDir });
  await buildConsole();
  if (values.record) recordSize(join(ROOT, outDir));
  if (values.budget) checkBudget(join(ROOT, outDir));
}

/** After a failed build `wrangler dev` would answer no request any more: let it go on with the last good one. */
async function buildForDev() {
  try {
    await buildWorker({ profile: "dev", outDir: DEV_BUILD });
    await buildConsole();
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    report(error);
    console.error("The last good build keeps running.");
  }
}
