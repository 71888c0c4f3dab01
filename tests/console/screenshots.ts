/**
 * Takes pictures of the console: the one in docs/ for the README, and those in test-output/ to look at.
 *
 *     npm run screenshots
 */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { BrowserContextOptions } from "playwright-core";
import { ROOT } from "../../scripts/common/paths.ts";
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
const DESKTOP = { width: 1440, height: 900 };
/** The narrowest of today's notebooks. */
const NOTEBOOK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

const wrangler = await WranglerDev.start(VARS);
const browser = await launch();
try {
  await take("desktop-light", "apollo", { viewport: DESKTOP, colorScheme: "light" });
  await take("desktop-dark", "gemini", { viewport: DESKTOP, colorScheme: "dark" });
  await take("notebook-light", "artemis", { viewport: NOTEBOOK, colorScheme: "light" });
  await take("phone-light", "mercury", { viewport: PHONE, colorScheme: "light" });
  await take("phone-dark", "voyager", { viewport: PHONE, colorScheme: "dark" });
} finally {
  await browser.close();
  await wrangler.stop();
}

/** Pictures of an empty page, of a client that is cut, of its return, of each part and of a server that is gone. */
async function take(name: string, project: string, options: BrowserContextOptions): Promise<void> {
  const page = await Console.open(browser, wrangler.url, { reducedMotion: "reduce", ...options });
  const file = (what: string) => join(ROOT, "test-output", `console-${name}-${what}.png`);
  const picture = (what: string, fullPage = true) =>
    page.page.screenshot({ path: file(what), fullPage });
  await picture("empty");
  await page.fill("To project", project);
  await page.secret(SECRET);
  const ann = await page.connect(project, "ann", "Ann Lee");
  const ben = await page.connect(project, "ben", "Ben");
  await page.choose("TASK_CREATED");
  await page.broadcast();
  await ben.press("Cut");
  await page.choose("TASK_ASSIGNED");
  await page.broadcast();
  await picture("cut");
  await page.choose("TASK_STATUS_CHANGED");
  await page.broadcast();
  await ben.press("Return");
  await ben.pane.getByText("2 missed events came back").waitFor();
  await ann.frames("TASK_ASSIGNED").locator("summary").click();
  await page.page.evaluate(() => scrollTo(0, 0));
  await picture("returned");
  if (name === "desktop-light")
    await page.page.screenshot({ path: join(ROOT, "docs/console.png") });
  await page.press("Watch");
  await page.client("Observer", project).state("connected").waitFor();
  await page.fill("Exclude users", "ann");
  await ben.pane.getByText("Connection log").click();
  await page.broadcast();
  await picture("sent", false);
  await picture("observer");
  await page.show("Timeline");
  await picture("timeline");
  await page.show("Clients");
  await ann.press("Manage");
  await page.page.getByRole("button", { name: "Remove Ben", exact: true }).click();
  await picture("people");
  await page.show("Tokens");
  await page.fill("JWT_SECRET kept only in this page's memory", "0".repeat(43));
  await page.press("Make a token");
  await page.page.getByText("Copy token").waitFor();
  await picture("tokens");
  await page.show("Clients");
  await page.press("Raw JSON");
  await page.fill("Body", '{"eventType":');
  await ann.pane.getByText("Client code").click();
  await picture("raw");
  await page.fill("Body", '{"eventType":"A"}');
  await page.page.route("**", (route) => route.abort());
  await page.press("Broadcast");
  await page.page.getByText("whether the server accepted it").waitFor();
  await picture("gone", false);
  await page.close();
}
