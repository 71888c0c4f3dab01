/** The order of the cards: by mouse, by keyboard, by finger and by the dialog, and the same for everybody. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newProject, newTask } from "./support/content.ts";
import { Finger } from "./support/finger.ts";
import type { BoardWindow, ColumnName } from "./support/window.ts";
import { useWindows } from "./support/windows.ts";

const PHONE = { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true };

describe("the order of cards", async () => {
  const { site, open } = await useWindows();

  async function projectWith(titles: string[]): Promise<string> {
    const project = await newProject(site);
    for (const title of titles) await newTask(site, project, { title });
    return project;
  }

  /** Waits until a column has these cards in this order. */
  async function hasTitles(window: BoardWindow, name: ColumnName, titles: string[]) {
    const links = window.column(name).getByRole("link");
    for (const [place, title] of titles.entries())
      await links.nth(place).and(window.card(title)).waitFor();
    assert.deepEqual(await window.titles(name), titles);
  }

  test("a card dragged within its column moves on both boards, without a notice", async () => {
    const project = await projectWith(["A", "B", "C"]);
    const [ann, ben] = await Promise.all([open("ann", project), open("ben", project)]);
    await ann.dragOver("C", "To do");
    await ann.dragOn("B", "above");
    await ann.page.mouse.up();
    await hasTitles(ann, "To do", ["A", "C", "B"]);
    await hasTitles(ben, "To do", ["A", "C", "B"]);
    await ben.marked("C").waitFor();
    assert.deepEqual(await ben.page.locator(".toast").allTextContents(), []);
  });

  test("a card that is let go where it was moves nowhere", async () => {
    const project = await projectWith(["A", "B"]);
    const ann = await open("ann", project);
    let requests = 0;
    await ann.page.route("**/api/tasks/*", (route) => {
      requests += 1;
      return route.continue();
    });
    await ann.dragOver("A", "To do");
    await ann.dragOn("B", "above");
    await ann.page.mouse.up();
    await ann.page.locator(".ghost").waitFor({ state: "detached" });
    await hasTitles(ann, "To do", ["A", "B"]);
    assert.equal(requests, 0);
    assert.equal(await ann.page.getByRole("dialog").count(), 0);
  });

  test("Shift and an arrow key move a card up and down, keep the focus, and say where it is", async () => {
    const project = await projectWith(["A", "B", "C"]);
    const ann = await open("ann", project);
    await ann.card("C").focus();
    for (const titles of [
      ["A", "C", "B"],
      ["C", "A", "B"],
    ]) {
      await ann.page.keyboard.press("Shift+ArrowUp");
      await hasTitles(ann, "To do", titles);
      const place = titles.indexOf("C") + 1;
      await ann.badge(`“C” is now in To do, ${place} of 3.`).waitFor({ state: "attached" });
      assert.equal(await ann.page.locator(":focus").textContent(), "C");
    }
    // There is no further up.
    await ann.page.keyboard.press("Shift+ArrowUp");
    await ann.page.keyboard.press("Shift+ArrowDown");
    await hasTitles(ann, "To do", ["A", "C", "B"]);
  });

  test("a card moves by its dialog, for those who can't drag", async () => {
    const project = await projectWith(["A", "B", "C"]);
    const ann = await open("ann", project);
    await ann.inDialog("A", () => ann.field("Place in the column").selectOption("3 of 3"));
    await hasTitles(ann, "To do", ["B", "C", "A"]);
    await ann.inDialog("C", () => ann.field("Status").selectOption("Done"));
    await hasTitles(ann, "To do", ["B", "A"]);
  });

  test("where some are hidden, a card lands right behind the one that it was put behind", async () => {
    const project = await projectWith(["Red 1", "Blue", "Red 2", "Red 3"]);
    const ann = await open("ann", project);
    await ann.page.getByLabel("Search tasks").fill("red");
    await hasTitles(ann, "To do", ["Red 1", "Red 2", "Red 3"]);
    await ann.card("Red 3").press("Shift+ArrowUp");
    await hasTitles(ann, "To do", ["Red 1", "Red 3", "Red 2"]);
    await ann.page.getByRole("button", { name: "Show all" }).click();
    await hasTitles(ann, "To do", ["Red 1", "Red 3", "Blue", "Red 2"]);
  });

  test("a finger that is held drags a card, and the page does not scroll under it", async () => {
    const project = await projectWith(["A", "B", "C"]);
    const [cleo, ben] = await Promise.all([
      open("cleo", project, { device: PHONE }),
      open("ben", project),
    ]);
    const finger = await Finger.of(cleo.page);
    await finger.down(await cleo.card("A").boundingBox());
    await cleo.page.locator(".ghost").waitFor();
    await finger.moveTo(await cleo.details("C").boundingBox(), "below");
    await cleo.page.locator(".landing").waitFor();
    // That has made room, and C is further down now.
    await finger.moveTo(await cleo.details("C").boundingBox(), "below");
    assert.equal(await cleo.page.evaluate("scrollY"), 0);
    await finger.up();
    await hasTitles(cleo, "To do", ["B", "C", "A"]);
    await hasTitles(ben, "To do", ["B", "C", "A"]);
    assert.equal(await cleo.page.getByRole("dialog").count(), 0);
  });

  test("a finger that moves at once scrolls the page, and one that taps opens the task", async () => {
    const titles = Array.from({ length: 12 }, (_, number) => `Task ${number}`);
    const cleo = await open("cleo", await projectWith(titles), { device: PHONE });
    const finger = await Finger.of(cleo.page);
    // Asked before: a finger that rests while the page answers would begin to drag.
    const from = await cleo.card("Task 3").boundingBox();
    const to = await cleo.details("Task 0").boundingBox();
    await finger.down(from);
    await finger.moveTo(to, "above");
    await cleo.page.waitForFunction("scrollY > 50");
    await finger.upAndRest();
    assert.equal(await cleo.page.locator(".ghost").count(), 0);
    await hasTitles(cleo, "To do", titles);
    await cleo.card("Task 6").tap();
    await cleo.page.getByRole("dialog").waitFor();
  });

  test("near the edge the page scrolls, so that a finger reaches a column that is further down", async () => {
    const titles = Array.from({ length: 10 }, (_, number) => `Task ${number}`);
    const cleo = await open("cleo", await projectWith(titles), { device: PHONE });
    const finger = await Finger.of(cleo.page);
    await finger.down(await cleo.card("Task 0").boundingBox());
    await cleo.page.locator(".ghost").waitFor();
    await finger.move(195, 685);
    await cleo.page.waitForFunction(
      "scrollY + innerHeight >= document.documentElement.scrollHeight - 1",
    );
    await finger.moveTo(await cleo.column("Done").boundingBox(), "above");
    await cleo.column("Done").locator(".landing").waitFor();
    await finger.up();
    await hasTitles(cleo, "Done", ["Task 0"]);
  });
});
