/**
 * Deploys the Worker, unless it has no secret to check broadcasts with or can't work with its settings; or only tries
 * that, without an account or a network, and shows what would be uploaded, how large it is, and its bindings.
 */

import { once } from "node:events";
import { buildAll } from "../build/build.ts";
import { Failure } from "../common/failure.ts";
import { inTemporaryFolder } from "../common/paths.ts";
import { startProcess } from "../common/processes.ts";
import { outcome } from "../common/programs.ts";
import { step } from "../common/steps.ts";
import { wranglerArgs, wranglerEnv } from "../serve/wrangler.ts";
import { setup } from "../setup/setup.ts";
import { refusal, secretNames } from "./rules.ts";
import { ASSUMED_SECRETS, checkSettings, deployOptions } from "./settings.ts";

type Options = ReturnType<typeof deployOptions>;

export default async (_options: object, rest: string[], name: string): Promise<void> => {
  const options = deployOptions(rest);
  await setup();
  await buildAll();
  if (name === "party:check") return tryIt(options, rest);
  let secrets = ASSUMED_SECRETS;
  if (!rest.includes("--dry-run"))
    await step("Secrets", async () => {
      secrets = await checkSecrets(options);
    });
  await step("Settings", () => checkSettings(options, secrets));
  const args = wranglerArgs("deploy", ...rest);
  const shown = { env: wranglerEnv(), stdio: "inherit" } as const;
  const wrangler = startProcess(process.execPath, args, shown, { server: true });
  // If it fails, it has already said why.
  const [code] = await once(wrangler, "close");
  process.exitCode = code ?? 1;
};

async function tryIt(options: Options, rest: string[]): Promise<void> {
  await step("Settings", async () => {
    await checkSettings(options, ASSUMED_SECRETS);
    return `assuming that ${ASSUMED_SECRETS.join(" and ")} are set as secrets`;
  });
  let output = "";
  await step("Dry-run deploy", (job) =>
    inTemporaryFolder(async (folder) => {
      const args = wranglerArgs("deploy", "--dry-run", "--outdir", folder, ...rest);
      output = await job.run(process.execPath, args, { env: wranglerEnv(), whole: true });
    }),
  );
  const lines = output.split("\n").filter((line) => !/^\[custom build\]|^--dry-run/.test(line));
  console.log(`\n${lines.join("\n").trim()}`);
}

/** The names of the secrets that exist. */
async function checkSecrets({ which, secretsFile }: Options): Promise<string[]> {
  const list = wranglerArgs("secret", "list", "--format", "json", ...which);
  // Without a terminal, wrangler does not open a browser to log in. It reports that nobody is logged in.
  const listing = await outcome(process.execPath, list, wranglerEnv());
  const reason = refusal({ listing, secretsFile, which });
  if (reason) throw new Failure(reason.message, reason);
  return secretNames(listing);
}
