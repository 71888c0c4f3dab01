/**
 * Packs the npm package and checks it as users get it: with publint and attw, and installed into empty apps. The samples
 * of the READMEs are part of these apps.
 *
 *     npm run check:package
 */

import { randomUUID } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildWorker } from "../build/build.mjs";
import { buildPackage, PACKAGE, packPackage } from "../build/build-package.mjs";
import { Failure } from "../common/failure.mjs";
import { main } from "../common/main.mjs";
import { NPM_BIN, ROOT } from "../common/paths.mjs";
import { step } from "../common/steps.mjs";
import { serveWorker } from "../serve/serve-worker.mjs";
import { node, npmEnv } from "../setup/node.mjs";
import { setup } from "../setup/setup.mjs";
import { blocksOf } from "./readme.mjs";
import { runtimes } from "./runtimes.mjs";

const APPS = join(PACKAGE, "tests", "apps");
const INSTALL = [
  "install",
  "--no-package-lock",
  "--no-save",
  "--ignore-scripts",
  "--legacy-peer-deps",
];

const README = join(ROOT, "README.md");
const PACKAGE_README = join(PACKAGE, "README.md");
const BACKENDS = join(ROOT, "docs", "backends.md");
const CLIENTS = join(ROOT, "docs", "clients.md");

/**
 * By app and file: a page, one of its headings, and which of the code blocks below it.
 * @type {Record<string, Record<string, [string, string, number[]]>>}
 */
const FROM_PAGES = {
  node: { "backend.ts": [PACKAGE_README, "A backend", [0]] },
  vite: {
    "src/readme/readme.tsx": [README, "In your app", [0]],
    "src/readme/project.tsx": [CLIENTS, "React", [0]],
    "src/readme/plain.ts": [CLIENTS, "Plain JavaScript", [0]],
    "src/readme/tokens.ts": [CLIENTS, "Tokens", [0, 1]],
    "src/readme/partysocket.ts": [CLIENTS, "partysocket alone", [0]],
    "src/readme/recovering.ts": [CLIENTS, "partysocket alone", [1]],
    "src/readme/project-page.tsx": [PACKAGE_README, "React", [0]],
    "src/readme/query-map.ts": [PACKAGE_README, "TanStack Query", [0]],
    "src/readme/follow.ts": [PACKAGE_README, "Plain JavaScript", [0, 1, 2]],
    "src/readme/events.ts": [PACKAGE_README, "Events of your own", [0, 1]],
    "src/readme/typed.ts": [PACKAGE_README, "Events of your own", [2]],
    "src/readme/token.ts": [PACKAGE_README, "Tokens", [0]],
    "src/readme/backend.ts": [PACKAGE_README, "A backend", [0]],
    "src/readme/helpers.ts": [BACKENDS, "The helpers", [0]],
    "src/readme/options.ts": [BACKENDS, "Options", [0]],
    "src/readme/which.ts": [BACKENDS, "Which events", [1]],
    "src/readme/lambda.ts": [BACKENDS, "AWS Lambda", [0]],
    "src/readme/worker.ts": [BACKENDS, "A Worker in the same account", [1]],
  },
  native: {
    "index.ts": [PACKAGE_README, "React Native", [0, 1]],
    "App.tsx": [CLIENTS, "React Native", [0]],
  },
};

/** @typedef {import("../common/steps.mjs").Job} Job */

await main(async () => {
  await setup();
  await buildWorker();
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
  const tarball = await packPackage(folder);
  await step("publint", (job) => quietly(job, "publint", ["run", tarball, "--strict"]));
  await step("attw", (job) => quietly(job, "attw", [tarball]));
  await checkRuntimes(folder, tarball);
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
 * Tries the package with the real server, in each runtime that a backend may have.
 * @param {string} folder
 * @param {string} tarball
 */
async function checkRuntimes(folder, tarball) {
  const secret = randomUUID();
  const vars = { CONNECT_AUTH: "open", ALLOWED_ORIGINS: "*", LOG_LEVEL: "error" };
  const server = await serveWorker(join(folder, "server"), { BROADCAST_SECRET: secret, ...vars });
  const env = { ...npmEnv(), REALTIME_URL: server.url, BROADCAST_SECRET: secret };
  try {
    await runBackend(folder, tarball, env);
  } finally {
    await server.stop();
  }
}

/**
 * @param {string} folder
 * @param {string} tarball
 * @param {NodeJS.ProcessEnv} env
 */
async function runBackend(folder, tarball, env) {
  const { packages, bun, deno } = runtimes();
  const options = { cwd: join(folder, "node"), env, whole: true };
  await checkApp(folder, tarball, "node", async (job) => {
    await job.run(node(), ["main.mjs"], options);
    assertClient(join(options.cwd, "node_modules", "@validiant", "realtime", "dist"));
  });
  await checkCommonJs(folder, tarball, env);
  await step("Bun and Deno", async (job) => {
    await job.run("npm", [...INSTALL, ...packages], { ...options, cwd: folder });
  });
  await step("in Bun", async (job) => {
    await job.run(join(folder, bun), ["main.mjs"], options);
  });
  await step("in Deno", async (job) => {
    const args = ["run", "--allow-all", "--cached-only", "--node-modules-dir=manual", "main.mjs"];
    const quiet = { DENO_DIR: join(folder, "deno"), DENO_NO_UPDATE_CHECK: "1" };
    await job.run(join(folder, deno), args, { ...options, env: { ...env, ...quiet } });
  });
}

/**
 * Tries it where only `require` is available: in an older Node, in NestJS, Jest and an older Metro.
 * @param {string} folder
 * @param {string} tarball
 * @param {NodeJS.ProcessEnv} env
 */
async function checkCommonJs(folder, tarball, env) {
  await checkApp(folder, tarball, "commonjs", async (job, cwd) => {
    const modules = join(cwd, "node_modules");
    const requiring = ["--no-experimental-require-module"];
    for (const args of [
      [...requiring, "-e", 'require("@validiant/realtime/server").createBroadcaster({})'],
      [join(modules, "typescript", "bin", "tsc")],
      [...requiring, join("dist", "main.js")],
      [...requiring, join(modules, "jest", "bin", "jest.js")],
      ["metro.js"],
    ])
      await job.run(node(), args, { cwd, env, whole: true });
  });
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
    copyFromPages(name, cwd);
    await job.run("npm", [...INSTALL, tarball], { cwd, env: npmEnv(), whole: true });
    return check(job, cwd);
  });
}

/**
 * @param {string} app
 * @param {string} cwd
 */
function copyFromPages(app, cwd) {
  for (const [file, [page, heading, which]] of Object.entries(FROM_PAGES[app] ?? {})) {
    const blocks = blocksOf(readFileSync(page, "utf8"), heading);
    const code = which.map((at) => {
      if (blocks[at]) return blocks[at].code;
      throw new Failure(`${page} has too few code blocks under "${heading}".`);
    });
    mkdirSync(dirname(join(cwd, file)), { recursive: true });
    writeFileSync(join(cwd, file), code.join("\n"));
  }
}

/**
 * Checks that the hooks are marked as client components, so that Next.js can report where that is missing.
 * @param {string} dist
 */
function assertClient(dist) {
  for (const file of ["react.js", join("cjs", "react.js")]) {
    const text = readFileSync(join(dist, file), "utf8");
    // Only lines before the first statement are directives.
    if (!/^("use strict";\s*)?"use client";/.test(text))
      throw new Failure(`${file} does not begin with "use client".`);
  }
}

/**
 * Checks that the bundler left out whatever the page does not use.
 * @param {string} folder
 */
function assertNoServer(folder) {
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
  const unused = ["Idempotency-Key", "Path not found"];
  const found = unused.filter((text) => texts.some((bundle) => bundle.includes(text)));
  if (found.length > 0) throw new Failure(`The page's bundle contains "${found[0]}".`);
  return "without what it does not use";
}
