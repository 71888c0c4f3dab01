/**
 * Tries a deploy without an account or a network. Shows whether the server would work with its settings, what would be
 * uploaded, how large it is, and its bindings.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildAll } from "../build/build.ts";
import { step } from "../common/steps.ts";
import { wranglerArgs, wranglerEnv } from "../serve/wrangler.ts";
import { setup } from "../setup/setup.ts";
import { ASSUMED_SECRETS, checkSettings, deployOptions } from "./settings.ts";

export default async (_options: object, rest: string[]): Promise<void> => {
  await setup();
  await buildAll();
  await step("Settings", async () => {
    await checkSettings(deployOptions(rest), ASSUMED_SECRETS);
    return `assuming that ${ASSUMED_SECRETS.join(" and ")} are set as secrets`;
  });
  const folder = mkdtempSync(join(tmpdir(), "validiant-check-"));
  try {
    const args = wranglerArgs("deploy", "--dry-run", "--outdir", folder, ...rest);
    let output = "";
    await step("Dry-run deploy", async (job) => {
      output = await job.run(process.execPath, args, { env: wranglerEnv(), whole: true });
    });
    const lines = output.split("\n").filter((line) => !/^\[custom build\]|^--dry-run/.test(line));
    console.log(`\n${lines.join("\n").trim()}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
