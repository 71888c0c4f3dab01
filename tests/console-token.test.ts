/** The console where clients need tokens: docs/protocol.md, P9. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Console } from "./console/driver.ts";
import { launch } from "./support/chromium.ts";
import { NEEDS_OWN_RUNTIME } from "./support/target.ts";
import { inSeconds, JWT_SECRET, token } from "./support/token.ts";
import { WranglerDev } from "./support/wrangler-dev.ts";

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
  await none.pane.getByText("Fetch a fresh token, then come back with it.").waitFor();

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
