/** Debian packages: installs what is missing if we are root, or prints the command to run if we are not. */

import { spawnSync } from "node:child_process";
import { Failure } from "../common/failure.mjs";
import { which } from "../common/paths.mjs";

let listsAreFresh = false;

/** Whether this machine uses apt. */
export function hasApt() {
  return which("apt-get") !== undefined && which("dpkg-query") !== undefined;
}

/**
 * Installs the packages that are missing. Never calls sudo.
 * @param {import("../common/steps.mjs").Job} job
 * @param {string[]} packages
 */
export async function aptInstall(job, packages) {
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const install = ["install", "--yes", "--no-install-recommends", ...missing];
  const command = `apt-get update && apt-get ${install.join(" ")}`;
  if (process.getuid?.() !== 0) {
    throw new Failure(`Missing system packages: ${missing.join(", ")}.`, {
      next: `sudo sh -c '${command}'`,
    });
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  if (!listsAreFresh) await job.run("apt-get", ["update"], { env });
  listsAreFresh = true;
  await job.run("apt-get", install, { env, next: command });
}

/** @param {string} name */
function isInstalled(name) {
  const { stdout } = spawnSync("dpkg-query", ["--status", name], { encoding: "utf8" });
  return stdout.includes("Status: install ok installed");
}
