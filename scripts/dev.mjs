/**
 * Starts the Worker on this machine, builds it again after each change, and keeps its data in `.wrangler/state`.
 *
 *     npm run dev [-- --port 1999] [--ip 0.0.0.0] [other options of `wrangler dev`]
 */

import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { buildWorker, DEV_BUILD } from "./build.mjs";
import { inWords, problemsAt } from "./check-settings.mjs";
import { buildConsole } from "./console.mjs";
import { consoleLink } from "./console-link.mjs";
import { devOutput } from "./dev-output.mjs";
import { DEV_HOME, devVarsChange, ensureDevVars, readDevVars } from "./dev-vars.mjs";
import { Failure, report } from "./failure.mjs";
import { main } from "./main.mjs";
import { isForEverybody, openToTheNetwork } from "./network.mjs";
import { node, wranglerArgs, wranglerEnv } from "./node.mjs";
import { ROOT } from "./paths.mjs";
import { checkPort, readPort } from "./ports.mjs";
import { endProcess, startPiped } from "./processes.mjs";
import { setup } from "./setup.mjs";
import { colour, duration } from "./steps.mjs";

const DEFAULT_PORT = 1999;
/** A test takes the build that is there already: the other one needs a minute where nothing is compiled yet. */
const BUILD = process.env.VALIDIANT_RELEASE_BUILD
  ? { outDir: "build" }
  : /** @type {const} */ ({ profile: "dev", outDir: DEV_BUILD });
const NO_HOTKEYS = "--show-interactive-dev-session=false";
/** It ends by Ctrl-C, and then all is well. */
const SERVER = { interrupted: 0 };

const HELP = `npm run dev                          serves http://localhost:1999, builds again on every change
  --port N           another port
  --ip 0.0.0.0       for phones and other devices on the same network too
All other options are those of wrangler: npx wrangler dev --help`;

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
  // `npm run dev:all` has more to say than how to try this part alone.
  const brief = (/** @type {string} */ url) => console.log(`Ready on ${url}`);
  await serve(args, process.env.VALIDIANT_BRIEF ? brief : (url) => welcome(local(url), secret));
}, SERVER);

/** This machine's name for a server. @param {string} url */
function local(url) {
  const { port, hostname } = new URL(url);
  if (!isForEverybody(hostname.replace(/[[\]]/g, ""))) return url;
  console.log(`\n${openToTheNetwork(port, readDevVars().CONNECT_AUTH)}`);
  return `http://localhost:${port}`;
}

/** What wrangler has to be told if its secrets and its data are not where it looks for them. */
function ownFolder() {
  if (DEV_HOME === ROOT) return [];
  return ["--env-file", join(DEV_HOME, ".dev.vars"), "--persist-to", DEV_HOME];
}

/**
 * Serves until wrangler ends by itself. It reads `.dev.vars` at its start only, so it is started again when that changes.
 * @param {string[]} args
 * @param {(url: string) => void} onReady called the first time that the server answers
 * @returns {Promise<void>} rejected if wrangler fails
 */
async function serve(args, onReady) {
  const again = (/** @type {string} */ url) =>
    console.log(`Ready on ${url}, with the .dev.vars that has changed`);
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
      // The server goes on as it is until that is mended.
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
  // Nobody waits for the end of one that is started again.
  ending.catch(() => {});
  return { wrangler, ending };
}

/** @param {number | null} code */
function ended(code) {
  return new Failure(`wrangler ended${code === null ? "" : ` with code ${code}`}.`);
}

/**
 * @param {string} url
 * @param {string | undefined} newSecret
 */
function welcome(url, newSecret) {
  const room = `${url}/parties/main/demo`;
  const socket = `${room.replace("http", "ws")}?userId=ann&userName=Ann`;
  // After the first start no command has the secret in it: commands stay in a shell's history.
  const secret = newSecret ?? "$(npm run -s secret)";
  const { CONSOLE, BROADCAST_SECRET } = readDevVars();
  const link = consoleLink(url, BROADCAST_SECRET, process.stdout.isTTY === true);
  const page =
    CONSOLE === "on" ? `\nWatch projects and broadcast into them on a page:\n  ${link}\n` : "";
  const note = newSecret ? "was made just now; it stands" : "stands";
  console.log(`
Ready on ${url} (${duration(performance.now())})
${page}
Listen to a project:
  node -e 'new (require("ws"))("${socket}").on("message", (m) => console.log(String(m)))'
Tell it something:
  curl -X POST ${room} -H "Authorization: Bearer ${secret}" -H "Content-Type: application/json" -d '{"eventType":"TASK_UPDATED","payload":{"taskId":"t1"}}'

BROADCAST_SECRET ${note} in .dev.vars. Ctrl-C ends the server.
`);
}
