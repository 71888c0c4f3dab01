/**
 * Takes pictures of the console: the one in docs/ for the README, and those in test-output/ to look at.
 *
 *     npm run screenshots
 */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { BrowserContextOptions } from "playwright-core";
import { ROOT } from "../../scripts/paths.mjs";
import { launch } from "../support/chromium.ts";
import { WranglerDev } from "../support/wrangler-dev.ts";
import { Console } from "./driver.ts";

const SECRET = randomBytes(32).toString("base64url");
const VARS = {
  BROADCAST_SECRET: SECRET,
  CONNECT_AUTH: "open",
  ALLOWED_ORIGINS: "*",
  CONSOLE: "on",
};
const DESKTOP = { width: 1320, height: 820 };
const PHONE = { width: 390, height: 844 };

const wrangler = await WranglerDev.start(VARS);
const browser = await launch();
try {
  await take("desktop-light", "apollo", { viewport: DESKTOP, colorScheme: "light" });
  await take("desktop-dark", "gemini", { viewport: DESKTOP, colorScheme: "dark" });
  await take("phone-light", "mercury", { viewport: PHONE, colorScheme: "light" });
  await take("phone-dark", "voyager", { viewport: PHONE, colorScheme: "dark" });
} finally {
  await browser.close();
  await wrangler.stop();
}

/** Pictures of an empty page, of a client that is cut, and of its return. */
async function take(name: string, project: string, options: BrowserContextOptions): Promise<void> {
  const page = await Console.open(browser, wrangler.url, { reducedMotion: "reduce", ...options });
  const picture = (what: string) => join(ROOT, "test-output", `console-${name}-${what}.png`);
  await page.page.screenshot({ path: picture("empty") });
  await page.fill("To project", project);
  await page.secret(SECRET);
  const ann = await page.connect(project, "ann", "Ann Lee");
  const ben = await page.connect(project, "ben", "Ben");
  await page.choose("TASK_CREATED");
  await page.broadcast();
  await ben.press("Cut");
  await page.choose("TASK_ASSIGNED");
  await page.broadcast();
  await page.page.screenshot({ path: picture("cut"), fullPage: true });
  await page.fill("Exclude users", "ann");
  await page.choose("TASK_STATUS_CHANGED");
  await page.broadcast();
  await ben.press("Return");
  await ben.pane.getByText("2 missed events came back").waitFor();
  await ann.frames("TASK_ASSIGNED").locator("summary").click();
  await page.page.evaluate(() => scrollTo(0, 0));
  await page.page.screenshot({ path: picture("returned"), fullPage: true });
  if (name === "desktop-light")
    await page.page.screenshot({ path: join(ROOT, "docs/console.png") });
  await page.press("Raw JSON");
  await page.fill("Body", '{"eventType":');
  await ann.pane.getByText("Client code").click();
  await page.page.screenshot({ path: picture("raw"), fullPage: true });
  await page.close();
}
