/** What the console does when something goes wrong, and over a reload: docs/console.md. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import type { Locator } from "playwright-core";
import { ROOT } from "../../scripts/common/paths.ts";
import { violations } from "../support/accessibility.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";
import { PHONE, SECRET, Stage } from "./stage.ts";

const NOTEBOOK = { width: 1280, height: 800 };

describe("the console, where something goes wrong", { skip: NEEDS_OWN_RUNTIME }, () => {
  const stage = new Stage();

  test("a server that does not answer is told in words, and noticed when it is back", async () => {
    const { page } = await stage.annAndBen();
    await page.page.route("**", (route) => route.abort());
    await page.press("Broadcast");
    const outcome = page.page.locator(".broadcast .outcome");
    await outcome.getByText(/does not answer\. Is npm run dev still running\?/).waitFor();
    assert.doesNotMatch((await outcome.textContent()) ?? "", /TypeError/);
    const health = page.page.locator("#health");
    await health.getByText("unreachable").waitFor();
    await page.page.locator("#problems").getByText("does not answer").waitFor();
    assert.deepEqual(await violations(page.page), []);
    await page.page.unroute("**");
    await health.getByText("healthy").waitFor();
    assert.equal(await page.page.locator("#problems").isVisible(), false);
  });

  test("a request that is blocked, and a browser that is offline, have words of their own", async () => {
    const page = await stage.open();
    await page.secret(SECRET);
    await page.page.route("**/parties/**", (route) => route.abort());
    await page.press("Broadcast");
    const outcome = page.page.locator(".broadcast .outcome");
    await outcome.getByText("The server is there, but this request was blocked").waitFor();
    await page.page.unroute("**/parties/**");
    await page.page.context().setOffline(true);
    await page.page.locator("#health").getByText("offline").waitFor();
    await page.press("Broadcast");
    await outcome.getByText("This browser is offline").waitFor();
    await page.page.context().setOffline(false);
    await page.page.locator("#health").getByText("healthy").waitFor();
    await page.secret("a secret — with a dash");
    await page.press("Broadcast");
    await outcome
      .getByText("Nothing was sent: the secret or the key contains a character")
      .waitFor();
  });

  test("a reload keeps clients and form in the address, and the secret nowhere", async () => {
    const { page, project, ann, ben } = await stage.annAndBen();
    await page.choose("TASK_DELETED");
    await page.fill("Payload", '{"n": 1}');
    await page.fill("Only users", "ann");
    await page.press("Watch");
    await page.client("Observer", project).state("connected").waitFor();
    await page.page.reload();
    for (const client of [ann, ben, page.client("Observer", project)])
      await client.state("connected").waitFor();
    assert.equal(await page.page.getByLabel("Event", { exact: true }).inputValue(), "TASK_DELETED");
    assert.equal(await page.page.getByLabel("Payload").inputValue(), '{"n": 1}');
    assert.equal(await page.page.getByLabel("Only users").inputValue(), "ann");
    assert.equal(await page.page.getByLabel("To project").inputValue(), project);
    assert.equal(await page.page.getByLabel("User id").inputValue(), "cleo");
    assert.equal(await page.page.getByLabel("Broadcast secret").inputValue(), "");
    assert.ok(!page.page.url().includes(SECRET));
  });

  test("a tab that may remember has secret and frames after a reload, and nobody was away", async () => {
    const { page, ann, ben } = await stage.annAndBen();
    await page.broadcast();
    await ben.frames("TASK_CREATED").waitFor();
    await page.page.getByLabel("Remember in this tab").check();
    await page.cut(ann);
    await page.page.reload();
    await ben.state("connected").waitFor();
    await ben.notice("Nothing was missed.").waitFor();
    await ben.frames("CONNECTED").nth(1).waitFor();
    assert.deepEqual(await ben.types(), ["CONNECTED", "TASK_CREATED", "CONNECTED"]);
    await ann.state("cut").waitFor();
    await page.choose("TASK_UPDATED");
    assert.match(await page.broadcast(), /^200accepted.*Recipients1/);
    await ann.press("Return");
    await ann.notice("1 missed event came back: #2.").waitFor();
    // While the page is open its storage is empty, so a duplicated tab copies nothing.
    const storage = () => page.page.evaluate(() => JSON.stringify(sessionStorage));
    assert.equal(await storage(), "{}");
    await page.page.getByLabel("Remember in this tab").uncheck();
    await page.page.reload();
    await ben.state("connected").waitFor();
    assert.equal(await page.page.getByLabel("Broadcast secret").inputValue(), "");
    assert.equal(await storage(), "{}");
  });

  test("the link of the terminal brings the secret, and takes it out of the address", async () => {
    const page = await stage.open({}, `#to=linked&secret=${encodeURIComponent(SECRET)}`);
    assert.match(await page.broadcast(), /^200accepted/);
    await page.page.waitForURL(`${stage.url}/#to=linked`);
    // A tab that has the page already takes it, too.
    await page.secret("");
    await page.page.evaluate((secret) => {
      location.hash = `#secret=${secret}`;
    }, SECRET);
    await page.page.waitForFunction(() => location.hash === "#to=linked");
    assert.match(await page.broadcast(), /^200accepted/);
    for (const { url } of page.asked) assert.ok(!url.split("#")[0]?.includes(SECRET), url);
    assert.equal(await page.page.evaluate(() => JSON.stringify(sessionStorage)), "{}");
  });

  test("the command on the screen works as it is pasted into a shell in the project's folder", async (t) => {
    const { page, ann } = await stage.annAndBen();
    const home = await mkdtemp(join(tmpdir(), "validiant-console-"));
    t.after(() => rm(home, { recursive: true }));
    await writeFile(join(home, ".dev.vars"), `CONSOLE=on\nBROADCAST_SECRET=${SECRET}\n`);
    const { BROADCAST_SECRET: _, ...others } = process.env;
    const env = { ...others, VALIDIANT_DEV_HOME: home };
    const command = await page.curl();
    assert.ok(!command.includes(SECRET));
    const { stdout } = await promisify(execFile)("sh", ["-c", command], { env, cwd: ROOT });
    assert.equal(JSON.parse(stdout).recipients, 2);
    await ann.frames("TASK_CREATED").waitFor();
  });

  test("over plain HTTP from another machine all works but signing, which says so", async () => {
    // A browser does not treat this address as its own machine.
    const page = await stage.open(
      { permissions: [] },
      "",
      stage.url.replace("127.0.0.1", "0.0.0.0"),
    );
    assert.equal(await page.page.evaluate(() => isSecureContext), false);
    const { ann } = await page.annAndBen(SECRET);
    await page.press("New idempotency key");
    assert.match(await page.broadcast(), /^200accepted/);
    await ann.frames("TASK_CREATED").waitFor();
    await ann.press("Copy all");
    await ann.pane.getByRole("button", { name: "Copied" }).waitFor();
    assert.match(await page.curl(), /^: "\$\{BROADCAST_SECRET:\?/);
    await page.show("Tokens");
    await page.page.getByLabel("JWT_SECRET").fill("k".repeat(32));
    await page.press("Make a token");
    await page.page.getByText("This browser can't sign on a page").waitFor();
  });

  test("on a phone what went wrong is on the screen", async () => {
    const page = await stage.open({ viewport: PHONE });
    await page.press("Broadcast");
    await isOnScreen(page.page.getByText("Paste BROADCAST_SECRET first"));
    await page.secret("wrong");
    assert.match(await page.broadcast(), /^401unauthorized/);
    await isOnScreen(page.page.locator(".broadcast .outcome"));
    await page.fill("Payload", "{");
    await isOnScreen(page.page.getByText("The payload is not JSON"));
    const refused = await page.connect("p", "ü".repeat(100));
    await isOnScreen(refused.state("4000"));
    const link = page.page.getByRole("link", { name: "Clients (1 ended)" });
    await page.page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await link.click();
    await isOnScreen(refused.state("4000"));
  });

  test("at 1280 px every toolbar is one row, and nothing is cut off", async () => {
    const { page, ann } = await stage.annAndBen({ viewport: NOTEBOOK });
    await ann.press("Pause");
    await page.broadcast();
    await ann.pane.getByText("paused, 1 new").waitFor();
    const broken = await page.page
      .locator(".tools, .controls, .connect, .pane > header, .views")
      .evaluateAll((bars) =>
        bars
          .filter((bar) => {
            const boxes = [...bar.children].map((child) => child.getBoundingClientRect());
            const edge = bar.getBoundingClientRect().right;
            const isRow =
              Math.max(...boxes.map(({ top }) => top)) <
              Math.min(...boxes.map(({ bottom }) => bottom));
            return !isRow || boxes.some(({ right }) => right > edge + 1);
          })
          .map((bar) => bar.outerHTML.slice(0, 200)),
      );
    assert.deepEqual(broken, []);
    const width = await page.page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, NOTEBOOK.width);
  });

  test("a name of 256 letters takes no more room than there is", async () => {
    const { page, project, ann } = await stage.annAndBen({ viewport: NOTEBOOK });
    const long = await page.connect(project, "long", "W".repeat(256));
    await long.pane.getByText("this client").waitFor();
    await ann.pane.locator('.people [data-user="long"]').waitFor();
    await page.broadcast();
    const isWider = (list: Element) => list.scrollWidth > list.clientWidth;
    for (const client of [ann, long])
      assert.equal(await client.pane.locator(".people").evaluate(isWider), false);
    await page.press("Timeline");
    await page.page.locator("td.seq").first().waitFor();
    const widths = await page.page
      .locator("th")
      .evaluateAll((heads) => heads.map((head) => head.getBoundingClientRect().width));
    assert.ok(Math.max(...widths) < 400, `${widths}`);
  });

  test("a server that is gone is no longer called healthy, without a click", async () => {
    const { page, ann } = await stage.annAndBen();
    await stage.wrangler.stop();
    await page.page.locator("#health").getByText("unreachable").waitFor();
    await ann.state("1006 connection lost").waitFor();
    assert.equal(await page.page.locator("#health").getAttribute("data-status"), "no answer");
  });
});

async function isOnScreen(element: Locator): Promise<void> {
  await element.waitFor();
  await element.page().waitForFunction(
    (target) => {
      const { top, bottom } = (target as Element).getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    },
    await element.elementHandle(),
  );
}
