/** The console in a real browser, served by wrangler as in development: docs/protocol.md, P1.10, P2, P6 and P7. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, describe, test } from "node:test";
import { ROOT } from "../../scripts/common/paths.ts";
import { violations } from "../support/accessibility.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";
import { PHONE, SECRET, Stage } from "./stage.ts";

describe("the console", { skip: NEEDS_OWN_RUNTIME }, () => {
  // Three events are one too many to be caught up with.
  const stage = new Stage({ HISTORY_SIZE: "2" });

  test("P1.10 the page allows nothing but itself", async () => {
    const response = await fetch(stage.url);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.equal(response.headers.get("referrer-policy"), "no-referrer");
    const post = await fetch(stage.url, { method: "POST" });
    assert.equal(post.status, 404);
  });

  test("an empty page says what to do, and does it", async () => {
    const { page } = await stage.open();
    await page.getByRole("heading", { name: "Nobody is connected from here yet" }).waitFor();
    await page.getByRole("button", { name: "Connect Ann and Ben" }).click();
    const ben = page.getByRole("article", { name: "Ben in demo" });
    await ben.getByRole("status").getByText("connected", { exact: true }).waitFor();
    assert.equal(await page.getByRole("heading", { name: /^Nobody/ }).isVisible(), false);
    assert.equal(await page.getByRole("article").count(), 2);
  });

  test("P2.1 an event of the form reaches every client, with time, size and seq", async () => {
    const { page, project, ann, ben } = await stage.annAndBen();
    await page.choose("TASK_ASSIGNED");
    assert.match(await page.broadcast(), /^200accepted\d+ msRecipients2Excluded0Seq#1$/);
    for (const client of [ann, ben]) {
      const row = client.frames("TASK_ASSIGNED");
      await row.waitFor();
      const cells = (name: string) => row.locator(name).textContent();
      assert.match((await cells("time")) ?? "", /^\d\d:\d\d:\d\d\.\d{3}$/);
      assert.equal(await cells(".seq"), "#1");
      assert.match((await cells(".bytes")) ?? "", /^\d{3} B$/);
    }
    await ann.frames("TASK_ASSIGNED").locator("summary").click();
    const shown = await ann.frames("TASK_ASSIGNED").locator("pre").textContent();
    const { payload } = JSON.parse(shown ?? "");
    assert.equal(payload.projectId, project);
    assert.deepEqual(await ann.people(), ["ann", "ben"]);
  });

  test("P2.4 who is excluded gets nothing", async () => {
    const { page, ann, ben } = await stage.annAndBen();
    await page.fill("Exclude users", "ann");
    assert.match(await page.broadcast(), /Recipients1Excluded1Seq#1$/);
    await page.fill("Exclude users", "");
    await page.choose("TASK_DELETED");
    await page.broadcast();
    for (const client of [ann, ben]) await client.frames("TASK_DELETED").waitFor();
    assert.deepEqual(await ann.types(), ["TASK_DELETED", "USER_JOINED", "CONNECTED"]);
    assert.deepEqual(await ben.types(), ["TASK_DELETED", "TASK_CREATED", "CONNECTED"]);
  });

  test("P7.4 a client that is cut and returns gets what it missed, marked as such", async () => {
    const { page, ann, ben } = await stage.annAndBen();
    await page.broadcast();
    await ben.frames("TASK_CREATED").waitFor();
    await page.cut(ben);
    await page.choose("TASK_UPDATED");
    assert.match(await page.broadcast(), /Recipients1/);
    await ann.frames("TASK_UPDATED").waitFor();
    assert.equal(await ben.frames("TASK_UPDATED").count(), 0);
    await ben.press("Return");
    await ben.notice("1 missed event came back: #2.").waitFor();
    await ben.frames("TASK_UPDATED").locator(".missed").waitFor();
    assert.equal(await ben.frames("TASK_CREATED").locator(".missed").count(), 0);
    // Within the grace period nobody was told of it.
    assert.equal(await ann.frames("USER_LEFT").count(), 0);
    await page.choose("TASK_DELETED");
    await page.broadcast();
    await ben.frames("TASK_DELETED").waitFor();
    assert.equal(await ben.frames("TASK_DELETED").locator(".missed").count(), 0);
  });

  test("P7.5 a client that was away for too long is told so", async () => {
    const { page, ben } = await stage.annAndBen();
    await ben.press("Cut");
    for (let event = 0; event < 3; event++) await page.broadcast();
    await ben.press("Return");
    await ben.notice(/^Not recovered/).waitFor();
    assert.equal(await ben.frames("TASK_CREATED").count(), 0);
  });

  test("P5.2 a client that leaves is gone for the others at once, and may come back", async () => {
    const { ann, ben } = await stage.annAndBen();
    await ben.press("Leave");
    await ben.state("left").waitFor();
    await ann.frames("USER_LEFT").waitFor();
    assert.deepEqual(await ann.people(), ["ann"]);
    await ben.press("Connect");
    await ben.state("connected").waitFor();
    await ann.frames("USER_JOINED").nth(1).waitFor();
    assert.deepEqual(await ann.people(), ["ann", "ben"]);
  });

  test("P6.1 a close code is shown by its name, with what to do", async () => {
    const page = await stage.open();
    const refused = await page.connect("p", "ü".repeat(100));
    await refused.state("4000 bad_request").waitFor();
    await refused.notice("Stop: it would end the same way again.").waitFor();
  });

  test("P6.1 a client that is told to come back later does so, and misses nothing", async () => {
    const { page, project } = await stage.annAndBen();
    let breakOff: () => Promise<void> = async () => {};
    await page.page.routeWebSocket(/userId=zoe/, (socket) => {
      socket.connectToServer();
      breakOff = () =>
        socket.close({ code: 4200, reason: '{"code":"try_again","retryAfterMs":1}' });
    });
    const zoe = await page.connect(project, "zoe");
    await page.broadcast();
    await zoe.frames("TASK_CREATED").waitFor();
    await breakOff();
    await page.choose("TASK_DELETED");
    await page.broadcast();
    await zoe.frames("TASK_DELETED").waitFor();
    await zoe.notice(/^Recovered with since/).waitFor();
  });

  test("P2.8 a wrong secret is told by its code", async () => {
    const page = await stage.open();
    await page.press("Broadcast");
    await page.page.getByText("Paste BROADCAST_SECRET first").waitFor();
    await page.secret("wrong");
    assert.match(await page.broadcast(), /^401unauthorized/);
  });

  test("any JSON can be sent, once it is JSON", async () => {
    const { page, ann } = await stage.annAndBen();
    await page.press("Raw JSON");
    await page.fill("Body", '{"events":[{"eventType":"A"},');
    await page.page.getByText("The body is not JSON").waitFor();
    const send = page.page.getByRole("button", { name: "Broadcast", exact: true });
    assert.equal(await send.isDisabled(), true);
    await page.fill("Body", '{"events":[{"eventType":"A"},{"eventType":"B","ephemeral":true}]}');
    assert.match(await page.broadcast(), /Recipients4Excluded0Seq#1$/);
    await ann.frames("B").waitFor();
    assert.deepEqual((await ann.types()).slice(0, 2), ["B", "A"]);
  });

  test("P2.11 a call with the same key is repeated without an effect", async () => {
    const { page } = await stage.annAndBen();
    await page.press("New idempotency key");
    await page.broadcast();
    assert.match(await page.broadcast(), /Seq#1Duplicateyes/);
  });

  test("frames can be filtered, held and copied", async () => {
    const { page, ann } = await stage.annAndBen();
    await page.broadcast();
    await ann.frames("TASK_CREATED").waitFor();
    await ann.pane.getByLabel("Filter by text").fill("PRIORITY");
    assert.deepEqual(await ann.types(), ["TASK_CREATED"]);
    await ann.press("Copy all");
    await ann.pane.getByRole("button", { name: "Copied" }).waitFor();
    assert.equal(JSON.parse(await page.clipboard()).type, "TASK_CREATED");
    await ann.pane.getByLabel("Filter by text").fill("");
    await ann.press("Pause");
    await page.choose("TASK_DELETED");
    await page.broadcast();
    await ann.pane.getByText("paused, 1 new").waitFor();
    assert.equal(await ann.frames("TASK_DELETED").count(), 0);
    await ann.press("Resume");
    await ann.frames("TASK_DELETED").waitFor();
    await ann.pane.getByLabel("Filter by type").selectOption("USER_JOINED");
    assert.deepEqual(await ann.types(), ["USER_JOINED"]);
  });

  test("the client code on the screen is a client", async () => {
    const { page, project, ann } = await stage.annAndBen();
    await ann.pane.getByText("Client code").click();
    const code = await ann.pane.getByRole("region", { name: "Client code" }).textContent();
    const other = code?.replaceAll('"ann"', '"zoe"').replaceAll('"Ann"', '"Zoe"') ?? "";
    const node = spawn(process.execPath, ["--input-type=module"], { cwd: ROOT });
    after(() => node.kill());
    node.stdin.end(other);
    await ann.pane.locator('.people [data-user="zoe"]').waitFor();
    assert.ok(code?.includes(`room: "${project}"`));
    await page.broadcast();
    for await (const text of node.stdout) if (String(text).includes("TASK_CREATED")) return;
    assert.fail("it got no event");
  });

  test("the secret is nowhere but in the call, and no request goes elsewhere", async () => {
    const { page } = await stage.annAndBen();
    await page.broadcast();
    const kept = await page.page.evaluate(async () => ({
      html: document.documentElement.outerHTML,
      url: location.href,
      storage: JSON.stringify([localStorage, sessionStorage, document.cookie]),
      databases: (await indexedDB.databases()).length,
      caches: (await caches.keys()).length,
      history: history.length,
    }));
    assert.ok(!JSON.stringify(kept).includes(SECRET));
    assert.deepEqual([kept.storage, kept.databases, kept.caches], ['[{},{},""]', 0, 0]);
    assert.ok(!(await page.curl()).includes(SECRET));
    for (const { url, body } of page.asked) {
      assert.equal(new URL(url).host, new URL(stage.url).host, url);
      assert.ok(!url.includes(SECRET) && !body.includes(SECRET));
    }
    assert.deepEqual(page.complaints, []);
  });

  test("what comes from outside is text, whatever is in it", async () => {
    const { page, project } = await stage.annAndBen();
    const name = '<img src="//elsewhere.example/x">';
    const client = await page.connect(project, "eve", name);
    await page.press("Raw JSON");
    await page.fill("Body", JSON.stringify({ eventType: name, payload: { name } }));
    await page.broadcast();
    await client.pane.locator(".frame .type", { hasText: name }).waitFor();
    await client.pane.locator(".frame summary").first().click();
    assert.equal(await page.page.locator("main img").count(), 0);
    assert.deepEqual(page.complaints, []);
  });

  test("a keyboard is enough, and every control has a name", async () => {
    const { page, ann } = await stage.annAndBen();
    await page.page.getByLabel("Payload").press("Control+Enter");
    await ann.frames("TASK_CREATED").waitFor();
    await ann.frames("TASK_CREATED").locator("summary").press("Enter");
    await ann.frames("TASK_CREATED").locator("pre").waitFor();
    const nameless = await page.page
      .locator("input, select, textarea, button")
      .evaluateAll((controls) =>
        controls
          .filter((control) => {
            const { labels } = control as HTMLInputElement;
            const name = control.getAttribute("aria-label") ?? labels?.[0]?.textContent;
            return !(name || control.textContent);
          })
          .map((control) => control.outerHTML),
      );
    assert.deepEqual(nameless, []);
  });

  test("nothing offends against WCAG 2.2 AA on an empty page", async () => {
    const { page } = await stage.open();
    await page.getByRole("heading", { name: "Nobody is connected from here yet" }).waitFor();
    assert.deepEqual(await violations(page), []);
  });

  test("nothing offends against WCAG 2.2 AA, whatever a client and the form show", async () => {
    const { page, project, ann, ben } = await stage.annAndBen();
    await page.broadcast();
    await ann.frames("TASK_CREATED").locator("summary").click();
    await ann.pane.getByText("Client code").click();
    await ben.press("Cut");
    await page.choose("TASK_UPDATED");
    await page.broadcast();
    assert.deepEqual(await violations(page.page), []);
    await ben.press("Return");
    await ben.notice("1 missed event came back").waitFor();
    await page.connect("p", "ü".repeat(100));
    const cleo = await page.connect(project, "cleo");
    await cleo.press("Leave");
    await page.press("Raw JSON");
    await page.fill("Body", "{");
    assert.deepEqual(await violations(page.page), []);
  });

  test("a phone shows all of it without scrolling sideways", async () => {
    const page = await stage.open({ viewport: PHONE });
    await page.connect("p".repeat(128), "u".repeat(128), "A name that is long ".repeat(6));
    await page.page.getByText("Client code").click();
    const width = await page.page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, PHONE.width);
  });
});
