/**
 * Packs the npm package and checks it as users get it: with publint and attw, and installed into empty apps. The samples
 * of the READMEs are part of these apps.
 */

import { randomUUID } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildWorker } from "../build/build.ts";
import { buildPackage, PACKAGE, packPackage } from "../build/package.ts";
import { Failure } from "../common/failure.ts";
import { inTemporaryFolder, NPM_BIN, ROOT } from "../common/paths.ts";
import { type Job, step } from "../common/steps.ts";
import { serveWorker } from "../serve/worker.ts";
import { setup } from "../setup/setup.ts";
import { blocksOf } from "./readme.ts";

const APPS = join(PACKAGE, "tests", "apps");
const TSC = join(NPM_BIN, "tsc");
const NODE = process.execPath;
const INSTALL = "install --no-package-lock --no-save --ignore-scripts --legacy-peer-deps".split(
  " ",
);

/**
 * The other runtimes. Their packages `bun` and `deno` rely on install scripts, which npm is told not to run; these have
 * the programs themselves.
 */
const { platform, arch } = process;
const BUN = `@oven/bun-${platform}-${arch.replace("arm64", "aarch64")}`;
const DENO = `@deno/${platform}-${arch}${platform === "linux" ? "-glibc" : ""}`;
const RUNTIMES = [`${BUN}@1.4.5`, `${DENO}@2.9.6`];

const README = join(ROOT, "README.md");
const PACKAGE_README = join(PACKAGE, "README.md");
const BACKENDS = join(ROOT, "docs", "backends.md");
const CLIENTS = join(ROOT, "docs", "clients.md");
const DOCUMENTS = join(ROOT, "docs", "documents.md");

/** By app and file: a page, one of its headings, and which of the code blocks below it. */
const FROM_PAGES: Record<string, Record<string, [string, string, number[]]>> = {
  node: { "backend.ts": [PACKAGE_README, "A backend", [0]] },
  vite: {
    "src/readme/readme.tsx": [README, "In your app", [0]],
    "src/readme/at-work.tsx": [README, "People at work", [0]],
    "src/readme/project.tsx": [CLIENTS, "React", [0]],
    "src/readme/plain.ts": [CLIENTS, "Plain JavaScript", [0]],
    "src/readme/tokens.ts": [CLIENTS, "Tokens", [0, 1]],
    "src/readme/partysocket.ts": [CLIENTS, "partysocket alone", [0]],
    "src/readme/recovering.ts": [CLIENTS, "partysocket alone", [1]],
    "src/readme/project-page.tsx": [PACKAGE_README, "React", [0]],
    "src/readme/whiteboard.tsx": [PACKAGE_README, "People at work", [0]],
    "src/readme/title-field.tsx": [PACKAGE_README, "People at work", [1]],
    "src/readme/query-map.ts": [PACKAGE_README, "TanStack Query", [0]],
    "src/readme/follow.ts": [PACKAGE_README, "Plain JavaScript", [0, 1, 2]],
    "src/readme/events.ts": [PACKAGE_README, "Events of your own", [0, 1]],
    "src/readme/typed.ts": [PACKAGE_README, "Events of your own", [2]],
    "src/readme/between-clients.ts": [PACKAGE_README, "Between clients", [0, 1]],
    "src/readme/encryption.ts": [PACKAGE_README, "Encryption", [0]],
    "src/readme/description.tsx": [DOCUMENTS, "In React, with CodeMirror", [0]],
    "src/readme/note.tsx": [PACKAGE_README, "Documents", [0]],
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

export default async (): Promise<void> => {
  await setup();
  await buildWorker();
  await buildPackage();
  await inTemporaryFolder(checkPacked);
};

async function checkPacked(folder: string): Promise<void> {
  const tarball = await packPackage(folder);
  // Installs the package into a copy of an app, as its users do, and tries it there.
  const app = (name: string, commands: string[][], env = process.env, judge?: Judge) =>
    step(`in an empty ${name} app`, async (job) => {
      const cwd = join(folder, name);
      cpSync(join(APPS, name), cwd, { recursive: true });
      copyFromPages(name, cwd);
      await runAll(job, [["npm", ...INSTALL, tarball], ...commands], { cwd, env });
      return judge?.(cwd);
    });
  await step("publint", (job) =>
    runAll(job, [[join(NPM_BIN, "publint"), "run", tarball, "--strict"]]),
  );
  await step("attw", (job) => runAll(job, [[join(NPM_BIN, "attw"), tarball]]));
  const secret = randomUUID();
  const vars = {
    CONNECT_AUTH: "open",
    ALLOWED_ORIGINS: "*",
    CLIENT_EVENTS: "on",
    LOG_LEVEL: "error",
  };
  const server = await serveWorker(join(folder, "server"), { BROADCAST_SECRET: secret, ...vars });
  const env = { ...process.env, REALTIME_URL: server.url, BROADCAST_SECRET: secret };
  try {
    await app("node", [[NODE, "main.mjs"]], env, assertClient);
    await app("commonjs", COMMONJS, env);
    await checkRuntimes(folder, env);
  } finally {
    await server.stop();
  }
  await app("vite", [[TSC], [NODE, "node_modules/vite/bin/vite.js", "build"]], env, assertBundle);
  await app("native", [[TSC]]);
}

/** What is tried where only `require` is available: in an older Node, in NestJS, Jest and an older Metro. */
const REQUIRING = [NODE, "--no-experimental-require-module"];
const COMMONJS = [
  [...REQUIRING, "-e", 'require("@validiant/realtime/server").createBroadcaster({})'],
  [NODE, "node_modules/typescript/bin/tsc"],
  [...REQUIRING, "dist/main.js"],
  [...REQUIRING, "node_modules/jest/bin/jest.js"],
  [NODE, "metro.js"],
];

/** Tries the app for Node in the other runtimes that a backend may have. */
async function checkRuntimes(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const cwd = join(folder, "node");
  const modules = join(folder, "node_modules");
  const deno = ["run", "--allow-all", "--cached-only", "--node-modules-dir=manual", "main.mjs"];
  const quiet = { ...env, DENO_DIR: join(folder, "deno"), DENO_NO_UPDATE_CHECK: "1" };
  const install = ["npm", ...INSTALL, ...RUNTIMES];
  await step("Bun and Deno", (job) => runAll(job, [install], { cwd: folder }));
  const bun = [join(modules, BUN, "bin", "bun"), "main.mjs"];
  await step("in Bun", (job) => runAll(job, [bun], { cwd, env }));
  await step("in Deno", (job) =>
    runAll(job, [[join(modules, DENO, "deno"), ...deno]], { cwd, env: quiet }),
  );
}

type Judge = (app: string) => string | undefined;

async function runAll(job: Job, commands: string[][], options = {}): Promise<void> {
  for (const [program = "", ...args] of commands)
    await job.run(program, args, { ...options, whole: true });
}

function copyFromPages(app: string, cwd: string): void {
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

/** Checks that the hooks are marked as client components, so that Next.js can report where that is missing. */
function assertClient(app: string): undefined {
  for (const file of ["react", "yjs/react"].flatMap((name) => [`${name}.js`, `cjs/${name}.js`])) {
    const text = readFileSync(join(app, "node_modules/@validiant/realtime/dist", file), "utf8");
    // Only lines before the first statement are directives.
    if (!/^("use strict";\s*)?"use client";/.test(text))
      throw new Failure(`${file} does not begin with "use client".`);
  }
}

/** By this name Yjs notices another copy of itself. */
const YJS_GUARD = "__ $YJS$ __";

/** Checks that the bundler left out whatever the page does not use, and took Yjs only once. */
function assertBundle(app: string): string {
  const folder = join(app, "dist", "assets");
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
  for (const unused of ["Idempotency-Key", "Path not found"])
    if (texts.some((bundle) => bundle.includes(unused)))
      throw new Failure(`The page's bundle contains "${unused}".`);
  const copies = texts.join().split(YJS_GUARD).length - 1;
  if (copies !== 1) throw new Failure(`The page's bundle contains Yjs ${copies} times.`);
  return "without what it does not use, and with one Yjs";
}
