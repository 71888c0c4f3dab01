/**
 * Starts a command of package.json: `node scripts/run.mjs NAME …`. It installs the npm packages; the rest is TypeScript
 * that uses them, in the Node that they bring. So only this file and the two that it imports run in an older Node.
 */

import { spawn } from "node:child_process";
import module from "node:module";
import { fileURLToPath } from "node:url";
import { atLeast, findNode, installPackages, NODE_MINIMUM } from "./setup/npm.mjs";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
const INTERRUPTED = 130;
/** More than a command gives its programs. */
const PATIENCE_MILLISECONDS = 8000;
const LOOK_AGAIN_MILLISECONDS = 500;

let isInterrupted = false;

await installPackages(async (...call) => {
  const code = await toEnd(...call);
  return isInterrupted ? process.exit(INTERRUPTED) : code;
});
// Without it, to strip the types takes as long as a short command.
module.enableCompileCache?.();
if (atLeast(process.versions.node, NODE_MINIMUM)) await import("./main.ts");
else process.exitCode = await toEnd(findNode(), [MAIN, ...process.argv.slice(2)]);

/**
 * Runs a program to its end, and passes on the signals that this one gets. Answers the exit code.
 * @param {string} program
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} [options]
 */
async function toEnd(program, args, options) {
  const child = spawn(program, args, { stdio: "inherit", ...options });
  const tell = (/** @type {NodeJS.Signals} */ signal) => {
    isInterrupted = true;
    // On Windows that would kill it before it has cleared up, and the console has told it of Ctrl-C.
    if (process.platform !== "win32") child.kill(signal);
    setTimeout(() => child.kill("SIGKILL"), PATIENCE_MILLISECONDS).unref();
  };
  for (const signal of SIGNALS) process.on(signal, tell);
  const { ppid } = process;
  // npm does not forward SIGKILL or SIGHUP, and ending npm is meant to end this too.
  const watch = () => process.ppid === ppid || tell("SIGHUP");
  const watching = process.env.npm_lifecycle_event && setInterval(watch, LOOK_AGAIN_MILLISECONDS);
  /** @type {number} */
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve(code ?? INTERRUPTED));
  });
  clearInterval(watching || undefined);
  for (const signal of SIGNALS) process.off(signal, tell);
  return code;
}
