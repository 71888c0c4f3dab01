/**
 * Checks whether a deployed server would work with its settings. It starts the built Worker with them and asks its
 * `/health`, so that a check, a deploy and `npm run dev` all report the same.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { outcome } from "../common/commands.mjs";
import { Failure } from "../common/failure.mjs";
import { ROOT } from "../common/paths.mjs";
import { valuesIn } from "../serve/dev-vars.mjs";
import { serveWorker } from "../serve/serve-worker.mjs";
import { node, wranglerEnv } from "../setup/node.mjs";

/** @typedef {{ setting: string, problem: string }} Problem */

/** Stands in for a secret whose value is unknown. It is valid for every setting that is a real secret. */
const PLACEHOLDER = "stands-for-a-secret-whose-value-is-not-known";

/** The secrets that a Worker is assumed to have when Cloudflare can't be asked. */
export const ASSUMED_SECRETS = ["BROADCAST_SECRET", "JWT_SECRET"];

const OPTIONS = /** @type {const} */ ({
  config: { type: "string", short: "c" },
  env: { type: "string", short: "e" },
  name: { type: "string" },
  var: { type: "string", multiple: true },
  "secrets-file": { type: "string" },
});

/**
 * Which Worker the options of a deploy mean, and with what settings.
 * @param {string[]} args of `wrangler deploy`
 */
export function deployOptions(args) {
  const { values } = parseArgs({ args, strict: false, options: OPTIONS });
  const text = (/** @type {"config" | "env" | "name" | "secrets-file"} */ option) =>
    typeof values[option] === "string" ? values[option] : undefined;
  const given = (values.var ?? []).map((pair) => String(pair).split(/:(.*)/s));
  return {
    config: text("config"),
    env: text("env") ?? process.env.CLOUDFLARE_ENV,
    vars: Object.fromEntries(given.map(([name = "", value]) => [name, value ?? ""])),
    secretsFile: secretsFile(text("secrets-file")),
    /** The options that select the same Worker in another command. */
    which: /** @type {const} */ (["config", "env", "name"]).flatMap((option) => {
      const value = text(option);
      return value === undefined ? [] : [`--${option}`, value];
    }),
  };
}

/** @param {string | undefined} file */
function secretsFile(file) {
  if (file === undefined) return undefined;
  const path = resolve(ROOT, file);
  if (existsSync(path)) return readFileSync(path, "utf8");
  throw new Failure(`The file ${path} does not exist.`);
}

/**
 * Fails if the Worker would not work, and names each problem.
 * @param {ReturnType<typeof deployOptions>} options
 * @param {string[]} secrets the names of those that the deployed Worker has
 */
export async function checkSettings({ config, env, vars, secretsFile }, secrets) {
  const read = await wranglerConfig(config ?? join(ROOT, "wrangler.toml"), env);
  const known = { ...read.vars, ...vars, ...secretsIn(secretsFile) };
  const unknown = secrets.filter((name) => !(name in known));
  const hasRooms = read.durable_objects.bindings.some(({ name }) => name === "ROOMS");
  const problems = await problemsWith({ ...known, ...placeholders(unknown) }, hasRooms);
  const found = problems.filter(
    (problem) => !unknown.includes(problem.setting) && !isRemote(problem),
  );
  if (found.length > 0) throw new Failure(inWords(found), { next: "docs/settings.md" });
}

/**
 * Whether the key set can be fetched from this machine says nothing about the deployed server.
 * @param {Problem} problem
 */
function isRemote({ setting, problem }) {
  return setting === "JWKS_URL" && problem.startsWith("did not return a key set");
}

/** Prints the configuration as wrangler reads it. */
const READ_CONFIG = `
  const { unstable_readConfig } = await import("wrangler");
  const [config, env] = JSON.parse(process.argv[1]);
  console.log("\\n" + JSON.stringify(unstable_readConfig({ config, env: env ?? undefined })));
`;

/**
 * @typedef {object} WranglerConfig
 * @property {Record<string, unknown>} vars
 * @property {{ bindings: { name: string }[] }} durable_objects
 */

/**
 * A wrangler configuration with one of its environments, as wrangler reads it.
 * @param {string} config
 * @param {string | undefined} env
 * @returns {Promise<WranglerConfig>}
 */
async function wranglerConfig(config, env) {
  const args = [
    "--input-type=module",
    "--eval",
    READ_CONFIG,
    JSON.stringify([config, env ?? null]),
  ];
  const { status, stdout, stderr } = await outcome(node(), args, wranglerEnv());
  if (status === 0) return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  throw new Failure(`wrangler can't read ${config}.`, { output: stderr });
}

/** @param {string | undefined} text either JSON or lines of NAME=value */
function secretsIn(text = "") {
  if (!text.trimStart().startsWith("{")) return valuesIn(text);
  try {
    return JSON.parse(text);
  } catch {
    // The error would quote the text.
    throw new Failure("The secrets file begins with { but is not valid JSON.");
  }
}

/** @param {string[]} names */
function placeholders(names) {
  return Object.fromEntries(names.map((name) => [name, PLACEHOLDER]));
}

/**
 * What the built Worker reports about these settings.
 * @param {Record<string, unknown>} vars
 * @param {boolean} hasRooms
 */
async function problemsWith(vars, hasRooms) {
  const folder = mkdtempSync(join(tmpdir(), "validiant-settings-"));
  try {
    const { url, stop } = await serveWorker(folder, vars, { hasRooms });
    try {
      return await problemsAt(url, vars.BASE_PATH);
    } finally {
      await stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What a running server reports about its settings.
 * @param {string} url
 * @param {unknown} basePath where it may be; if this setting is wrong, it is at the root
 * @returns {Promise<Problem[]>}
 */
export async function problemsAt(url, basePath) {
  const isPath = typeof basePath === "string" && basePath.startsWith("/");
  const below = isPath ? [`${url}${basePath}/health`] : [];
  for (const address of [...below, `${url}/health`]) {
    const response = await fetch(address);
    const { problems } = /** @type {{ problems?: Problem[] }} */ (await response.json());
    if (problems !== undefined) return problems;
  }
  throw new Failure(`The settings can't be checked: ${url}/health was not found.`, {
    next: "Is BASE_PATH set in wrangler.toml? In development it belongs in .dev.vars.",
  });
}

/** @param {Problem[]} problems */
export function inWords(problems) {
  const lines = problems.map(({ setting, problem }) => `  ${setting}: ${problem}.`);
  return ["The server can't work with these settings:", ...lines].join("\n");
}
