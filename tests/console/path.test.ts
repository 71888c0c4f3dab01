/** The console of a server under a path: docs/protocol.md, P1.10 and P1.11. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { launch } from "../support/chromium.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";
import { WranglerDev } from "../support/wrangler-dev.ts";
import { Console } from "./driver.ts";

const VARS = {
  BROADCAST_SECRET: "s",
  CONNECT_AUTH: "open",
  ALLOWED_ORIGINS: "*",
  CONSOLE: "on",
  LOG_LEVEL: "error",
  BASE_PATH: "/app/realtime",
};

test("P1.11 under a path the console asks for everything below it", {
  skip: NEEDS_OWN_RUNTIME,
}, async (t) => {
  const wrangler = await WranglerDev.start(VARS);
  t.after(() => wrangler.stop());
  const browser = await launch();
  t.after(() => browser.close());
  const page = await Console.open(browser, `${wrangler.url}/app/realtime`);
  const { ann } = await page.annAndBen("s");
  assert.match(await page.broadcast(), /^200accepted.*Recipients2/);
  await ann.frames("TASK_CREATED").waitFor();
  assert.match(await page.curl(), /\/app\/realtime\/parties\/main\//);
  await ann.pane.getByText("Client code").click();
  const code = await ann.pane.getByRole("region", { name: "Client code" }).textContent();
  assert.match(code ?? "", /prefix: "app\/realtime\/parties"/);
  for (const { url } of page.asked)
    assert.match(new URL(url).pathname, /^\/app\/realtime(\/|$)/, url);
  assert.deepEqual(page.complaints, []);
});
