/** One person at the board: what dragging shows, where the focus goes, and what fits. */

import assert from "node:assert/strict";
import { after, afterEach, describe, test } from "node:test";
import { connectProject } from "@validiant/realtime";
import { sign } from "hono/jwt";
import { launch } from "../../../tests/support/chromium.ts";
import { change, newComment, newProject, newTask } from "./support/content.ts";
import { JWT_SECRET, startSite } from "./support/site.ts";
import { BoardWindow, type WindowOptions } from "./support/window.ts";

describe("one window", async () => {
  const [site, browser] = await Promise.all([startSite(), launch()]);
  after(async () => {
    await browser.close();
    await site.close();
  });

  /** Those of the test that runs. */
  const opened: BoardWindow[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ page }) => page.context().close()));
  });

  /** Ann's window of a project. */
  async function open(project: string, options?: WindowOptions): Promise<BoardWindow> {
    const ann = await BoardWindow.open(browser, site, { user: "ann", project }, options);
    opened.push(ann);
    await ann.badge("Live").waitFor();
    return ann;
  }

  /** A project with a task that is done. */
  async function withTask(title: string): Promise<string> {
    const project = await newProject(site);
    await newTask(site, project, { title, status: "completed" });
    return project;
  }

  test("a card that is dragged shows where it will land, and lands there", async () => {
    const project = await newProject(site);
    await newTask(site, project, { title: "First", status: "in_progress" });
    await newTask(site, project, { title: "Last", status: "in_progress" });
    await newTask(site, project, { title: "Between" });
    const ann = await open(project);
    await ann.dragOver("Between", "In progress");
    await ann.dragOn("Last", "above");
    await ann.column("In progress").locator(".landing").waitFor();
    await ann.page.waitForFunction(() => {
      const landing = document.querySelector(".landing");
      const items = [...(landing?.closest("ul")?.querySelectorAll("li") ?? [])];
      const shown = items.map((item) => (item.querySelector("a") ?? item).textContent);
      return shown.join() === "First,Between,Last";
    });
    await ann.page.mouse.up();
    await ann.card("Between", "In progress").waitFor();
    assert.deepEqual(await ann.titles("In progress"), ["First", "Between", "Last"]);
    assert.equal(await ann.page.locator(".landing, .card-dragged, .ghost").count(), 0);
    assert.equal(await ann.page.getByRole("dialog").count(), 0);
  });

  test("a drag that is cancelled leaves no trace", async () => {
    const project = await newProject(site);
    await newTask(site, project, { title: "Stay" });
    const ann = await open(project);
    await ann.dragOver("Stay", "Done");
    await ann.page.locator(".landing").waitFor();
    await ann.page.keyboard.press("Escape");
    await ann.page.mouse.up();
    await ann.page.locator(".landing").waitFor({ state: "detached" });
    assert.equal(await ann.page.locator(".column-over, .card-dragged").count(), 0);
    assert.deepEqual(await ann.titles("To do"), ["Stay"]);
  });

  test("a card that somebody else moves while it is dragged is let go", async () => {
    const project = await newProject(site);
    const task = await newTask(site, project, { title: "Move" });
    const ann = await open(project);
    await ann.dragOver("Move", "In progress");
    await change(site, task, { status: "completed" }, "ben");
    await ann.card("Move", "Done").waitFor();
    await ann.page.locator(".ghost").waitFor({ state: "detached" });
    await ann.page.mouse.up();
    assert.equal(await ann.page.locator(".landing, .column-over").count(), 0);
    assert.deepEqual(await ann.titles("Done"), ["Move"]);
  });

  test("a notice can be dismissed while a dialog is open, and the dialog stays", async () => {
    const project = await withTask("Book the domain");
    const ann = await open(project);
    await ann.card("Book the domain").click();
    const dialog = ann.page.getByRole("dialog");
    await dialog.waitFor();
    await newTask(site, project, { title: "Send the invoice" });
    const notice = dialog.getByText("Dan Novak added “Send the invoice”");
    await notice.waitFor();
    await dialog.getByRole("button", { name: "Dismiss" }).click();
    await notice.waitFor({ state: "detached" });
    assert.equal(await dialog.isVisible(), true);
  });

  test("a notice that came under a dialog is still there without it", async () => {
    const project = await withTask("Book the domain");
    const ann = await open(project);
    await ann.inDialog("Book the domain", async () => {
      await newTask(site, project, { title: "Send the invoice" });
      await ann.toast("Dan Novak added “Send the invoice”").waitFor();
    });
    await ann.toast("Dan Novak added “Send the invoice”").waitFor();
  });

  test("a new project is named at once, and the focus goes on to its board", async () => {
    const ann = await open(await newProject(site));
    await ann.page.getByRole("button", { name: "New project" }).press("Enter");
    await ann.page.getByRole("dialog").waitFor();
    await ann.isFocused(ann.field("Project name"));
    await ann.page.keyboard.type("Newsletter");
    await ann.page.keyboard.press("Enter");
    await ann.page.getByRole("heading", { name: "Newsletter" }).waitFor({ state: "attached" });
    await ann.isFocused(ann.page.locator("main"));
    await ann.page.keyboard.press("Tab");
    await ann.isFocused(ann.page.getByLabel("What has to be done?"));
  });

  test("a dialog that is closed gives the focus back, and one whose task is deleted to the board", async () => {
    const ann = await open(await withTask("Book the domain"));
    await ann.card("Book the domain").press("Enter");
    await ann.page.getByRole("dialog").waitFor();
    await ann.page.keyboard.press("Escape");
    await ann.page.getByRole("dialog").waitFor({ state: "detached" });
    await ann.isFocused(ann.card("Book the domain"));
    await ann.page.keyboard.press("Enter");
    await ann.page.getByRole("button", { name: "Delete task" }).press("Enter");
    await ann.page.getByRole("dialog").waitFor({ state: "detached" });
    await ann.isFocused(ann.page.locator("main"));
  });

  test("Escape takes back what is typed into a title before it closes the dialog", async () => {
    const ann = await open(await withTask("Book the domain"));
    await ann.card("Book the domain").press("Enter");
    const title = ann.field("Title");
    await title.fill("Something else");
    await title.press("Escape");
    assert.equal(await title.inputValue(), "Book the domain");
    await title.press("Escape");
    await title.waitFor({ state: "detached" });
    await ann.card("Book the domain", "Done").waitFor();
  });

  test("comments that can't be had are no empty list", async () => {
    const ann = await open(await withTask("Book the domain"));
    await ann.page.clock.install();
    const reason = { status: 500, json: { error: "Something went wrong." } };
    await ann.page.route("**/comments", (route) => route.fulfill(reason));
    await ann.card("Book the domain").click();
    const told = ann.page.getByText("The comments can't be shown. Something went wrong.");
    await hurried(ann, told.waitFor());
  });

  test("what is on the screen stays there while the API is away", async () => {
    const ann = await open(await withTask("Book the domain"));
    await ann.page.clock.install();
    const failed = ann.page.waitForRequest("**/api/projects");
    await ann.page.route("**/api/**", (route) => route.abort());
    await newProject(site, "Newsletter");
    await failed;
    // It asks again three times before it gives up.
    for (let again = 0; again < 3; again++)
      await hurried(ann, ann.page.waitForRequest("**/api/projects"));
    await hurried(ann, ann.page.waitForTimeout(1));
    assert.equal(await ann.card("Book the domain").isVisible(), true);
  });

  test("more people than there is room for are counted", async () => {
    const project = await newProject(site);
    const guests = Array.from({ length: 6 }, (_, number) => `Guest ${number + 1}`);
    const connections = guests.map((name) => {
      const claims = { sub: name, name, projects: [project], exp: Date.now() / 1_000 + 600 };
      const getToken = () => sign(claims, JWT_SECRET, "HS256");
      return connectProject({ host: site.runtime.url, projectId: project, getToken });
    });
    after(() => connections.map((connection) => connection.close()));
    const ann = await open(project);
    const online = ann.page.getByRole("list", { name: "Online" });
    await online.getByText("+2").waitFor();
    assert.equal(await online.locator(".avatar").count(), 5);
    for (const name of guests) await online.getByText(name).waitFor({ state: "attached" });
  });

  for (const width of [320, 390, 820, 1280])
    test(`at ${width} px nothing is too wide, however long names and titles are`, async () => {
      const project = await newProject(site, "A long name of a project ".repeat(8).trim());
      const title = "x".repeat(200);
      const task = await newTask(site, project, { title, priority: "high" });
      await change(site, task, { assigneeId: "cleo", status: "in_progress" });
      await newComment(site, task, "y".repeat(300));
      const ann = await open(project, { device: { viewport: { width, height: 800 } } });
      const overflowing = () =>
        ann.page
          .locator("html, .column ul, .card, .modal")
          .evaluateAll((boxes) =>
            boxes.filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.outerHTML),
          );
      await ann.details(title).getByText("1 comment").waitFor();
      assert.deepEqual(await overflowing(), []);
      await ann.card(title).click();
      await ann.page.getByRole("dialog").getByText("yyy").waitFor();
      assert.deepEqual(await overflowing(), []);
    });

  /** Lets the time of a page pass quickly until something has happened. */
  async function hurried({ page }: BoardWindow, event: Promise<unknown>): Promise<void> {
    let isOver = false;
    const over = event.finally(() => {
      isOver = true;
    });
    while (!isOver) await page.clock.runFor(1_000);
    await over;
  }
});
