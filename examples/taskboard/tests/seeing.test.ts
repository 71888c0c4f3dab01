/** What people see of each other's work, and how they find what they look for. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DEMO_PROJECT } from "../shared/board.ts";
import { call, change, newProject, newTask, writeText } from "./support/content.ts";
import { useWindows } from "./support/windows.ts";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe("what is seen", async () => {
  const { site, open } = await useWindows();

  test("a link that names only a user leads to the demo, and the address names it from then on", async () => {
    await call(site, "POST", "/projects", { id: DEMO_PROJECT, name: "Demo" });
    const ann = await open("ann", await newProject(site, "Newer"));
    await ann.page.goto(`${site.url}/?user=ann`);
    await ann.page.getByRole("heading", { name: "Demo" }).waitFor({ state: "attached" });
    await ann.page.waitForURL(`${site.url}/?user=ann&project=${DEMO_PROJECT}`);
    // Back leads to the page before, not to the address without a project.
    await ann.page.goBack();
    await ann.page.getByRole("heading", { name: "Newer" }).waitFor({ state: "attached" });
  });

  test("what somebody else has changed is marked with their name for a moment", async () => {
    const project = await newProject(site);
    const task = await newTask(site, project, { title: "Book the domain" });
    await newTask(site, project, { title: "Choose a typeface" });
    const ann = await open("ann", project);
    const marked = ann.marked("Book the domain").getByText("Ben", { exact: true }).waitFor();
    await change(site, task, { status: "completed", position: "V" }, "ben");
    await marked;
    await ann.card("Book the domain", "Done").waitFor();
    assert.equal(await ann.marked("Choose a typeface").count(), 0);
    await ann.marked("Book the domain").waitFor({ state: "detached" });
    // One's own changes are no news.
    await ann.card("Book the domain").press("Shift+ArrowLeft");
    await ann.card("Book the domain", "In progress").waitFor();
    assert.equal(await ann.page.locator(".card-marked").count(), 0);
  });

  test("the mark does not move for those who want no motion", async () => {
    const project = await newProject(site);
    const task = await newTask(site, project, { title: "Book the domain" });
    for (const reducedMotion of ["reduce", "no-preference"] as const) {
      const ann = await open("ann", project, { device: { reducedMotion } });
      // Asked before: the mark does not wait for the API to answer.
      const mark = ann.marked(`Book ${reducedMotion}`);
      const count = mark.evaluate((card) => card.getAnimations({ subtree: true }).length);
      await change(site, task, { title: `Book ${reducedMotion}` }, "ben");
      assert.equal((await count) > 0, reducedMotion === "no-preference");
    }
  });

  test("of many notices one is shown, with the number of the others, and all can be dismissed", async () => {
    const project = await newProject(site);
    const ann = await open("ann", project);
    for (const title of ["One", "Two", "Three"]) await newTask(site, project, { title });
    await ann.toast("Dan Novak added “Three”").waitFor();
    const shown = ann.page.locator(".toast");
    await shown.getByText("+2").waitFor();
    assert.equal(await shown.count(), 1);
    await ann.page.getByRole("button", { name: "Dismiss all" }).click();
    await shown.waitFor({ state: "detached" });
    assert.equal(await ann.toast("Dan Novak added “One”").count(), 0);
  });

  test("on a phone a notice is one line, and has its end whatever the title", async () => {
    const project = await newProject(site);
    const title = "A title that is longer than any phone is wide, and then some";
    const task = await newTask(site, project, { title });
    const ann = await open("ann", project, { device: PHONE });
    await change(site, task, { status: "completed", position: "V" }, "ben");
    const notice = ann.page.locator(".toast");
    await notice.getByText(" to Done").waitFor();
    const box = await notice.boundingBox();
    assert.ok(box && box.height <= 48 && box.x >= 0 && box.x + box.width <= 390);
    const end = await notice.getByText(" to Done").boundingBox();
    const dismiss = await notice.getByRole("button", { name: "Dismiss" }).boundingBox();
    assert.ok(end && dismiss && end.x + end.width <= dismiss.x);
    assert.ok(dismiss.x + dismiss.width <= 390);
  });

  test("a due day is the same day in every time zone, and only “today” is where one is", async () => {
    const project = await newProject(site);
    const task = await newTask(site, project, { title: "Send the invoice" });
    // On this moment it is already the 11th on Kiritimati, and still the 10th in California.
    const now = new Date("2030-03-10T11:00:00Z");
    const [east, west] = await Promise.all(
      ["Pacific/Kiritimati", "America/Los_Angeles"].map((timezoneId, place) =>
        open(place === 0 ? "ann" : "ben", project, { device: { timezoneId, locale: "en-GB" } }),
      ),
    );
    assert.ok(east && west);
    for (const { page } of [east, west]) await page.clock.setFixedTime(now);
    await east.card("Send the invoice").click();
    await east.field("Due date").fill("2030-05-01");
    await east.page.keyboard.press("Escape");
    for (const window of [east, west])
      await window.details("Send the invoice").getByText("Due 1 May", { exact: true }).waitFor();
    await west.toast("Ann Keller changed the due date of “Send the invoice”").waitFor();
    await change(site, task, { dueOn: "2030-03-10" });
    await east.details("Send the invoice").getByText("Overdue yesterday").waitFor();
    await west.details("Send the invoice").getByText("Due today").waitFor();
    await west.card("Send the invoice").click();
    assert.equal(await west.field("Due date").inputValue(), "2030-03-10");
    await west.field("Due date").fill("");
    await west.page.keyboard.press("Escape");
    await east.details("Send the invoice").getByText("Overdue").waitFor({ state: "detached" });
  });

  test("a description is found by a search once its dialog is closed, and the cards say that there is one", async () => {
    const project = await newProject(site);
    await newTask(site, project, { title: "Send the invoice" });
    const [ann, ben] = await Promise.all([open("ann", project), open("ben", project)]);
    await ann.inDialog("Send the invoice", async () => {
      await ann.text.fill("To the address in Bern.\nIn two copies.");
      await ann.textIs("saved").waitFor();
    });
    for (const window of [ann, ben]) {
      await window.details("Send the invoice").getByText("It has a description").waitFor();
      await window.page.getByLabel("Search tasks").fill("bern copies");
      await window.badge("1 of 1 shown").waitFor();
    }
    await ben.card("Send the invoice").click();
    await ben.reads("To the address in Bern.\nIn two copies.");
  });

  test("a search finds words in titles and descriptions, with or without accents", async () => {
    const project = await newProject(site);
    const café = await newTask(site, project, { title: "Ask the Café" });
    const other = await newTask(site, project, { title: "Send the invoice", priority: "high" });
    await writeText(site, project, other, "Two cafés, and a bar");
    await change(site, café, { assigneeId: "ann", dueOn: "2020-01-01" });
    await newTask(site, project, { title: "Choose a typeface" });
    const ann = await open("ann", project);
    const search = ann.page.getByLabel("Search tasks");
    const shows = async (titles: string[]) => {
      await ann.badge(`${titles.length} of 3 shown`).waitFor();
      for (const title of titles) await ann.card(title, "To do").waitFor();
      assert.deepEqual(await ann.titles("To do"), titles);
    };
    await search.fill("CAFE");
    await shows(["Ask the Café", "Send the invoice"]);
    await search.fill("café invoice");
    await shows(["Send the invoice"]);
    await search.fill("");
    for (const [only, titles] of [
      ["My tasks", ["Ask the Café"]],
      ["Unassigned", ["Send the invoice", "Choose a typeface"]],
      ["High priority", ["Send the invoice"]],
      ["Overdue", ["Ask the Café"]],
    ] as const) {
      await ann.page.getByLabel("Show", { exact: true }).selectOption(only);
      await shows([...titles]);
    }
    await search.fill("bar");
    await ann.page.getByRole("heading", { name: "No tasks match" }).waitFor();
    // What is added is never hidden.
    await ann.add("Buy ink");
    await ann.card("Buy ink").waitFor();
    assert.equal(await search.inputValue(), "");
  });
});
