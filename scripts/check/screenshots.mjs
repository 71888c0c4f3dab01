/**
 * Takes screenshots of the console (tests/console/screenshots.ts).
 *
 *     npm run screenshots
 */

import { buildWorker } from "../build/build.mjs";
import { buildConsole } from "../build/console.mjs";
import { show } from "../common/commands.mjs";
import { Failure } from "../common/failure.mjs";
import { main } from "../common/main.mjs";
import { readOptions } from "../common/options.mjs";
import { node, npmEnv } from "../setup/node.mjs";
import { setup } from "../setup/setup.mjs";

const HELP = "npm run screenshots                  takes the screenshots; takes no options";

await main(async () => {
  if (!readOptions({ help: HELP, options: {} })) return;
  await setup({ browser: true });
  await buildWorker();
  await buildConsole();
  if (!(await show(node(), ["tests/console/screenshots.ts"], npmEnv())))
    throw new Failure("\nThere are no new pictures.");
});
