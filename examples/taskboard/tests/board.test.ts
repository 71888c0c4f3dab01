/** Two people at one board, each in a browser of their own. */

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { launch } from "../../../tests/support/chromium.ts";
import { newProject } from "./support/content.ts";
import { startRelay } from "./support/relay.ts";
import { startSite } from "./support/site.ts";
import { BoardWindow } from "./support/window.ts";

describe("two windows", async () => {
  const [site, browser] = await Promise.all([startSite(), launch()]);
  after(async () => {
    await browser.close();
    await site.close();
  });
  const relay = await startRelay(site.runtime.port);
  after(relay.close);
  const project = await newProject(site);
  const [ann, ben] = await Promise.all([
    BoardWindow.open(browser, site, { user: "ann", project }),
    BoardWindow.open(browser, site, { user: "ben", project }, { realtimeUrl: relay.url }),
  ]);
  await Promise.all([ann.badge("Live").waitFor(), ben.badge("Live").waitFor()]);

  /** Changes made in the other window are not told to who made them. */
  async function saysNothing(window: BoardWindow): Promise<void> {
    assert.deepEqual(await window.page.locator(".toast").allTextContents(), []);
  }

  test("each sees who is there", async () => {
    for (const { page } of [ann, ben]) {
      const online = page.getByRole("list", { name: "Online" });
      await online.getByText("Ann Keller").waitFor();
      await online.getByText("Ben Okafor").waitFor();
    }
  });

  test("an empty board tells what to do", async () => {
    await ann.page.getByRole("heading", { name: "Nothing to do yet" }).waitFor();
    await ann.page.getByRole("link", { name: "open a second window as Ben Okafor" }).waitFor();
  });

  test("a new task is on both boards, and only the other is told", async () => {
    await ann.add("Write the text");
    await ben.card("Write the text", "To do").waitFor();
    await ben.toast("Ann Keller added “Write the text”").waitFor();
    await saysNothing(ann);
  });

  test("a task that is dragged moves on both boards", async () => {
    await ann.card("Write the text").dragTo(ann.column("In progress"));
    await ben.card("Write the text", "In progress").waitFor();
    await ben.toast("Ann Keller moved “Write the text” to In progress").waitFor();
    await saysNothing(ann);
  });

  test("a task moves by the keyboard, and keeps the focus", async () => {
    await ann.card("Write the text", "In progress").focus();
    await ann.page.keyboard.press("Shift+ArrowRight");
    await ben.card("Write the text", "Done").waitFor();
    assert.equal(await ann.page.evaluate("document.activeElement.textContent"), "Write the text");
    await ann.page.keyboard.press("Shift+ArrowLeft");
    await ben.card("Write the text", "In progress").waitFor();
  });

  test("an assignment, a priority and a title are seen by the other", async () => {
    await ann.inDialog("Write the text", async (dialog) => {
      await dialog.getByLabel("Assignee").selectOption("Ben Okafor");
      await dialog.getByLabel("Priority").selectOption("High");
      await dialog.getByLabel("Title").fill("Write all texts");
      await dialog.getByLabel("Title").press("Enter");
    });
    await ben.toast("Ann Keller assigned “Write the text” to you").waitFor();
    const details = ben.details("Write all texts");
    await details.getByText("Assigned to Ben Okafor").waitFor();
    await details.getByText("High").waitFor();
  });

  test("a comment appears in the dialog that the other has open", async () => {
    await ben.card("Write all texts").click();
    await ann.inDialog("Write all texts", async (dialog) => {
      await dialog.getByLabel("Write a comment").fill("By Friday, please");
      await dialog.getByLabel("Write a comment").press("Enter");
      await dialog.getByRole("listitem").getByText("By Friday, please").waitFor();
    });
    const open = ben.page.getByRole("dialog");
    await open.getByRole("listitem").getByText("By Friday, please").waitFor();
    await open.getByRole("button", { name: "Close" }).click();
    await ben.details("Write all texts").getByText("1 comment").waitFor();
  });

  test("a change that the API refuses is taken back", async () => {
    const answer = Promise.withResolvers<void>();
    await ben.page.route("**/api/tasks/*", async (route) => {
      await answer.promise;
      await route.fulfill({ status: 409, json: { error: "Not now." } });
    });
    await ben.page.getByRole("button", { name: "Move “Write all texts” to Done" }).click();
    await ben.card("Write all texts", "Done").waitFor();
    answer.resolve();
    await ben.toast("“Write all texts” was not saved. Not now.").waitFor();
    await ben.card("Write all texts", "In progress").waitFor();
    await ben.page.unroute("**/api/tasks/*");
    assert.deepEqual(await ann.titles("Done"), []);
  });

  test("who was offline gets what was missed, without a reload", async () => {
    await ann.add("Choose a font");
    await ben.card("Choose a font", "To do").waitFor();
    await ben.page.evaluate("globalThis.isSamePage = true");
    await ben.page.context().setOffline(true);
    relay.cut();
    await ben.badge("Offline").waitFor();

    await ann.add("Ask the customer");
    await ann.page.getByRole("button", { name: "Move “Choose a font” to In progress" }).click();
    await ann.card("Choose a font", "In progress").waitFor();
    await ann.inDialog("Write all texts", (dialog) =>
      dialog.getByRole("button", { name: "Delete task" }).click(),
    );
    await untilStored(["Choose a font in_progress", "Ask the customer todo"]);
    assert.deepEqual(await ben.titles("To do"), ["Choose a font"]);
    assert.deepEqual(await ben.titles("In progress"), ["Write all texts"]);

    relay.mend();
    await ben.page.context().setOffline(false);
    await ben.card("Ask the customer", "To do").waitFor();
    await ben.card("Choose a font", "In progress").waitFor();
    await ben.card("Write all texts").waitFor({ state: "detached" });
    await ben.badge("Live").waitFor();
    // Not by fetching everything again: each of the three arrived after all.
    await ben.toast("Ann Keller added “Ask the customer”").waitFor();
    await ben.toast("Ann Keller moved “Choose a font” to In progress").waitFor();
    await ben.toast("Ann Keller deleted “Write all texts”").waitFor();
    assert.equal(await ben.page.evaluate("globalThis.isSamePage"), true);
  });

  test("a new project is in the other's list, too", async () => {
    await ben.page.getByRole("button", { name: "New project" }).click();
    const dialog = ben.page.getByRole("dialog");
    await dialog.getByLabel("Project name").fill("Newsletter");
    await dialog.getByRole("button", { name: "Create" }).click();
    await ben.page.getByRole("heading", { name: "Newsletter" }).waitFor({ state: "attached" });
    await ann.toast("Ben Okafor created the project “Newsletter”").waitFor();
    await ann.page.getByLabel("Project", { exact: true }).selectOption("Newsletter");
    await ben.add("Collect addresses");
    await ann.card("Collect addresses", "To do").waitFor();
  });

  test("on a phone nothing is too wide, and a finger moves tasks", async () => {
    const viewport = { width: 390, height: 844 };
    const device = { viewport, hasTouch: true, isMobile: true };
    const cleo = await BoardWindow.open(browser, site, { user: "cleo", project }, { device });
    await cleo.badge("Live").waitFor();
    await cleo.page.getByRole("button", { name: "Move “Choose a font” to Done" }).tap();
    await cleo.card("Choose a font", "Done").waitFor();
    assert.equal(await cleo.page.evaluate("document.documentElement.scrollWidth"), viewport.width);
    await ann.page.getByLabel("Project", { exact: true }).selectOption("Website");
    await ann.card("Choose a font", "Done").waitFor();
  });

  /** Waits until the API has these tasks and no others. */
  async function untilStored(tasks: string[]): Promise<void> {
    const url = `${site.url}/api/projects/${project}/tasks`;
    const read = `fetch("${url}", { headers: { "X-User-Id": "ann" } }).then((r) => r.json())`;
    const lines = `(await ${read}).map(({ title, status }) => title + " " + status).join()`;
    await ann.page.waitForFunction(`(async () => ${lines} === "${tasks.join()}")()`);
  }
});
