/**
 * Deploys the Worker, unless it has no secret to check broadcasts with or can't work with its settings.
 *
 *     npm run party:deploy [-- options of `wrangler deploy`, for example --env staging]
 */

import { once } from "node:events";
import { join } from "node:path";
import { buildWorker } from "../build/build.mjs";
import { buildConsole } from "../build/console.mjs";
import { checkBudget } from "../build/size.mjs";
import { outcome } from "../common/commands.mjs";
import { Failure } from "../common/failure.mjs";
import { main } from "../common/main.mjs";
import { ROOT } from "../common/paths.mjs";
import { startProcess } from "../common/processes.mjs";
import { step } from "../common/steps.mjs";
import { node, wranglerArgs, wranglerEnv } from "../setup/node.mjs";
import { setup } from "../setup/setup.mjs";
import { ASSUMED_SECRETS, checkSettings, deployOptions } from "./check-settings.mjs";
import { refusal, secretNames } from "./deploy-rules.mjs";

const args = process.argv.slice(2);
const options = deployOptions(args);

await main(async () => {
  await setup();
  await buildWorker();
  checkBudget(join(ROOT, "build"));
  await buildConsole();
  /** @type {string[]} */
  let secrets = ASSUMED_SECRETS;
  if (!args.includes("--dry-run"))
    await step("Secrets", async () => {
      secrets = await checkSecrets();
    });
  await step("Settings", () => checkSettings(options, secrets));
  const shown = /** @type {const} */ ({ cwd: ROOT, env: wranglerEnv(), stdio: "inherit" });
  const wrangler = startProcess(node(), wranglerArgs("deploy", ...args), shown, { server: true });
  // If it fails, it has already said why.
  const [code] = await once(wrangler, "close");
  process.exitCode = code ?? 1;
});

/** @returns {Promise<string[]>} the names of the secrets that exist */
async function checkSecrets() {
  const { which, secretsFile } = options;
  const list = wranglerArgs("secret", "list", "--format", "json", ...which);
  // Without a terminal, wrangler does not open a browser to log in. It reports that nobody is logged in.
  const listing = await outcome(node(), list, wranglerEnv());
  const reason = refusal({ listing, secretsFile, which });
  if (reason) throw new Failure(reason.message, reason);
  return secretNames(listing);
}
