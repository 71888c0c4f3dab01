/**
 * Runs the tests: the Rust crates, the type check, the scripts, the npm package, and the black-box tests of the built
 * Worker. See HELP below.
 */

import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildWorker, PANICKING_BUILD } from "../build/build.mjs";
import { buildPackage } from "../build/build-package.mjs";
import { buildConsole } from "../build/console.mjs";
import { checkBudget } from "../build/size.mjs";
import { run, show } from "../common/commands.mjs";
import { Failure } from "../common/failure.mjs";
import { main } from "../common/main.mjs";
import { readOptions } from "../common/options.mjs";
import { NPM_BIN, ROOT } from "../common/paths.mjs";
import { node, npmEnv } from "../setup/node.mjs";
import { setup } from "../setup/setup.mjs";
import { rustEnv } from "../setup/toolchain.mjs";

const HELP = `npm test                             runs all tests
npm test -- --only core              runs the Rust tests
npm test -- --only box               runs the black-box tests of the Worker, the npm package with it, and the example
npm test -- --only scripts           runs the tests of the scripts and of the npm package alone
npm test -- tests/http/*.test.ts     runs these files
TARGET=https://... SECRET=... npm test   runs the black-box tests against a deployed Worker`;

/** They measure time, so nothing else runs at the same time. */
const ALONE = [join("tests", "hostile", "hostile.test.ts")];

/** The tests of the npm package that need the Worker. */
const PACKAGE_BOX = join("packages", "realtime", "tests", "box");
const EXAMPLE_ROOT = join("examples", "taskboard");
const EXAMPLE = join(EXAMPLE_ROOT, "tests");
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

const OPTIONS = /** @type {const} */ ({ only: { type: "string" } });

await main(async () => {
  const given = readOptions({ help: HELP, options: OPTIONS, positionals: true });
  if (!given) return;
  const missing = given.positionals.find((file) => !existsSync(resolve(ROOT, file)));
  if (missing !== undefined) throw new Failure(`The file ${missing} does not exist.`);
  const plan = makePlan(given.values.only, given.positionals);
  await setup({ rust: plan.core || plan.build, browser: plan.files.some(isBlackBox) });
  // Started first: most of a build keeps only one core busy, and the other tests mostly wait.
  const cargo = plan.core && plan.files.length > 0 ? cargoTest() : undefined;
  if (plan.build) await build();
  const failed = await runAll(plan, cargo);
  if (failed.length > 0) throw new Failure(`\nFailed: ${failed.join(", ")}`);
});

/**
 * What to run.
 * @param {string | undefined} only
 * @param {string[]} named the files on the command line
 */
function makePlan(only, named) {
  if (only !== undefined && !["core", "box", "scripts"].includes(only)) {
    throw new Failure(`--only ${only}: unknown part.`, { next: "npm test -- --help" });
  }
  const deployed = Boolean(process.env.TARGET);
  const all = named.length === 0 && only === undefined && !deployed;
  const box =
    all || only === "box" || deployed
      ? [...find("tests", ".test.ts"), ...find(PACKAGE_BOX, ".test.ts")]
      : [];
  const example = box.length > 0 && !deployed ? find(EXAMPLE, ".test.ts") : [];
  const scripts = all || only === "scripts" ? findUnits() : [];
  const files = named.length > 0 ? named : [...scripts, ...box, ...example];
  return {
    core: all || only === "core",
    types: all,
    files,
    build: files.some(isBlackBox) && !deployed,
  };
}

async function build() {
  await buildWorker();
  checkBudget(join(ROOT, "build"));
  await buildWorker(PANICKING_BUILD);
  await buildPackage();
  await buildConsole();
}

/**
 * @param {ReturnType<typeof makePlan>} plan
 * @param {Promise<boolean> | undefined} cargo the Rust tests, if they are already running
 * @returns {Promise<string[]>} the names of what failed
 */
async function runAll({ core, types, files }, cargo) {
  const alone = files.filter((file) => ALONE.includes(file));
  const together = files.filter((file) => !ALONE.includes(file));
  /** @type {[string, boolean, string, string[], NodeJS.ProcessEnv][]} */
  const parts = [
    ["cargo test", core && !cargo, "cargo", CARGO_TEST, rustEnv()],
    ["tsc", types, join(NPM_BIN, "tsc"), ["--noEmit"], npmEnv()],
    [
      "tsc, taskboard",
      types,
      join(NPM_BIN, "tsc"),
      ["--noEmit", "--project", EXAMPLE_ROOT],
      npmEnv(),
    ],
    ["node --test", together.length > 0, node(), [...NODE_TEST, ...together], npmEnv()],
  ];
  const failed = [];
  for (const [name, wanted, command, args, env] of parts) {
    if (wanted && !(await shown(name, command, args, env))) failed.push(name);
  }
  if (cargo && !(await cargo)) failed.push("cargo test");
  if (
    alone.length > 0 &&
    !(await shown("node --test, alone", node(), [...NODE_TEST, ...alone], npmEnv()))
  )
    failed.push("node --test, alone");
  return failed;
}

/**
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function shown(name, command, args, env) {
  console.log(`\n${name}`);
  return show(command, args, env);
}

/** The Rust tests, in parallel with everything else. Their output is printed when they have ended. */
async function cargoTest() {
  try {
    console.log(`\ncargo test\n${await run("cargo", CARGO_TEST, { env: rustEnv(), whole: true })}`);
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.log(`\ncargo test\n${error.output}`);
    return false;
  }
}

/**
 * @param {string} folder
 * @param {string} ending
 */
function find(folder, ending) {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file))
    .sort();
}

/** The tests that need no Worker. */
function findUnits() {
  const scripts = ["scripts", "bench"].flatMap((folder) => find(folder, ".test.mjs"));
  const modules = ["packages", "console"].flatMap((folder) => find(folder, ".test.ts"));
  return [...scripts, ...modules.filter((file) => !isBlackBox(file))];
}

/** @param {string} file */
function isBlackBox(file) {
  return ["tests", PACKAGE_BOX, EXAMPLE].some((folder) =>
    resolve(ROOT, file).startsWith(join(ROOT, folder)),
  );
}
