/**
 * Checks whether a deployed server would work with its settings. It starts the built Worker with them and asks its
 * `/health`, so that a check, a deploy and `npm run dev` all report the same.
 */

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Failure } from "../common/failure.ts";
import { inTemporaryFolder, ROOT } from "../common/paths.ts";
import { outcome } from "../common/programs.ts";
import { serveWorker } from "../serve/worker.ts";
import { wranglerEnv } from "../serve/wrangler.ts";
import { secretsIn } from "./rules.ts";

type Problem = { setting: string; problem: string };

/** Stands in for a secret whose value is unknown. It is valid for every setting that is a real secret. */
const PLACEHOLDER = "stands-for-a-secret-whose-value-is-not-known";

/** The secrets that a Worker is assumed to have when Cloudflare can't be asked. */
export const ASSUMED_SECRETS = ["BROADCAST_SECRET", "JWT_SECRET"];

const OPTIONS = {
  config: { type: "string", short: "c" },
  env: { type: "string", short: "e" },
  name: { type: "string" },
  var: { type: "string", multiple: true },
  "secrets-file": { type: "string" },
} as const;

/** Which Worker the options of `wrangler deploy` mean, and with what settings. */
export function deployOptions(args: string[]) {
  const { values } = parseArgs({ args, strict: false, options: OPTIONS });
  const text = (option: "config" | "env" | "name" | "secrets-file") =>
    typeof values[option] === "string" ? values[option] : undefined;
  const given = (values.var ?? []).map((pair) => String(pair).split(/:(.*)/s));
  return {
    config: text("config"),
    env: text("env") ?? process.env.CLOUDFLARE_ENV,
    vars: Object.fromEntries(given.map(([name = "", value]) => [name, value ?? ""])),
    secretsFile: secretsFile(text("secrets-file")),
    /** The options that select the same Worker in another command. */
    which: (["config", "env", "name"] as const).flatMap((option) => {
      const value = text(option);
      return value === undefined ? [] : [`--${option}`, value];
    }),
  };
}

function secretsFile(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const path = resolve(ROOT, file);
  if (existsSync(path)) return readFileSync(path, "utf8");
  throw new Failure(`The file ${path} does not exist.`);
}

/** Fails if the Worker would not work, and names each problem. `secrets` are the names of those that it has. */
export async function checkSettings(
  {
    config = join(ROOT, "wrangler.toml"),
    env,
    vars,
    secretsFile = "",
  }: ReturnType<typeof deployOptions>,
  secrets: string[],
): Promise<void> {
  const read = await wranglerConfig(config, env);
  const fromFile = secretsIn(secretsFile);
  // The parser's error would quote the text.
  if (!fromFile) throw new Failure("The secrets file begins with { but is not valid JSON.");
  const known = { ...read.vars, ...vars, ...fromFile };
  const unknown = secrets.filter((name) => !(name in known));
  const placeholders = Object.fromEntries(unknown.map((name) => [name, PLACEHOLDER]));
  const objects = read.durable_objects.bindings.map(({ name }) => name);
  const problems = await problemsWith({ ...known, ...placeholders }, objects);
  const found = problems.filter((one) => !unknown.includes(one.setting) && !isRemote(one));
  if (found.length > 0) throw new Failure(inWords(found), { next: "docs/settings.md" });
}

/** Whether the key set can be fetched from this machine says nothing about the deployed server. */
function isRemote({ setting, problem }: Problem): boolean {
  return setting === "JWKS_URL" && problem.startsWith("did not return a key set");
}

interface WranglerConfig {
  vars: Record<string, unknown>;
  durable_objects: { bindings: { name: string }[] };
}

/** A wrangler configuration with one of its environments, as wrangler reads it: its own warnings are not shown. */
async function wranglerConfig(config: string, env: string | undefined): Promise<WranglerConfig> {
  const script = `
    const { unstable_readConfig } = await import("wrangler");
    console.log("\\n" + JSON.stringify(unstable_readConfig(${JSON.stringify({ config, env })})));
  `;
  const args = ["--input-type=module", "--eval", script];
  const { status, stdout, stderr } = await outcome(process.execPath, args, wranglerEnv());
  if (status === 0) return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  throw new Failure(`wrangler can't read ${config}.`, { output: stderr });
}

/** What the built Worker reports about these settings. `objects`: the bindings of its classes. */
function problemsWith(vars: Record<string, unknown>, objects: string[]): Promise<Problem[]> {
  return inTemporaryFolder(async (folder) => {
    const { url, stop } = await serveWorker(folder, vars, (binding) => objects.includes(binding));
    return await problemsAt(url, vars.BASE_PATH).finally(stop);
  });
}

/** What a running server reports about its settings. If its base path is wrong, it is at the root. */
export async function problemsAt(url: string, basePath: unknown): Promise<Problem[]> {
  const isPath = typeof basePath === "string" && basePath.startsWith("/");
  const below = isPath ? [`${url}${basePath}/health`] : [];
  for (const address of [...below, `${url}/health`]) {
    const response = await fetch(address);
    const { problems } = (await response.json()) as { problems?: Problem[] };
    if (problems !== undefined) return problems;
  }
  throw new Failure(`The settings can't be checked: ${url}/health was not found.`, {
    next: "Is BASE_PATH set in wrangler.toml? In development it belongs in .dev.vars.",
  });
}

export function inWords(problems: Problem[]): string {
  const lines = problems.map(({ setting, problem }) => `  ${setting}: ${problem}.`);
  return ["The server can't work with these settings:", ...lines].join("\n");
}
