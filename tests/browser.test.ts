/** A page in a real browser: docs/protocol.md, P2.1, P3.2 and P4. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { launch } from "./support/chromium.ts";
import { type Room, startServer } from "./support/target.ts";

const PAGE = join(import.meta.dirname, "browser");
const SCREENSHOT = resolve(import.meta.dirname, "../test-output/browser.png");
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
  await page.goto(`${await servePage()}/?${new URLSearchParams(query)}`);
  return page;
}

/** Serves the page and its bundled script; answers the origin. */
async function servePage(): Promise<string> {
  const html = await readFile(join(PAGE, "page.html"), "utf8");
  const script = await bundled();
  const web = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : html);
  });
  after(() => web.close());
  await new Promise<void>((listening) => web.listen(0, "127.0.0.1", listening));
  const address = web.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}

async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(PAGE, "page.ts")],
    bundle: true,
    write: false,
    platform: "browser",
  });
  return outputFiles[0]?.text ?? "";
}
