/**
 * Starts a command of package.json: `node scripts/run.mjs NAME …`. It installs the npm packages; the rest is TypeScript
 * that uses them, in the Node that they bring. So only this file and the two that it imports run in an older Node.
 */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findNode, installPackages, isNewEnough } from "./setup/npm.mjs";

const LOOK_AGAIN_MILLISECONDS = 500;
const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

await installPackages(toEnd);
if (isNewEnough(process.versions.node)) await import("./main.ts");
else process.exitCode = await toEnd(findNode(), [MAIN, ...process.argv.slice(2)]);

/**
 * Runs a program to its end, which it is told of as this one is; answers the exit code.
 * @param {string} program
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} [options]
 */
async function toEnd(program, args, options) {
  const child = spawn(program, args, { stdio: "inherit", ...options });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
    process.on(signal, () => child.kill(signal));
  const { ppid } = process;
  // npm does not forward SIGKILL or SIGHUP, and ending npm is meant to end this too.
  const watch = () => process.ppid === ppid || child.kill("SIGHUP");
  const watching = process.env.npm_lifecycle_event && setInterval(watch, LOOK_AGAIN_MILLISECONDS);
  /** @type {number} */
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve(code ?? 1));
  });
  clearInterval(watching || undefined);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(signal);
  return code;
}
