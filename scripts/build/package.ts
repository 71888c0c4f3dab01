/**
 * Builds the npm package in packages/realtime, prints what its parts add to a page, and packs it
 * into a file that an app can install. Fails if one of them is too large.
 */

import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NPM_BIN, ROOT } from "../common/paths.ts";
import { already, type Job, step } from "../common/steps.ts";
import { unlessUpToDate } from "./stamp.ts";
import { weighPackage } from "./weigh.ts";

/** The folder of the package. */
export const PACKAGE = join(ROOT, "packages", "realtime");
/** npm only packs files in the folder of the package. */
const LICENCES = ["LICENSE-APACHE", "LICENSE-MIT"];
const CONFIGS = ["tsconfig.build.json", "tsconfig.cjs.json"];
const INPUTS = [
  ...LICENCES,
  "package-lock.json",
  ...["package.json", ...CONFIGS, "src"].map((name) => `packages/realtime/${name}`),
  "scripts/build/package.ts",
  "scripts/build/weigh.ts",
];
const ENTRIES = [
  "encryption",
  "encryption/devices",
  "encryption/noble",
  "index",
  "offline",
  "patch",
  "react",
  "server",
  "yjs",
  "yjs/react",
].map((name) => `${name}.js`);
const OUTPUTS = ["dist", "dist/cjs"].flatMap((folder) => ENTRIES.map((file) => join(folder, file)));

/** Builds it unless it is up to date, and checks the sizes. Safe to run several times at once. */
export async function buildPackage(): Promise<void> {
  await unlessUpToDate(
    {
      lock: "package",
      stamp: join(ROOT, "target", "package.stamp"),
      inputs: INPUTS,
      outputs: [...OUTPUTS, ...LICENCES].map((file) => join(PACKAGE, file)),
    },
    () => already("npm package", "unchanged"),
    async () => {
      await step("npm package", compile);
      await weighPackage(PACKAGE);
    },
  );
}

async function compile(job: Job): Promise<void> {
  const dist = join(PACKAGE, "dist");
  rmSync(dist, { recursive: true, force: true });
  for (const config of CONFIGS)
    await job.run(join(NPM_BIN, "tsc"), ["--project", join(PACKAGE, config)], { whole: true });
  const commonJs = '{ "type": "commonjs", "sideEffects": false }\n';
  writeFileSync(join(dist, "cjs", "package.json"), commonJs);
  nameOutputs(dist);
  for (const file of LICENCES) copyFileSync(join(ROOT, file), join(PACKAGE, file));
}

/**
 * Makes the declarations name the files that exist: the compiler leaves `./some.ts` in them, which only its newer
 * versions resolve.
 */
function nameOutputs(dist: string): void {
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((file) => file.endsWith(".d.ts"))) {
    const path = join(dist, file);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replaceAll(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, "$1$2.js$1"));
  }
}

/** Packs the build into a folder, as `npm publish` would. Returns the path of the file. */
export async function packPackage(folder: string): Promise<string> {
  const { name, version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  const file = `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
  await step("npm pack", async (job) => {
    const args = ["pack", PACKAGE, "--pack-destination", folder];
    await job.run("npm", args, { cwd: folder, whole: true });
    return file;
  });
  return join(folder, file);
}

export default async (): Promise<void> => {
  await buildPackage();
  const file = await packPackage(PACKAGE);
  console.log(`\nIn an app:          npm install ${file}`);
  console.log(`To your registry:   npm publish ${file}`);
};
