/**
 * Starts the realtime server and the example in examples/taskboard: its API with a database, and its page. Ctrl-C stops
 * them all.
 */

import { join } from "node:path";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { buildPackage } from "../build/package.ts";
import { Failure } from "../common/failure.ts";
import { ROOT } from "../common/paths.ts";
import { isLeaving, startPiped } from "../common/processes.ts";
import { already, colour } from "../common/steps.ts";
import { setup } from "../setup/setup.ts";
import { ensureDevVars, readDevVars } from "./dev-vars.ts";
import { checkPort } from "./network.ts";

const EXAMPLE = join(ROOT, "examples", "taskboard");
/** The users of the example's database to open side by side. */
const DEMO_USERS = ["ann", "ben"];
const FROM_DEV_VARS = ["BROADCAST_SECRET", "JWT_SECRET", "CONNECT_AUTH"];
const READY = /^ready on (\S+)/i;
/** More than `npm run dev` gives wrangler. */
const PATIENCE_MILLISECONDS = 8000;

type Ports = { port: number; apiPort: number; boardPort: number };

export default async (ports: Ports): Promise<void> => {
  const { port, apiPort, boardPort } = ports;
  await checkPorts({ port, "api-port": apiPort, "board-port": boardPort });
  await setup();
  await buildPackage();
  const secrets = exampleSecrets();
  const database = process.env.DATABASE_URL ? "DATABASE_URL" : "PGlite";
  const api = { ...secrets, PORT: apiPort, REALTIME_URL: `http://localhost:${port}` };
  const board = { PORT: boardPort, API_URL: `http://localhost:${apiPort}` };
  const realtime = [join(ROOT, "scripts/run.mjs"), "dev", "--port", `${port}`];
  const services = [
    startService("realtime", realtime, { VALIDIANT_BRIEF: "1" }),
    startService("api", [join(EXAMPLE, "api", "main.ts")], api),
    startService("board", [join(EXAMPLE, "board", "serve.ts")], board),
  ];
  const failure = Promise.race(services.map(({ failure }) => failure));
  const says = [
    (url: string) => already("Realtime server", url),
    (url: string) => already("API", `${url}  on ${database}`),
    (url: string) => already("Board", url),
  ];
  const ready = services.map(async ({ ready }, at) => says[at]?.(await ready));
  await Promise.race([Promise.all(ready), failure]);
  const links = DEMO_USERS.map((user) => `  http://localhost:${boardPort}/?user=${user}`);
  console.log(`\nOpen both, side by side:\n${links.join("\n")}\nCtrl-C stops everything.`);
  await failure;
};

async function checkPorts(ports: Record<string, number>): Promise<void> {
  if (new Set(Object.values(ports)).size < Object.keys(ports).length)
    throw new Failure("Each of the three needs its own port.");
  for (const [option, port] of Object.entries(ports))
    await checkPort(port, `npm run dev:all -- --${option} ${port + 1}`);
}

/** What the API needs to know about the realtime server. */
function exampleSecrets(): Record<string, string | undefined> {
  ensureDevVars();
  const values = readDevVars();
  if (values.CONNECT_AUTH !== "open" && !values.JWT_SECRET)
    throw new Failure("The realtime server requires tokens that the example can't sign.", {
      next: "Set JWT_SECRET in .dev.vars, or CONNECT_AUTH=open.",
    });
  return Object.fromEntries(FROM_DEV_VARS.map((name) => [name, values[name]]));
}

interface Service {
  /** Its address, once it prints `ready on <url>`. */
  ready: Promise<string>;
  /** Rejected when it ends. */
  failure: Promise<never>;
}

/** Starts a program of Node that runs until the command ends. Each line of its output is prefixed with its name. */
export function startService(name: string, args: string[], settings: object): Service {
  const env = { ...process.env, ...settings, ...(colour && { FORCE_COLOR: "1" }) };
  const ending = { server: true, patience: PATIENCE_MILLISECONDS };
  const child = startPiped(process.execPath, args, { env }, ending);
  const failure = new Promise<never>((_, reject) => {
    child.once("error", ({ message }) =>
      reject(new Failure(`${name} could not be started: ${message}`)),
    );
    child.once("close", (code) => reject(new Failure(`${name} exited with code ${code}.`)));
  });
  const ready = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => {
        const url = READY.exec(stripVTControlCharacters(line))?.[1];
        if (url) resolve(url);
        else if (!isLeaving() && line.trim()) console.log(`${name} | ${line}`);
      });
  });
  return { ready, failure };
}
