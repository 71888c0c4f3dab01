/**
 * Takes screenshots of the console (tests/console/screenshots.ts).
 *
 *     npm run screenshots
 */

import { buildWorker } from "./build.mjs";
import { show } from "./commands.mjs";
import { buildConsole } from "./console.mjs";
import { Failure } from "./failure.mjs";
import { main } from "./main.mjs";
import { node, npmEnv } from "./node.mjs";
import { readOptions } from "./options.mjs";
import { setup } from "./setup.mjs";

const HELP = "npm run screenshots                  takes the screenshots; takes no options";

await main(async () => {
  if (!readOptions({ help: HELP, options: {} })) return;
  await setup({ browser: true });
  await buildWorker();
  await buildConsole();
  if (!(await show(node(), ["tests/console/screenshots.ts"], npmEnv())))
    throw new Failure("\nThere are no new pictures.");
});
