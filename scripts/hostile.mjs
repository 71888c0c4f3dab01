/** Attacks the Worker in every way that tests/hostile knows, and measures a room beside it. HELP below says how. */

import { buildWorker } from "./build.mjs";
import { show } from "./commands.mjs";
import { Failure } from "./failure.mjs";
import { main } from "./main.mjs";
import { node, npmEnv } from "./node.mjs";
import { readOptions } from "./options.mjs";
import { setup } from "./setup.mjs";

const HELP = `npm run hostile                      5 minutes
npm run hostile -- --minutes 60      longer

One attack after the other, again and again, with a table after each turn. Fails if an attempt was not answered as
docs/protocol.md says, or if the room beside missed an event or got anything else. How fast that room stayed is for
you to read: npm test asserts it.`;

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
