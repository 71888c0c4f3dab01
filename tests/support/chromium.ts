/** The browser that the setup installs. */

import { type Browser, chromium } from "playwright-core";
import { findChromium } from "../../scripts/setup/system.ts";

/** It runs as root, without a screen, and asks nobody outside. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts it. The caller closes it. */
export function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("no Chromium: npm run setup");
  return chromium.launch({ executablePath, args: FLAGS });
}
