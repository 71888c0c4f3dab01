/**
 * Deploys the Worker, unless it would have no secret to check broadcasts with.
 *
 *     npm run party:deploy [-- options of `wrangler deploy`, for example --env staging]
 */

import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildWorker } from "./build.mjs";
import { outcome } from "./commands.mjs";
import { buildConsole } from "./console.mjs";
import { refusal } from "./deploy-rules.mjs";
import { Failure } from "./failure.mjs";
import { main } from "./main.mjs";
import { node, wranglerArgs, wranglerEnv } from "./node.mjs";
import { ROOT } from "./paths.mjs";
import { startProcess } from "./processes.mjs";
import { setup } from "./setup.mjs";
import { checkBudget } from "./size.mjs";
import { step } from "./steps.mjs";

const args = process.argv.slice(2);

await main(async () => {
  await setup();
  await buildWorker();
  checkBudget(join(ROOT, "build"));
  await buildConsole();
  if (!args.includes("--dry-run")) await step("Secrets", checkSecrets);
  const options = /** @type {const} */ ({ cwd: ROOT, env: wranglerEnv(), stdio: "inherit" });
  const wrangler = startProcess(node(), wranglerArgs("deploy", ...args), options, { server: true });
  // If it fails, it has said why.
  const [code] = await once(wrangler, "close");
  process.exitCode = code ?? 1;
});

async function checkSecrets() {
  const { values } = parseArgs({
    args,
    strict: false,
    options: {
      config: { type: "string", short: "c" },
      env: { type: "string", short: "e" },
      name: { type: "string" },
      "secrets-file": { type: "string" },
    },
  });
  // The question must be about the Worker that is going to be deployed.
  const which = /** @type {const} */ (["config", "env", "name"]).flatMap((name) =>
    values[name] === undefined ? [] : [`--${name}`, String(values[name])],
  );
  const list = wranglerArgs("secret", "list", "--format", "json", ...which);
  // Without a terminal wrangler does not open a browser to log in: it says that nobody is.
  const listing = await outcome(node(), list, wranglerEnv());
  const reason = refusal({ listing, secretsFile: readSecretsFile(values["secrets-file"]), which });
  if (reason) throw new Failure(reason.message, reason);
}

/** @param {unknown} file */
function readSecretsFile(file) {
  if (file === undefined) return undefined;
  const path = resolve(ROOT, String(file));
  if (existsSync(path)) return readFileSync(path, "utf8");
  throw new Failure(`There is no file ${path}.`);
}
