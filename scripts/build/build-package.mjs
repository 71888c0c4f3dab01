/**
 * Builds the npm package in packages/realtime, prints the size of its core client in a page, and packs it into a file
 * that an app can install. Fails if the client is too large.
 *
 *     npm run build:package
 */

import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { Failure } from "../common/failure.mjs";
import { withLock } from "../common/lock.mjs";
import { main } from "../common/main.mjs";
import { NPM_BIN, ROOT } from "../common/paths.mjs";
import { already, step } from "../common/steps.mjs";
import { npmEnv } from "../setup/node.mjs";
import { setup } from "../setup/setup.mjs";
import { hashOf, isUpToDate } from "./stamp.mjs";

/** The folder of the package. */
export const PACKAGE = join(ROOT, "packages", "realtime");
const CORE_BUDGET_BYTES = 7.5 * 1024;
/** npm only packs files in the folder of the package. */
const LICENCES = ["LICENSE-APACHE", "LICENSE-MIT"];
const INPUTS = [
  ...LICENCES,
  "package-lock.json",
  "packages/realtime/package.json",
  "packages/realtime/tsconfig.build.json",
  "packages/realtime/tsconfig.cjs.json",
  "packages/realtime/src",
  "scripts/build/build-package.mjs",
];
const ENTRIES = ["index.js", "react.js", "server.js"];
const OUTPUTS = ["dist", "dist/cjs"].flatMap((folder) => ENTRIES.map((file) => join(folder, file)));

/** Builds it unless it is up to date, and checks the size of the core. Safe to run several times at once. */
export async function buildPackage() {
  const stamp = join(ROOT, "target", "package.stamp");
  await withLock(join(ROOT, "target", "package.lock"), async () => {
    const wanted = hashOf(INPUTS);
    const outputs = [...OUTPUTS, ...LICENCES].map((file) => join(PACKAGE, file));
    if (isUpToDate(stamp, wanted, outputs)) return already("npm package", "unchanged");
    rmSync(stamp, { force: true });
    await step("npm package", compile);
    await step("Core client, gzip", weigh);
    writeFileSync(stamp, wanted);
  });
}

/** @param {import("../common/steps.mjs").Job} job */
async function compile(job) {
  const dist = join(PACKAGE, "dist");
  rmSync(dist, { recursive: true, force: true });
  for (const config of ["tsconfig.build.json", "tsconfig.cjs.json"]) {
    const args = ["--project", join(PACKAGE, config)];
    await job.run(join(NPM_BIN, "tsc"), args, { env: npmEnv(), whole: true });
  }
  writeFileSync(
    join(dist, "cjs", "package.json"),
    '{ "type": "commonjs", "sideEffects": false }\n',
  );
  nameOutputs(dist);
  for (const file of LICENCES) copyFileSync(join(ROOT, file), join(PACKAGE, file));
}

/**
 * Makes the declarations name the files that exist: the compiler leaves `./some.ts` in them, which only its newer
 * versions resolve.
 * @param {string} dist
 */
function nameOutputs(dist) {
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((file) => file.endsWith(".d.ts"))) {
    const path = join(dist, file);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replaceAll(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, "$1$2.js$1"));
  }
}

async function weigh() {
  const bytes = await coreSize();
  if (bytes < CORE_BUDGET_BYTES)
    return `${bytes} bytes without partysocket, of ${CORE_BUDGET_BYTES}`;
  throw new Failure(
    `The core client is ${bytes} bytes gzipped; the budget is ${CORE_BUDGET_BYTES}.`,
    {
      next: "See what grew in packages/realtime/src/core.",
    },
  );
}

/** The code for a page that only imports `connectProject`, minified and compressed, without partysocket. */
async function coreSize() {
  // Only there after setup.
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    stdin: { contents: 'export { connectProject } from "./dist/index.js";', resolveDir: PACKAGE },
    bundle: true,
    minify: true,
    format: "esm",
    external: ["partysocket"],
    write: false,
  });
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
}

/**
 * Packs the build, as `npm publish` would. Returns the path of the file.
 * @param {string} folder where to put it
 */
export async function packPackage(folder) {
  const { name, version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  const file = `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
  await step("npm pack", async (job) => {
    const args = ["pack", PACKAGE, "--pack-destination", folder];
    await job.run("npm", args, { cwd: folder, env: npmEnv(), whole: true });
    return file;
  });
  return join(folder, file);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(async () => {
    await setup({ rust: false });
    await buildPackage();
    const file = await packPackage(PACKAGE);
    console.log(`\nIn an app:          npm install ${file}`);
    console.log(`To your registry:   npm publish ${file}`);
  });
}
