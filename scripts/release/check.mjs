/**
 * Tries a deploy without an account or a network. Shows whether the server would work with its settings, what would be
 * uploaded, how large it is, and its bindings.
 *
 *     npm run party:check [-- options of `wrangler deploy`, for example --env staging]
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildWorker } from "../build/build.mjs";
import { buildConsole } from "../build/console.mjs";
import { checkBudget } from "../build/size.mjs";
import { main } from "../common/main.mjs";
import { ROOT } from "../common/paths.mjs";
import { step } from "../common/steps.mjs";
import { node, wranglerArgs, wranglerEnv } from "../setup/node.mjs";
import { setup } from "../setup/setup.mjs";
import { ASSUMED_SECRETS, checkSettings, deployOptions } from "./check-settings.mjs";

await main(async () => {
  await setup();
  await buildWorker();
  checkBudget(join(ROOT, "build"));
  await buildConsole();
  const options = deployOptions(process.argv.slice(2));
  await step("Settings", async () => {
    await checkSettings(options, ASSUMED_SECRETS);
    return `assuming that ${ASSUMED_SECRETS.join(" and ")} are set as secrets`;
  });
  const folder = mkdtempSync(join(tmpdir(), "validiant-check-"));
  try {
    const args = ["deploy", "--dry-run", "--outdir", folder, ...process.argv.slice(2)];
    let output = "";
    await step("Dry-run deploy", async (job) => {
      output = await job.run(node(), wranglerArgs(...args), { env: wranglerEnv(), whole: true });
    });
    console.log(`\n${summary(output)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** @param {string} output of wrangler */
function summary(output) {
  const lines = output.split("\n").filter((line) => !/^\[custom build\]|^--dry-run/.test(line));
  return lines.join("\n").trim();
}
