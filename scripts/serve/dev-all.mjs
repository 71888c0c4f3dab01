/**
 * Starts the realtime server and the example in examples/taskboard: its API with a database, and its page. Ctrl-C stops
 * them all.
 *
 *     npm run dev:all [-- --port 1999 --api-port 3001 --board-port 5173]
 */

import { join } from "node:path";
import { buildPackage } from "../build/build-package.mjs";
import { Failure } from "../common/failure.mjs";
import { main } from "../common/main.mjs";
import { readOptions } from "../common/options.mjs";
import { ROOT } from "../common/paths.mjs";
import { already } from "../common/steps.mjs";
import { node, npmEnv } from "../setup/node.mjs";
import { setup } from "../setup/setup.mjs";
import { ensureDevVars, readDevVars } from "./dev-vars.mjs";
import { checkPort, readPort } from "./ports.mjs";
import { Services } from "./services.mjs";

const EXAMPLE = join(ROOT, "examples", "taskboard");
/** Ctrl-C is the normal way to end them. */
const SERVERS = { interrupted: 0 };
/** The users of the example's database to open side by side. */
const DEMO_USERS = ["ann", "ben"];
const FROM_DEV_VARS = ["BROADCAST_SECRET", "JWT_SECRET", "CONNECT_AUTH"];

const HELP = `npm run dev:all                      runs the realtime server, the API and the board
  --port N           port of the realtime server (1999)
  --api-port N       port of the API (3001)
  --board-port N     port of the board (5173)`;

const OPTIONS = /** @type {const} */ ({
  port: { type: "string", default: "1999" },
  "api-port": { type: "string", default: "3001" },
  "board-port": { type: "string", default: "5173" },
});

await main(async () => {
  const given = readOptions({ help: HELP, options: OPTIONS });
  if (!given) return;
  const { values: ports } = given;
  await checkPorts(ports);
  await setup();
  await buildPackage();
  const secrets = exampleSecrets();
  const services = new Services();
  const { port, "api-port": apiPort, "board-port": boardPort } = ports;
  const started = Promise.all([
    startRealtime(services, port),
    startApi(services, { ...secrets, PORT: apiPort, REALTIME_URL: `http://localhost:${port}` }),
    startBoard(services, { PORT: boardPort, API_URL: `http://localhost:${apiPort}` }),
  ]);
  await started;
  console.log(`\n${whereTo(`http://localhost:${boardPort}`)}`);
  await services.failure;
}, SERVERS);

/** @param {Record<string, string>} ports by option */
async function checkPorts(ports) {
  if (new Set(Object.values(ports)).size < Object.keys(ports).length)
    throw new Failure("Each of the three needs its own port.");
  for (const [option, text] of Object.entries(ports)) {
    const port = readPort(text, `--${option}`);
    await checkPort(port, `npm run dev:all -- --${option} ${port + 1}`);
  }
}

/** What the API needs to know about the realtime server. */
function exampleSecrets() {
  ensureDevVars();
  const values = readDevVars();
  const isOpen = values.CONNECT_AUTH === "open";
  if (!isOpen && !values.JWT_SECRET)
    throw new Failure("The realtime server requires tokens that the example can't sign.", {
      next: "Set JWT_SECRET in .dev.vars, or CONNECT_AUTH=open.",
    });
  return Object.fromEntries(FROM_DEV_VARS.map((name) => [name, values[name]]));
}

/** @param {Services} services @param {string} port */
async function startRealtime(services, port) {
  const args = [join(ROOT, "scripts/serve/dev.mjs"), "--port", port];
  const env = { ...process.env, VALIDIANT_BRIEF: "1" };
  const url = await services.start({ name: "realtime", command: process.execPath, args, env });
  already("Realtime server", url);
}

/** @param {Services} services @param {NodeJS.ProcessEnv} settings */
async function startApi(services, settings) {
  const env = { ...npmEnv(), ...settings };
  const args = [join(EXAMPLE, "api", "main.ts")];
  const url = await services.start({ name: "api", command: node(), args, env });
  already("API", `${url}  on ${process.env.DATABASE_URL ? "DATABASE_URL" : "PGlite"}`);
}

/** @param {Services} services @param {NodeJS.ProcessEnv} settings */
async function startBoard(services, settings) {
  const env = { ...npmEnv(), ...settings };
  const args = [join(EXAMPLE, "board", "serve.ts")];
  const url = await services.start({ name: "board", command: node(), args, env });
  already("Board", url);
}

/**
 * What to do next. The links open the demo project directly.
 * @param {string} board
 */
function whereTo(board) {
  const links = DEMO_USERS.map((user) => `  ${board}/?user=${user}`);
  return `Open both, side by side:\n${links.join("\n")}\nCtrl-C stops everything.`;
}
