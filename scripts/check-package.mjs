/**
 * Packs the npm package and checks it as users get it: by publint and attw, and installed into empty apps.
 *
 *     npm run check:package
 */

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPackage, PACKAGE } from "./build-package.mjs";
import { Failure } from "./failure.mjs";
import { main } from "./main.mjs";
import { node, npmEnv } from "./node.mjs";
import { NPM_BIN } from "./paths.mjs";
import { setup } from "./setup.mjs";
import { step } from "./steps.mjs";

const APPS = join(PACKAGE, "tests", "apps");
const INSTALL = [
  "install",
  "--no-package-lock",
  "--no-save",
  "--ignore-scripts",
  "--legacy-peer-deps",
];

/** @typedef {import("./steps.mjs").Job} Job */

await main(async () => {
  await setup({ rust: false });
  await buildPackage();
  const folder = mkdtempSync(join(tmpdir(), "validiant-package-"));
  try {
    await checkPacked(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** @param {string} folder */
async function checkPacked(folder) {
  const options = { cwd: folder, env: npmEnv(), whole: true };
  await step("npm pack", (job) => job.run("npm", ["pack", PACKAGE], options).then(() => ""));
  const file = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
  const tarball = join(folder, file);
  await step("publint", (job) => quietly(job, "publint", ["run", tarball, "--strict"]));
  // The package is ESM only, as its documentation says: what attw would say of `require` is left out.
  await step("attw", (job) => quietly(job, "attw", [tarball, "--profile", "esm-only"]));
  await checkApp(folder, tarball, "node", async (job, cwd) => {
    await job.run(node(), ["main.mjs"], { ...options, cwd });
  });
  await checkApp(folder, tarball, "vite", async (job, cwd) => {
    await job.run(join(NPM_BIN, "tsc"), [], { ...options, cwd });
    await job.run(node(), [join("node_modules", "vite", "bin", "vite.js"), "build"], {
      ...options,
      cwd,
    });
    return assertNoServer(join(cwd, "dist", "assets"));
  });
  await checkApp(folder, tarball, "native", async (job, cwd) => {
    await job.run(join(NPM_BIN, "tsc"), [], { ...options, cwd });
  });
}

/**
 * @param {Job} job
 * @param {string} tool
 * @param {string[]} args
 */
async function quietly(job, tool, args) {
  await job.run(join(NPM_BIN, tool), args, { env: npmEnv(), whole: true });
}

/**
 * Installs the package into a copy of an app, as its users do, and tries it there.
 * @param {string} folder
 * @param {string} tarball
 * @param {string} name
 * @param {(job: Job, cwd: string) => Promise<string | void>} check
 */
async function checkApp(folder, tarball, name, check) {
  await step(`in an empty ${name} app`, async (job) => {
    const cwd = join(folder, name);
    cpSync(join(APPS, name), cwd, { recursive: true });
    await job.run("npm", [...INSTALL, tarball], { cwd, env: npmEnv(), whole: true });
    return check(job, cwd);
  });
}

/**
 * Whether the bundler left out what the page does not use.
 * @param {string} folder
 */
function assertNoServer(folder) {
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
  const unused = ["Idempotency-Key", "No such path"];
  const found = unused.filter((text) => texts.some((bundle) => bundle.includes(text)));
  if (found.length > 0) throw new Failure(`The bundle of the page has "${found[0]}" in it.`);
  return "without what it does not use";
}
