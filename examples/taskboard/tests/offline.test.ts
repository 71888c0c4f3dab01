/** Work goes on without a network, arrives once, and overwrites nothing that somebody has not seen. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page, Request } from "playwright-core";
import { violations } from "../../../tests/support/accessibility.ts";
import { type Comment, DEMO_PROJECT as DEMO, type Task } from "../shared/board.ts";
import { change, newProject, newTask } from "./support/content.ts";
import { startKillableApi } from "./support/killable.ts";
import type { BoardWindow } from "./support/window.ts";
import { useWindows } from "./support/windows.ts";

/** A page asks an API that was away every few seconds. */
const COMING_BACK_MS = 30_000;

describe("offline", async () => {
  const { site, open } = await useWindows();

  const read = async <T>(path: string, api = site.url): Promise<T> =>
    (await fetch(`${api}/api${path}`, { headers: { "X-User-Id": "dan" } })).json();

  const setOffline = ({ page }: BoardWindow, isOffline: boolean) =>
    page.context().setOffline(isOffline);

  const allSaved = (page: Page) =>
    page.locator(".card-unsaved").first().waitFor({ state: "detached", timeout: COMING_BACK_MS });

  async function rename(window: BoardWindow, title: string, to: string): Promise<void> {
    await window.inDialog(title, async () => {
      await window.field("Title").fill(to);
      await window.field("Title").press("Enter");
    });
  }

  test("changes and a text without a network survive the tab, are there when it is opened again, and arrive once", async () => {
    const project = await newProject(site);
    for (const title of ["Book the domain", "Write the text", "Old"])
      await newTask(site, project, { title });
    const [ann, ben] = await Promise.all([
      open("ann", project, { device: { serviceWorkers: "allow" } }),
      open("ben", project),
    ]);
    await ann.page.evaluate("navigator.serviceWorker.ready.then(() => {})");
    const [context, address] = [ann.page.context(), ann.page.url()];
    await setOffline(ann, true);
    for (const title of ["One", "Two", "Three"]) await ann.add(title);
    await ann.card("Book the domain").press("Shift+ArrowRight");
    await rename(ann, "One", "One and a half");
    await ann.inDialog("Write the text", async () => {
      await ann.text.fill("Three paragraphs");
      await ann.textIs("offline").waitFor();
      await ann.field("Priority").selectOption("High");
      await ann.field("Assignee").selectOption("Cleo Martin");
      await ann.write("Write a comment", "By Friday?");
    });
    await ann.card("Old").click();
    await ann.press("Delete task");
    await ann.badge("9 not saved").waitFor();
    await ann.details("Write the text").getByText("Not saved yet").waitFor();

    const crashed = ann.page.waitForEvent("crash");
    const session = await context.newCDPSession(ann.page);
    void session.send("Page.crash").catch(() => {});
    await crashed;
    await ann.page.close();
    const sent: Request[] = [];
    context.on("request", (request) => {
      const { pathname } = new URL(request.url());
      const isText = pathname.includes("/text/");
      if (request.method() !== "GET" && pathname.startsWith("/api/") && !isText) sent.push(request);
    });
    const again = await context.newPage();
    await again.goto(address);
    await again.getByRole("link", { name: "One and a half" }).waitFor();
    await again.getByRole("button", { name: "9 not saved" }).waitFor();
    assert.deepEqual(await ben.titles("To do"), ["Book the domain", "Write the text", "Old"]);
    await context.setOffline(false);
    await ben.card("One and a half").waitFor();
    await ben.card("Book the domain", "In progress").waitFor();
    await ben.card("Old").waitFor({ state: "detached" });
    await ben.details("Write the text").getByText("1 comment").waitFor();
    // Nobody has opened the task again.
    await ben.details("Write the text").getByText("It has a description").waitFor();
    assert.deepEqual(await ben.titles("To do"), [
      "Three",
      "Two",
      "One and a half",
      "Write the text",
    ]);
    const tasks = await read<Task[]>(`/projects/${project}/tasks`);
    const text = tasks.find(({ title }) => title === "Write the text");
    assert.deepEqual(
      [text?.description, text?.priority, text?.assigneeId, text?.version],
      ["Three paragraphs", "high", "cleo", 4],
    );
    const comments = await read<Comment[]>(`/tasks/${text?.id}/comments`);
    assert.deepEqual(
      comments.map((comment) => comment.text),
      ["By Friday?"],
    );
    assert.equal(new Set(sent.map((request) => request.headers()["idempotency-key"])).size, 9);
    await again.getByText("not saved").waitFor({ state: "detached" });
  });

  test("two tabs of one person show the same queue, and one of them sends", async () => {
    const project = await newProject(site);
    await newTask(site, project, { title: "Book the domain" });
    const [ann, ben] = await Promise.all([open("ann", project), open("ben", project)]);
    const context = ann.page.context();
    const other = await context.newPage();
    await other.goto(ann.page.url());
    await other.getByRole("link", { name: "Book the domain" }).waitFor();
    const sent: Request[] = [];
    context.on("request", (request) => {
      if (request.method() === "POST") sent.push(request);
    });
    await context.setOffline(true);
    await ann.add("Made in a tunnel");
    await other.getByRole("link", { name: "Made in a tunnel" }).waitFor();
    await other.getByRole("button", { name: "1 not saved" }).waitFor();
    await context.setOffline(false);
    await ben.card("Made in a tunnel").waitFor();
    for (const page of [ann.page, other]) await allSaved(page);
    assert.equal(sent.length, 1);
    assert.equal((await read<Task[]>(`/projects/${project}/tasks`)).length, 2);
  });

  test("a change whose API is killed between its write and its answer is applied once", async (t) => {
    const api = await startKillableApi(site);
    t.after(() => api.close());
    const [ann, ben] = await Promise.all([
      open("ann", DEMO, { apiUrl: api.url }),
      open("ben", DEMO, { apiUrl: api.url }),
    ]);
    const keys: string[] = [];
    const [killed, changed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await ann.page.route("**/api/tasks/*", async (route) => {
      const request = route.request();
      if (request.method() !== "PATCH") return route.fallback();
      keys.push(request.headers()["idempotency-key"] ?? "");
      if (keys.length > 1) {
        await changed.promise;
        return route.fallback();
      }
      // It has written, and nobody hears of it.
      await route.fetch({ url: request.url().replace(site.url, api.url) });
      await api.kill();
      await route.abort();
      killed.resolve();
    });
    await ann.card("Book the domain").press("Shift+ArrowLeft");
    await killed.promise;
    await ann.details("Book the domain").getByText("Saving…").waitFor({ state: "attached" });
    await api.start();
    const find = async () => {
      const tasks = await read<Task[]>(`/projects/${DEMO}/tasks`, api.url);
      return tasks.find(({ title }) => title === "Book the domain");
    };
    const written = await find();
    assert.deepEqual([written?.status, written?.version], ["in_progress", 2]);
    // Applied a second time, the change would take this one back.
    await change({ ...site, url: api.url }, written?.id ?? "", { status: "todo" });
    changed.resolve();
    await allSaved(ann.page);
    for (const window of [ann, ben])
      await window.card("Book the domain", "To do").waitFor({ timeout: COMING_BACK_MS });
    assert.deepEqual((await find())?.version, 3);
    assert.ok(keys.length > 1);
    assert.equal(new Set(keys).size, 1);
  });

  test("of what two people change offline, the words are merged, and where that can't be a person decides", async () => {
    const project = await newProject(site);
    for (const title of ["Write the text", "Blue or red", "Three"])
      await newTask(site, project, { title });
    const [ann, ben] = await Promise.all([open("ann", project), open("ben", project)]);
    for (const window of [ann, ben]) await setOffline(window, true);
    await rename(ann, "Write the text", "Write the long text");
    await rename(ann, "Blue or red", "Blue");
    await ann.card("Three").press("Shift+ArrowRight");
    await rename(ben, "Write the text", "Write the text today");
    await rename(ben, "Blue or red", "Red");
    await rename(ben, "Three", "Four");
    await setOffline(ben, false);
    await ben.page.getByText("Not saved yet").first().waitFor({ state: "detached" });
    await ben.badge("not saved").waitFor({ state: "detached" });
    await setOffline(ann, false);
    for (const window of [ann, ben]) {
      await window.card("Write the long text today").waitFor();
      await window.card("Four", "In progress").waitFor();
    }
    await ann.badge("1 not accepted").waitFor();
    await ann.card("Red").waitFor();

    await ann.page.getByRole("button", { name: "1 not accepted" }).click();
    await ann.page.getByRole("dialog", { name: "Not saved yet" }).waitFor();
    assert.deepEqual(await violations(ann.page), []);
    await ann.page.keyboard.press("Escape");

    // By the keyboard, and by what a screen reader says.
    await ann.page.getByRole("button", { name: "Decide" }).press("Enter");
    const dialog = ann.page.getByRole("dialog", { name: "“Blue or red” was changed twice" });
    await dialog.getByText(/^Ben Okafor changed it on .*\d:\d\d/).waitFor();
    assert.deepEqual(await violations(ann.page), []);
    const title = dialog.getByRole("group", { name: "Title" });
    await title.getByRole("radio", { name: "From Ben Okafor Red" }).waitFor();
    await title.getByRole("radio", { name: "Both" }).press("ArrowDown");
    assert.ok(await title.getByRole("radio", { name: "Yours Blue" }).isChecked());
    await dialog.getByRole("button", { name: "Save" }).press("Enter");
    for (const window of [ann, ben]) await window.card("Blue").waitFor();
    await ann.badge("not accepted").waitFor({ state: "detached" });
    await ann.page.getByRole("button", { name: "Decide" }).waitFor({ state: "detached" });
  });

  test("what somebody else changes while one is typing is not overwritten", async () => {
    const project = await newProject(site);
    await newTask(site, project, { title: "Write the text" });
    const [ann, ben] = await Promise.all([open("ann", project), open("ben", project)]);
    await ann.card("Write the text").click();
    await ann.field("Title").fill("Write the long text");
    await rename(ben, "Write the text", "Write the text today");
    await ann.page.locator(".card a", { hasText: "Write the text today" }).waitFor();
    await ann.field("Title").press("Enter");
    for (const window of [ann, ben])
      await window.page.locator(".card a", { hasText: "Write the long text today" }).waitFor();
  });

  test("a question that is not answered waits, and can be answered with what the other has made", async () => {
    const project = await newProject(site);
    await newTask(site, project, { title: "Blue or red" });
    const [ann, ben] = await Promise.all([open("ann", project), open("ben", project)]);
    await setOffline(ann, true);
    await rename(ann, "Blue or red", "Blue");
    await rename(ben, "Blue or red", "Red");
    await allSaved(ben.page);
    await setOffline(ann, false);
    await ann.badge("1 not accepted").waitFor();
    await ann.page.reload();
    await ann.page.getByRole("button", { name: "1 not accepted" }).click();
    await ann.page.getByRole("listitem").getByText("Needs a decision").waitFor();
    await ann.page.locator(".queue-list").getByRole("button", { name: "Decide" }).click();
    await ann.press("Discard my change");
    await ann.badge("not accepted").waitFor({ state: "detached" });
    await ann.page.getByRole("button", { name: "Decide" }).waitFor({ state: "detached" });
    await ann.card("Red").waitFor();
    assert.deepEqual(await ben.titles("To do"), ["Red"]);
  });

  test("the last change is taken back while it waits, by Ctrl+Z and in the list of what waits", async () => {
    const project = await newProject(site);
    await newTask(site, project, { title: "Book the domain" });
    const ann = await open("ann", project);
    const writes: string[] = [];
    ann.page.on("request", (request) => {
      if (request.method() !== "GET") writes.push(request.method());
    });
    await setOffline(ann, true);
    await ann.add("Made in a tunnel");
    await ann.card("Book the domain").press("Shift+ArrowRight");
    await ann.badge("2 not saved").waitFor();
    await ann.page.keyboard.press("Control+z");
    await ann.card("Book the domain", "To do").waitFor();
    await ann.page.getByRole("button", { name: "1 not saved" }).click();
    await ann.press("Undo");
    await ann.page.getByText("Everything is saved.").waitFor();
    await ann.page.keyboard.press("Escape");
    await ann.card("Made in a tunnel").waitFor({ state: "detached" });
    await setOffline(ann, false);
    await ann.badge("Live").waitFor();
    assert.deepEqual(writes, []);
  });
});
