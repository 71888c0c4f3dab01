/** Runs the Worker on this machine, rebuilds it after each change, and keeps its data in `.wrangler/state`. */

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildWorker, DEV_BUILD } from "../build/build.ts";
import { buildConsole } from "../build/console.ts";
import { Failure, report } from "../common/failure.ts";
import { ROOT } from "../common/paths.ts";
import { endProcess, startPiped } from "../common/processes.ts";
import { colour, duration } from "../common/steps.ts";
import { inWords, problemsAt } from "../release/settings.ts";
import { setup } from "../setup/setup.ts";
import { devOutput } from "./dev-output.ts";
import { DEV_HOME, devVarsChange, ensureDevVars, readDevVars } from "./dev-vars.ts";
import { checkPort, isForEverybody, openToTheNetwork } from "./network.ts";
import { wranglerArgs, wranglerEnv } from "./wrangler.ts";

/** Tests use the existing release build: the development build takes a minute if nothing is compiled yet. */
const IS_RELEASE = Boolean(process.env.VALIDIANT_RELEASE_BUILD);
const BUILD = IS_RELEASE ? { outDir: "build" } : DEV_BUILD;
const NO_HOTKEYS = "--show-interactive-dev-session=false";

type OnReady = (url: string) => void;

export default async (options: { port: number; ip?: string }, rest: string[]): Promise<void> => {
  const { port, ip } = options;
  await checkPort(port, `npm run dev -- --port ${port + 1}`);
  await setup();
  await buildWorker(BUILD);
  await buildConsole();
  const secret = ensureDevVars();
  // `npm run dev:all` prints its own instructions.
  const brief = (url: string) => console.log(`Ready on ${url}`);
  const onReady = process.env.VALIDIANT_BRIEF
    ? brief
    : (url: string) => welcome(local(url), secret);
  await serve(["--port", `${port}`, ...(ip ? ["--ip", ip] : []), ...rest], onReady);
};

/** The address of a server as seen from this machine. */
function local(url: string): string {
  const { port, hostname } = new URL(url);
  if (!isForEverybody(hostname.replace(/[[\]]/g, ""))) return url;
  console.log(`\n${openToTheNetwork(port, readDevVars().CONNECT_AUTH)}`);
  return `http://localhost:${port}`;
}

/** Serves until wrangler ends. It reads `.dev.vars` only when it starts, so it is restarted when that file changes. */
async function serve(args: string[], onReady: OnReady): Promise<void> {
  const again = (url: string) => console.log(`Ready on ${url}, with the new .dev.vars`);
  for (let welcomes = onReady; ; welcomes = again) {
    const waiting = new AbortController();
    const wrangler = start(args, (url) => {
      welcomes(url);
      void showProblems(url);
    });
    const change = usableChange(waiting.signal).then(() => ["changed"]);
    const [outcome] = await Promise.race([once(wrangler, "close"), change]);
    waiting.abort();
    if (outcome === 0) return;
    if (outcome !== "changed") throw new Failure(`wrangler exited with code ${outcome}.`);
    await endProcess(wrangler);
  }
}

async function usableChange(signal: AbortSignal): Promise<void> {
  for (;;) {
    await devVarsChange(signal);
    try {
      return void readDevVars();
    } catch (error) {
      // The server keeps running with the old values until the file is corrected.
      report(error);
    }
  }
}

async function showProblems(url: string): Promise<void> {
  try {
    const problems = await problemsAt(url, readDevVars().BASE_PATH);
    if (problems.length > 0) console.log(`\n${inWords(problems)}\n`);
  } catch (error) {
    report(error);
  }
}

function start(args: string[], onReady: OnReady): ChildProcess {
  // Its secrets and data may be in another place than the default.
  const home = ["--env-file", join(DEV_HOME, ".dev.vars"), "--persist-to", DEV_HOME];
  const own = DEV_HOME === ROOT ? [] : home;
  const all = wranglerArgs("dev", `${BUILD.outDir}/index.js`, NO_HOTKEYS, ...args, ...own);
  const env = {
    ...wranglerEnv(),
    ...(!IS_RELEASE && { VALIDIANT_DEV_BUILD: "1" }),
    ...(colour && { FORCE_COLOR: "1" }),
  };
  const wrangler = startPiped(process.execPath, all, { env }, { server: true });
  for (const stream of [wrangler.stdout, wrangler.stderr]) {
    const show = devOutput(onReady);
    createInterface({ input: stream }).on("line", (line) => {
      const text = show(line);
      if (text !== undefined) console.log(text);
    });
  }
  return wrangler;
}

function welcome(url: string, newSecret: string | undefined): void {
  const room = `${url}/parties/main/demo`;
  const socket = `${room.replace("http", "ws")}?userId=ann&userName=Ann`;
  // After the first start, no printed command contains the secret: commands stay in the shell's history.
  const secret = newSecret ?? "$(npm run -s secret)";
  const { CONSOLE, BROADCAST_SECRET } = readDevVars();
  const link = consoleLink(url, BROADCAST_SECRET, process.stdout.isTTY === true);
  const page = `\nWatch projects and broadcast to them in the console:\n  ${link}\n`;
  console.log(`
Ready on ${url} (${duration(performance.now())})
${CONSOLE === "on" ? page : ""}
Subscribe to a project:
  node -e 'new (require("ws"))("${socket}").on("message", (m) => console.log(String(m)))'
Broadcast to it:
  curl -X POST ${room} -H "Authorization: Bearer ${secret}" -H "Content-Type: application/json" -d '{"eventType":"TASK_UPDATED","payload":{"taskId":"t1"}}'

BROADCAST_SECRET ${newSecret ? "is new and saved" : "is"} in .dev.vars. Ctrl-C stops the server.
`);
}

/**
 * The console. In a terminal the link carries the secret in its fragment, which browsers do not send; the page reads it
 * from there. Output to a pipe or a file does not contain the secret.
 */
export function consoleLink(url: string, secret: string | undefined, isTerminal: boolean): string {
  return isTerminal && secret ? `${url}/#secret=${encodeURIComponent(secret)}` : `${url}/`;
}
