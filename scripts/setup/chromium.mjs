/** The browser that the tests drive. */

import { existsSync } from "node:fs";
import { Failure } from "../common/failure.mjs";
import { which } from "../common/paths.mjs";
import { aptInstall, hasApt } from "./apt.mjs";

/** Chromium without a window system: it opens a page in a third of the time (125 ms, not 370). */
const SHELL = "chromium-headless-shell";
const NAMES = [
  SHELL,
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "microsoft-edge",
];
const MAC = ["Google Chrome", "Chromium", "Microsoft Edge"];

/**
 * Path of an installed Chromium, Chrome or Edge. The environment variable CHROMIUM overrides the search.
 * @returns {string | undefined}
 */
export function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const onPath = NAMES.map((name) => which(name)).find((path) => path !== undefined);
  const apps = MAC.map((app) => `/Applications/${app}.app/Contents/MacOS/${app}`);
  return onPath ?? apps.find((app) => existsSync(app));
}

/**
 * Installs Chromium with the system's package manager.
 * @param {import("../common/steps.mjs").Job} job
 */
export async function installChromium(job) {
  if (hasApt()) return aptInstall(job, [SHELL]).catch(() => aptInstall(job, ["chromium"]));
  throw new Failure("The browser tests need Chromium, Chrome or Edge, and none was found.", {
    next: "Install one, or set the environment variable CHROMIUM to the path of the program.",
  });
}
