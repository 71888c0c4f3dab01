/**
 * Crashes the Worker's runtime again and again under clients and publishers, and checks what each client got. See HELP
 * below.
 */

import { buildWorker } from "../build/build.mjs";
import { show } from "../common/commands.mjs";
import { Failure } from "../common/failure.mjs";
import { main } from "../common/main.mjs";
import { readOptions } from "../common/options.mjs";
import { node, npmEnv } from "../setup/node.mjs";
import { setup } from "../setup/setup.mjs";

const HELP = `npm run chaos                        runs for 5 minutes with 200 clients
npm run chaos -- --minutes 60        runs for longer
npm run chaos -- --clients 500       uses more clients
SEED=... npm run chaos               repeats the random choices; the timing is never quite the same

Clients on partysocket reconnect with their position, publishers retry what was not answered, and the runtime is
killed and restarted on the same storage about once a second. Fails if a client missed an event, got one twice, got
one out of order or not meant for it, or was told for no reason that it could not be recovered.`;

const OPTIONS = /** @type {const} */ ({
  minutes: { type: "string", default: "5" },
  clients: { type: "string", default: "200" },
});

await main(async () => {
  const given = readOptions({ help: HELP, options: OPTIONS });
  if (!given) return;
  const { values } = given;
  const minutes = above0(values.minutes, "--minutes");
  const clients = above0(values.clients, "--clients");
  if (!Number.isInteger(clients)) throw new Failure("--clients: must be a whole number.");
  await setup();
  await buildWorker();
  const args = ["tests/chaos/run.ts", String(minutes), String(clients)];
  if (!(await show(node(), args, npmEnv()))) throw new Failure("\nThe run failed.");
});

/** @param {string} text @param {string} option */
function above0(text, option) {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Failure(`${option} ${text}: must be a number above 0.`, {
    next: "npm run chaos -- --help",
  });
}
