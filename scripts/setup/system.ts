/** What comes from the system's package manager: a C compiler, and the browser that the tests drive. */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { Failure } from "../common/failure.ts";
import { which } from "../common/paths.ts";
import type { Job } from "../common/steps.ts";

/** Chromium without a window system: it opens a page in a third of the time (125 ms, not 370). */
const SHELL = "chromium-headless-shell";
const BROWSERS =
  "chromium chromium-browser google-chrome google-chrome-stable microsoft-edge".split(" ");
const MAC_BROWSERS = ["Google Chrome", "Chromium", "Microsoft Edge"];

let listsAreFresh = false;

/** Whether this machine uses apt. */
export function hasApt(): boolean {
  return which("apt-get") !== undefined && which("dpkg-query") !== undefined;
}

/** Installs the Debian packages that are missing if we are root. Never calls sudo: says the command to run instead. */
export async function aptInstall(job: Job, packages: string[]): Promise<void> {
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const install = ["install", "--yes", "--no-install-recommends", ...missing];
  const command = `apt-get update && apt-get ${install.join(" ")}`;
  if (process.getuid?.() !== 0)
    throw new Failure(`Missing system packages: ${missing.join(", ")}.`, {
      next: `sudo sh -c '${command}'`,
    });
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  if (!listsAreFresh) await job.run("apt-get", ["update"], { env });
  listsAreFresh = true;
  await job.run("apt-get", install, { env, next: command });
}

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync("dpkg-query", ["--status", name], { encoding: "utf8" });
  return stdout.includes("Status: install ok installed");
}

/** On Windows, rustup makes sure that there is a linker. */
export function hasCompiler(): boolean {
  return process.platform === "win32" || which("cc") !== undefined;
}

export async function installCompiler(job: Job): Promise<void> {
  if (hasApt()) return aptInstall(job, ["gcc", "libc6-dev"]);
  throw new Failure("Rust needs a C compiler, and there is no `cc` on PATH.", {
    next: process.platform === "darwin" ? "xcode-select --install" : "Install gcc or clang.",
  });
}

/** Path of an installed Chromium, Chrome or Edge. The environment variable CHROMIUM overrides the search. */
export function findChromium(): string | undefined {
  const apps = MAC_BROWSERS.map((app) => `/Applications/${app}.app/Contents/MacOS/${app}`);
  const onPath = [SHELL, ...BROWSERS].map((name) => which(name)).find((path) => path !== undefined);
  return process.env.CHROMIUM || onPath || apps.find((app) => existsSync(app));
}

export async function installChromium(job: Job): Promise<void> {
  if (hasApt()) return aptInstall(job, [SHELL]).catch(() => aptInstall(job, ["chromium"]));
  throw new Failure("The browser tests need Chromium, Chrome or Edge, and none was found.", {
    next: "Install one, or set the environment variable CHROMIUM to the path of the program.",
  });
}
