/**
 * Runs the Worker on this machine, rebuilds it after each change, and keeps its data in `.wrangler/state`.
 *
 *     npm run dev [-- --port 1999] [--ip 0.0.0.0] [other options of `wrangler dev`]
 */

import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { buildWorker, DEV_BUILD } from "../build/build.mjs";
import { buildConsole } from "../build/console.mjs";
import { Failure, report } from "../common/failure.mjs";
import { main } from "../common/main.mjs";
import { ROOT } from "../common/paths.mjs";
import { endProcess, startPiped } from "../common/processes.mjs";
import { colour, duration } from "../common/steps.mjs";
import { inWords, problemsAt } from "../release/check-settings.mjs";
import { node, wranglerArgs, wranglerEnv } from "../setup/node.mjs";
import { setup } from "../setup/setup.mjs";
import { consoleLink } from "./console-link.mjs";
import { devOutput } from "./dev-output.mjs";
import { DEV_HOME, devVarsChange, ensureDevVars, readDevVars } from "./dev-vars.mjs";
import { isForEverybody, openToTheNetwork } from "./network.mjs";
import { checkPort, readPort } from "./ports.mjs";

const DEFAULT_PORT = 1999;
/** Tests use the existing release build: the development build takes a minute if nothing is compiled yet. */
const BUILD = process.env.VALIDIANT_RELEASE_BUILD
  ? { outDir: "build" }
  : /** @type {const} */ ({ profile: "dev", outDir: DEV_BUILD });
const NO_HOTKEYS = "--show-interactive-dev-session=false";
/** Ctrl-C is the normal way to end it. */
const SERVER = { interrupted: 0 };

const HELP = `npm run dev                          serves http://localhost:1999 and rebuilds on every change
  --port N           uses another port
  --ip 0.0.0.0       also serves phones and other devices on the same network
All other options go to wrangler: npx wrangler dev --help`;

const OPTIONS = /** @type {const} */ ({
  port: { type: "string" },
  ip: { type: "string" },
  help: { type: "boolean", short: "h" },
});

await main(async () => {
  const args = process.argv.slice(2);
  const { values } = parseArgs({ args, strict: false, options: OPTIONS });
  if (values.help) return console.log(HELP);
  const port = readPort(String(values.port ?? DEFAULT_PORT), "--port");
  if (values.port === undefined) args.push("--port", String(port));
  await checkPort(port, `npm run dev -- --port ${port + 1}`);
  await setup();
  await buildWorker(BUILD);
  await buildConsole();
  const secret = ensureDevVars();
  // `npm run dev:all` prints its own instructions.
  const brief = (/** @type {string} */ url) => console.log(`Ready on ${url}`);
  await serve(args, process.env.VALIDIANT_BRIEF ? brief : (url) => welcome(local(url), secret));
}, SERVER);

/** The address of a server as seen from this machine. @param {string} url */
function local(url) {
  const { port, hostname } = new URL(url);
  if (!isForEverybody(hostname.replace(/[[\]]/g, ""))) return url;
  console.log(`\n${openToTheNetwork(port, readDevVars().CONNECT_AUTH)}`);
  return `http://localhost:${port}`;
}

/** The options for wrangler if its secrets and data are not in the default place. */
function ownFolder() {
  if (DEV_HOME === ROOT) return [];
  return ["--env-file", join(DEV_HOME, ".dev.vars"), "--persist-to", DEV_HOME];
}

/**
 * Serves until wrangler ends. It reads `.dev.vars` only when it starts, so it is restarted when that file changes.
 * @param {string[]} args
 * @param {(url: string) => void} onReady called the first time the server answers
 * @returns {Promise<void>} rejected if wrangler fails
 */
async function serve(args, onReady) {
  const again = (/** @type {string} */ url) =>
    console.log(`Ready on ${url}, with the new .dev.vars`);
  for (let welcomes = onReady; ; welcomes = again) {
    const waiting = new AbortController();
    const { wrangler, ending } = start(args, (url) => {
      welcomes(url);
      void showProblems(url);
    });
    const change = usableChange(waiting.signal).then(() => /** @type {const} */ ("changed"));
    const outcome = await Promise.race([ending, change]).finally(() => waiting.abort());
    if (outcome !== "changed") return;
    await endProcess(wrangler);
  }
}

/** @param {AbortSignal} signal ends the waiting */
async function usableChange(signal) {
  for (;;) {
    await devVarsChange(signal);
    try {
      return readDevVars();
    } catch (error) {
      // The server keeps running with the old values until the file is corrected.
      report(error);
    }
  }
}

/** @param {string} url */
async function showProblems(url) {
  try {
    const problems = await problemsAt(url, readDevVars().BASE_PATH);
    if (problems.length > 0) console.log(`\n${inWords(problems)}\n`);
  } catch (error) {
    report(error);
  }
}

/**
 * @param {string[]} args
 * @param {(url: string) => void} onReady
 */
function start(args, onReady) {
  const all = wranglerArgs("dev", `${BUILD.outDir}/index.js`, NO_HOTKEYS, ...args, ...ownFolder());
  const env = {
    ...wranglerEnv(),
    ...(BUILD.profile === "dev" ? { VALIDIANT_DEV_BUILD: "1" } : {}),
    ...(colour ? { FORCE_COLOR: "1" } : {}),
  };
  const wrangler = startPiped(node(), all, { cwd: ROOT, env }, { server: true });
  for (const stream of [wrangler.stdout, wrangler.stderr]) {
    const show = devOutput(onReady);
    createInterface({ input: stream }).on("line", (line) => {
      const text = show(line);
      if (text !== undefined) console.log(text);
    });
  }
  /** @type {Promise<void>} */
  const ending = new Promise((resolve, reject) => {
    wrangler.once("error", reject);
    wrangler.once("close", (code) => (code === 0 ? resolve() : reject(ended(code))));
  });
  // After a restart nobody awaits the old one.
  ending.catch(() => {});
  return { wrangler, ending };
}

/** @param {number | null} code */
function ended(code) {
  return new Failure(`wrangler exited${code === null ? "" : ` with code ${code}`}.`);
}

/**
 * @param {string} url
 * @param {string | undefined} newSecret
 */
function welcome(url, newSecret) {
  const room = `${url}/parties/main/demo`;
  const socket = `${room.replace("http", "ws")}?userId=ann&userName=Ann`;
  // After the first start, no printed command contains the secret: commands stay in the shell's history.
  const secret = newSecret ?? "$(npm run -s secret)";
  const { CONSOLE, BROADCAST_SECRET } = readDevVars();
  const link = consoleLink(url, BROADCAST_SECRET, process.stdout.isTTY === true);
  const page =
    CONSOLE === "on" ? `\nWatch projects and broadcast to them in the console:\n  ${link}\n` : "";
  const note = newSecret ? "is new and saved" : "is";
  console.log(`
Ready on ${url} (${duration(performance.now())})
${page}
Subscribe to a project:
  node -e 'new (require("ws"))("${socket}").on("message", (m) => console.log(String(m)))'
Broadcast to it:
  curl -X POST ${room} -H "Authorization: Bearer ${secret}" -H "Content-Type: application/json" -d '{"eventType":"TASK_UPDATED","payload":{"taskId":"t1"}}'

BROADCAST_SECRET ${note} in .dev.vars. Ctrl-C stops the server.
`);
}
