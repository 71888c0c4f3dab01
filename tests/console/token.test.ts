/** The console where clients need tokens: docs/protocol.md, P9. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { violations } from "../support/accessibility.ts";
import { launch } from "../support/chromium.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";
import { inSeconds, JWT_SECRET, token } from "../support/token.ts";
import { WranglerDev } from "../support/wrangler-dev.ts";
import { Console } from "./driver.ts";

const VARS = { BROADCAST_SECRET: "s", JWT_SECRET, CONSOLE: "on", LOG_LEVEL: "error" };

test("P9 a client is who its token says, and the token stays in memory", {
  skip: NEEDS_OWN_RUNTIME,
}, async (t) => {
  const wrangler = await WranglerDev.start(VARS);
  t.after(() => wrangler.stop());
  const browser = await launch();
  t.after(() => browser.close());
  const page = await Console.open(browser, wrangler.url);

  const none = await page.connect("p1", "ben");
  await none.state("4100 token_invalid").waitFor();
  await none.notice("Fetch a fresh token, then reconnect.").waitFor();

  await page.fill("Token", token({ sub: "cy", exp: inSeconds(-600) }));
  await page.press("Connect");
  await page.client("cy", "p1").state("4101 token_expired").waitFor();

  const ours = token({ sub: "ann", name: "Ann" });
  await page.fill("Token", ours);
  await page.press("Connect");
  const ann = page.client("Ann", "p1");
  await ann.state("connected").waitFor();
  await ann.pane.getByRole("img", { name: "verified by a token" }).waitFor();
  assert.deepEqual(await ann.people(), ["ann"]);

  await page.fill("Token", "not a token");
  await page.press("Connect");
  assert.equal(await page.page.getByRole("article").count(), 3);

  const html = await page.page.evaluate(() => document.documentElement.outerHTML);
  assert.ok(!html.includes(ours));
  for (const { url } of page.asked) assert.ok(!url.includes(ours.split(".")[2] ?? ours), url);
});

test("P8.4 tokens are made here for users and observers, and taken back; the key is kept nowhere", {
  skip: NEEDS_OWN_RUNTIME,
}, async (t) => {
  const wrangler = await WranglerDev.start({ ...VARS, JWT_AUDIENCE: "app" });
  t.after(() => wrangler.stop());
  const browser = await launch();
  t.after(() => browser.close());
  const page = await Console.open(browser, wrangler.url);
  await page.secret("s");
  await page.show("Tokens");
  await page.press("Make a token");
  await page.page.getByText("Paste JWT_SECRET first").waitFor();
  await page.page.getByLabel("JWT_SECRET").fill(JWT_SECRET);
  await page.fill("Audience (aud)", "app");
  await page.press("Make a token");
  await page.page.getByRole("button", { name: "Connect with it" }).waitFor();
  assert.deepEqual(await violations(page.page), []);
  await page.press("Connect with it");
  const ann = page.client("Ann", "demo");
  await ann.state("connected").waitFor();

  await page.press("Watch");
  const observer = page.client("Observer", "demo");
  await observer.state("connected").waitFor();
  assert.deepEqual(await observer.people(), ["ann"]);

  await ann.press("Manage");
  await page.press("Revoke tokens of Ann");
  await page.press("Revoke tokens of Ann: sure?");
  await page.page.getByText("All tokens issued to Ann so far are revoked.").waitFor();
  await page.show("Clients");
  await ann.state("4100 token_invalid").waitFor();
  // A token of the second in which the others were revoked counts as one of them (P8.5).
  do {
    // It is signed first, and until then the client is as it was.
    const connecting = page.page.waitForEvent("websocket");
    await ann.press("Make one");
    await connecting;
    await ann.state("connecting").waitFor({ state: "detached" });
  } while (await ann.state("4100").isVisible());
  await ann.state("connected").waitFor();

  await page.page.reload();
  await observer.state("needs a token").waitFor();
  assert.deepEqual(await violations(page.page), []);
  await observer.pane.getByLabel("New token").fill(token({ sub: "console-observer", aud: "app" }));
  await observer.press("Use");
  await observer.state("connected").waitFor();
  assert.equal(await page.page.getByLabel("JWT_SECRET").inputValue(), "");
  const kept = await page.page.evaluate(() => JSON.stringify([sessionStorage, location.href]));
  assert.ok(!kept.includes(JWT_SECRET) && !kept.includes("eyJ"));
  for (const { url } of page.asked) assert.ok(!url.includes("eyJ"), url);
});
