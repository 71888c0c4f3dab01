/** The client in a real browser: lost networks and sleep. */

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { launch } from "../../../../tests/support/chromium.ts";
import { bundle, servePage } from "../../../../tests/support/page.ts";
import {
  NEEDS_OWN_RUNTIME,
  type Room,
  SECRET,
  startOwnServer,
} from "../../../../tests/support/target.ts";
import type { RealtimeStatus } from "../../src/index.ts";

/** What the page keeps for the test. */
interface Kept {
  types: string[];
  status: RealtimeStatus;
}

/** Keeps what comes; retries are late in their windows, and so easy to tell from those that are hurried. */
const SCRIPT = `
  import { connectProject } from "./src/index.ts";
  Math.random = () => 0.9;
  const { host, projectId } = Object.fromEntries(new URLSearchParams(location.search));
  const project = connectProject({ host, projectId, user: { id: "ann" } });
  const kept = { types: [] };
  globalThis.kept = () => ({ ...kept, status: project.status });
  project.on("*", ({ type }) => kept.types.push(type));
`;

const PACKAGE = new URL("../..", import.meta.url).pathname;

describe("in Chromium", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server, runtime } = await startOwnServer();
  const script = await bundle({ stdin: { contents: SCRIPT, resolveDir: PACKAGE } });
  const origin = await servePage({ script });
  const browser = await launch();
  after(() => browser.close());

  async function open(room: Room): Promise<Page> {
    const page = await browser.newPage();
    const query = new URLSearchParams({ host: room.server.url, projectId: room.id });
    await page.goto(`${origin}/?${query}`);
    await until(page, "online");
    return page;
  }

  const kept = (page: Page) => page.evaluate<Kept>("kept()");
  const until = (page: Page, state: string) =>
    page.waitForFunction(`kept().status.state === "${state}"`);
  const heard = (page: Page, type: string) =>
    page.waitForFunction(`kept().types.includes("${type}")`);

  test("it says that the device is offline, and is back soon after it is not, with what it missed", async () => {
    const room = server.room();
    const page = await open(room);
    await room.broadcast("SEEN");
    await heard(page, "SEEN");
    await page.context().setOffline(true);
    await runtime.kill();
    await page.waitForFunction('kept().status.reason === "This device is offline."');
    await runtime.run();
    await room.broadcast("MISSED");
    // The first retry is in vain. The next one would come in over 5 s.
    await page.waitForFunction(
      'kept().status.state === "waiting" && kept().status.retryAt - Date.now() > 4000',
    );
    const start = Date.now();
    await page.context().setOffline(false);
    await heard(page, "MISSED");
    assert.ok(Date.now() - start < 4_000, `${Date.now() - start} ms`);
    assert.deepEqual((await kept(page)).types, [
      "CONNECTED",
      "resync",
      "SEEN",
      "CONNECTED",
      "MISSED",
    ]);
    await page.close();
  });

  test("after a sleep in which the server was away it is back, with what it missed", async () => {
    const room = server.room();
    const page = await open(room);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
    await runtime.kill();
    await runtime.run();
    await room.broadcast("MISSED");
    await devtools.send("Page.setWebLifecycleState", { state: "active" });
    await heard(page, "MISSED");
    assert.deepEqual((await kept(page)).types, ["CONNECTED", "resync", "CONNECTED", "MISSED"]);
    await page.close();
  });

  test("it reads why the server ends the connection", async () => {
    const room = server.room();
    const page = await open(room);
    const headers = { Authorization: `Bearer ${SECRET}` };
    await fetch(`${room.url}/users/ann`, { method: "DELETE", headers });
    await until(page, "stopped");
    assert.equal((await kept(page)).status.code, "removed");
    await page.close();
  });
});
