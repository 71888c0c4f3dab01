/** What the console is for beyond a form and a list: docs/console.md. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { violations } from "../support/accessibility.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";
import { SECRET, Stage } from "./stage.ts";

describe("the tools of the console", { skip: NEEDS_OWN_RUNTIME }, () => {
  const stage = new Stage();

  test("P4.4 an observer gets every event and is not present", async () => {
    const { page, project, ann } = await stage.annAndBen();
    await page.fill("Project", project);
    await page.press("Watch");
    const observer = page.client("Observer", project);
    await observer.state("connected").waitFor();
    await observer.pane.getByText("not present").waitFor();
    assert.match(await page.broadcast(), /Recipients3/);
    await observer.frames("TASK_CREATED").waitFor();
    assert.deepEqual(await observer.people(), ["ann", "ben"]);
    assert.deepEqual(await ann.people(), ["ann", "ben"]);
    await ann.frames("TASK_CREATED").waitFor();
    assert.equal(await ann.frames("USER_JOINED").count(), 1);
  });

  test("every frame says how long it was under way, and a broadcast how long it took to each client", async () => {
    const { page, ann } = await stage.annAndBen();
    await page.fill("Exclude users", "ben");
    await page.broadcast();
    assert.match(
      (await ann.frames("TASK_CREATED").locator(".latency").textContent()) ?? "",
      /^\d+ ms$/,
    );
    const deliveries = page.page.getByRole("list", { name: "From the click to each client" });
    await deliveries.getByText(/^Ann \d+ ms$/).waitFor();
    await deliveries.getByText("Ben not received").waitFor();
    // An ephemeral event has no number to be known by.
    await page.page.getByLabel("Ephemeral").check();
    await page.fill("Exclude users", "");
    await page.broadcast();
    await deliveries.getByText(/^Ben \d+ ms$/).waitFor();
  });

  test("one timeline has each event once, by its number, with all clients beside each other", async () => {
    const { page, ann, ben } = await stage.annAndBen();
    await page.broadcast();
    await ben.frames("TASK_CREATED").waitFor();
    await ben.press("Cut");
    await page.choose("TASK_UPDATED");
    await page.broadcast();
    await ann.frames("TASK_UPDATED").waitFor();
    await ben.press("Return");
    await ben.frames("TASK_UPDATED").waitFor();
    await page.show("Timeline");
    const rows = page.page.getByRole("region", { name: "Events" }).getByRole("row");
    await rows.nth(2).waitFor();
    const cells = await rows.evaluateAll((all) =>
      all.map((row) => [...row.children].map(({ textContent }) => textContent ?? "")),
    );
    assert.deepEqual(cells[0], ["Seq", "Event", "Ann", "Ben", "Sent", "Project"]);
    assert.match(cells[1]?.join() ?? "", /^#2,TASK_UPDATED,\d+ ms,missed,[\d:.]+,p-[^,]+$/);
    assert.match(cells[2]?.join() ?? "", /^#1,TASK_CREATED,\d+ ms,\d+ ms,[\d:.]+,p-[^,]+$/);
    assert.deepEqual(await violations(page.page), []);
  });

  test("a frame can be sent again as it was, byte for byte, or after a change", async () => {
    const { page, ann } = await stage.annAndBen();
    await page.press("Raw JSON");
    await page.fill("Body", '{"eventType":"PRICE","payload":{"n": 12345678901234567890}}');
    await page.broadcast();
    await ann.frames("PRICE").locator("summary").click();
    await ann.press("Send again");
    await ann.frames("PRICE").nth(1).waitFor();
    await ann.frames("PRICE").first().locator("summary").click();
    const texts = await ann.frames("PRICE").locator("pre").allTextContents();
    assert.match(texts[0] ?? "", /"n": 12345678901234567890/);
    await ann.frames("PRICE").last().getByRole("button", { name: "Edit in the form" }).click();
    await page.fill("Payload", "[]");
    await page.broadcast();
    await ann.frames("PRICE").nth(2).waitFor();
    // Whatever was seen can be chosen.
    const choices = page.page.getByLabel("Event", { exact: true }).locator("optgroup");
    assert.equal(await choices.nth(1).getAttribute("label"), "Seen here");
    assert.deepEqual(await choices.nth(1).locator("option").allTextContents(), ["PRICE"]);
    await page.choose("TASK_CREATED");
    await page.choose("PRICE");
    assert.equal(await page.page.getByLabel("Payload").inputValue(), "[]");
  });

  test("each client has a log of what became of its connection", async () => {
    const { page, ben } = await stage.annAndBen();
    await ben.press("Cut");
    await ben.press("Return");
    await ben.state("connected").waitFor();
    await ben.pane.getByText("Connection log (5)").click();
    const log = ben.pane.getByRole("list", { name: "Connection of Ben" }).locator("b");
    assert.deepEqual(await log.allTextContents(), [
      "connected",
      "connecting",
      "cut",
      "connected",
      "connecting",
    ]);
    assert.deepEqual(await violations(page.page), []);
  });

  test("P8.1 who is here is shown, and can be removed; the close leads to its page", async () => {
    const { page, ann, ben } = await stage.annAndBen();
    await ann.press("Manage");
    await page.fill("Seconds before a removed user can return", "60");
    const users = page.page.getByRole("list", { name: "Users in the project" });
    await users.getByText("1 connection").nth(1).waitFor();
    await page.press("Remove Ben");
    assert.ok(!page.asked.some(({ url }) => url.includes("/users/")));
    await page.press("Remove Ben: sure?");
    await page.page.getByText("Ben was removed and can't come back for 60 s.").waitFor();
    await users.locator('[data-user="ben"]').waitFor({ state: "detached" });
    assert.deepEqual(await violations(page.page), []);
    await page.show("Clients");
    await ben.state("4003 removed").waitFor();
    const link = ben.pane.getByRole("link", { name: "About 4003" });
    assert.match((await link.getAttribute("href")) ?? "", /docs\/errors\/4003\.md$/);
    await ben.press("Connect");
    await ben.state("4003 removed").waitFor();
    await ann.frames("USER_LEFT").waitFor();
    assert.deepEqual(await ann.people(), ["ann"]);
  });

  test("P1.7 a refusal leads to the page about its code", async () => {
    const page = await stage.open();
    await page.secret(SECRET);
    await page.choose("");
    await page.fill("Event type", "CONNECTED");
    assert.match(await page.broadcast(), /^400reserved_event_type/);
    const link = page.page.getByRole("link", { name: "reserved_event_type" });
    assert.match((await link.getAttribute("href")) ?? "", /errors\/reserved_event_type\.md$/);
    assert.deepEqual(await violations(page.page), []);
  });
});
