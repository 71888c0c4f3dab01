/** Two people who are at work at the same time: where each is, what they are typing, and where they point. */

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { launch } from "../../../tests/support/chromium.ts";
import { newProject, newTask } from "./support/content.ts";
import { startSite } from "./support/site.ts";
import { BoardWindow } from "./support/window.ts";

/** Less than a pixel of each window. */
const NEAR = 0.005;

describe("two at work", async () => {
  const [site, browser] = await Promise.all([startSite(), launch()]);
  after(async () => {
    await browser.close();
    await site.close();
  });
  const project = await newProject(site);
  await newTask(site, project, { title: "Write the text" });
  const open = (user: string, width: number) => {
    const device = { viewport: { width, height: 800 } };
    return BoardWindow.open(browser, site, { user, project }, { device });
  };
  const [ann, ben] = await Promise.all([open("ann", 1280), open("ben", 1000)]);
  await Promise.all([ann.badge("Live").waitFor(), ben.badge("Live").waitFor()]);

  test("where somebody is stands beside the name, and on the card of the task", async () => {
    const online = ann.page.getByRole("list", { name: "Online" });
    await online.getByText("Ben Okafor, on the board").waitFor({ state: "attached" });
    await ben.inDialog("Write the text", async () => {
      await online.getByText("Ben Okafor, in “Write the text”").waitFor({ state: "attached" });
      await ann.details("Write the text").getByText("Ben Okafor is here").waitFor();
    });
    await online.getByText("Ben Okafor, on the board").waitFor({ state: "attached" });
    await ann.details("Write the text").getByText("is here").waitFor({ state: "detached" });
  });

  test("a cursor on the board is at the same place of the other's board, however wide it is", async () => {
    await ben.pointAt(".stage", 0.3, 0.4);
    const cursor = ann.page.locator(".cursor").filter({ hasText: "Ben" });
    await cursor.waitFor();
    await ann.page.waitForFunction(
      ([near]) => {
        const stage = document.querySelector(".stage")?.getBoundingClientRect();
        const box = document.querySelector(".cursor")?.getBoundingClientRect();
        if (!stage || !box) return false;
        const x = (box.x + 1 - stage.x) / stage.width;
        const y = (box.y + 1 - stage.y) / stage.height;
        return Math.abs(x - 0.3) < (near ?? 0) && Math.abs(y - 0.4) < (near ?? 0);
      },
      [NEAR],
    );
    assert.equal(await ben.page.locator(".cursor").count(), 0);
  });

  test("in a task there are its viewers and their cursors, and not those of the board", async () => {
    await ann.card("Write the text").click();
    const dialog = ann.page.getByRole("dialog");
    await dialog.waitFor();
    assert.equal(await dialog.locator(".cursor").count(), 0);
    await ben.card("Write the text").click();
    const viewers = dialog.getByRole("list", { name: "Also here" });
    await viewers.getByText("Ben Okafor").waitFor();
    await ben.pointAt(".modal-content", 0.5, 0.2);
    await dialog.locator(".cursor").getByText("Ben").waitFor();
  });

  test("who is typing a comment is named until it is sent", async () => {
    await ann.field("Write a comment").pressSequentially("By Fri");
    await ben.badge("Ann Keller is typing…").waitFor();
    await ann.field("Write a comment").pressSequentially("day");
    await ann.field("Write a comment").press("Enter");
    await ben.comment("By Friday").waitFor();
    await ben.badge("is typing").waitFor({ state: "detached" });
  });

  test("who takes back what they have typed is not typing", async () => {
    await ben.field("Write a comment").pressSequentially("No");
    await ann.badge("Ben Okafor is typing…").waitFor();
    await ben.field("Write a comment").fill("");
    await ann.badge("is typing").waitFor({ state: "detached" });
  });

  test("a title that somebody is editing says who it is, and lets others edit it", async () => {
    const title = ann.field("Title");
    await title.fill("Write all texts");
    await ben.badge("Ann Keller is editing the title").waitFor();
    assert.equal(await ben.field("Title").isEditable(), true);
    await title.press("Escape");
    await ben.badge("is editing").waitFor({ state: "detached" });
  });

  test("one's own other window follows what this one does, and says nothing of it", async () => {
    const other = await open("ann", 800);
    await other.badge("Live").waitFor();
    await ann.page.keyboard.press("Escape");
    await ann.card("Write the text").press("Shift+ArrowRight");
    await other.card("Write the text", "In progress").waitFor();
    assert.equal(await other.page.locator(".toast, .card-marked").count(), 0);
    await ann.card("Write the text", "In progress").press("Enter");
  });

  test("who loses the connection takes the cursor along, and fades for as long as they may come back", async () => {
    await ben.page.context().close();
    await ann.page.locator(".cursor").waitFor({ state: "detached" });
    const faded = ann.page.locator(".leaving");
    await ann.page.getByRole("list", { name: "Online" }).locator(faded).waitFor();
    await ann.page.getByRole("list", { name: "Also here" }).locator(faded).waitFor();
  });
});
