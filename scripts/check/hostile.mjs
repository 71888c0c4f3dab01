/** Attacks the Worker in every way that tests/hostile knows, and measures an unrelated room. See HELP below. */

import { buildWorker } from "../build/build.mjs";
import { show } from "../common/commands.mjs";
import { Failure } from "../common/failure.mjs";
import { main } from "../common/main.mjs";
import { readOptions } from "../common/options.mjs";
import { node, npmEnv } from "../setup/node.mjs";
import { setup } from "../setup/setup.mjs";

const HELP = `npm run hostile                      runs for 5 minutes
npm run hostile -- --minutes 60      runs for longer

Runs one attack after another, over and over, and prints a table after each round. Fails if an attempt was not
answered as docs/protocol.md says, or if an unrelated room missed an event or got anything else. The table shows how
fast that room stayed; npm test asserts it.`;

const OPTIONS = /** @type {const} */ ({ minutes: { type: "string", default: "5" } });

await main(async () => {
  const given = readOptions({ help: HELP, options: OPTIONS });
  if (!given) return;
  const { values } = given;
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && Number.isFinite(minutes)))
    throw new Failure(`--minutes ${values.minutes}: must be a number above 0.`, {
      next: "npm run hostile -- --help",
    });
  await setup();
  await buildWorker();
  const args = ["tests/hostile/run.ts", String(minutes)];
  if (!(await show(node(), args, npmEnv()))) throw new Failure("\nThe run failed.");
});
