/** A page in a real browser: docs/protocol.md, P2.1, P3.2 and P4. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { launch } from "../support/chromium.ts";
import { bundle, servePage } from "../support/page.ts";
import { type Room, startServer } from "../support/target.ts";

const PAGE = join(import.meta.dirname, "browser");
const SCREENSHOT = resolve(import.meta.dirname, "../../test-output/browser.png");
const server = await startServer();

test("P2.1 a broadcast appears on a page that connects by partysocket", async () => {
  const room = server.room();
  await room.user("ben", "Ben");
  const page = await open(room);
  await page.getByText("live").waitFor();
  await room.user("cy", "Cy");
  await room.broadcast("TASK_CREATED", { payload: { taskId: "t7", title: "Größe prüfen ✓" } });
  await room.broadcast("TASK_UPDATED", { payload: { taskId: "t7", status: "done" } });
  await page.getByText("TASK_UPDATED").waitFor();
  await page.screenshot({ path: SCREENSHOT });
  assert.deepEqual(await page.locator("#events b").allTextContents(), [
    "TASK_UPDATED",
    "TASK_CREATED",
  ]);
  const payloads = await page.locator("#events code").allTextContents();
  assert.deepEqual(JSON.parse(payloads[1] ?? ""), { taskId: "t7", title: "Größe prüfen ✓" });
  assert.deepEqual(await page.locator("#people li").allTextContents(), ["Ben", "Ann", "Cy"]);
});

/** Opens the page on this room. */
async function open(room: Room): Promise<Page> {
  const { protocol, host } = new URL(room.server.url);
  const query = { room: room.id, host, protocol: protocol === "https:" ? "wss" : "ws" };
  const browser = await launch();
  after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 900, height: 620 } });
  const html = await readFile(join(PAGE, "page.html"), "utf8");
  const script = await bundle({ entryPoints: [join(PAGE, "page.ts")] });
  await page.goto(`${await servePage({ script, html })}/?${new URLSearchParams(query)}`);
  return page;
}
