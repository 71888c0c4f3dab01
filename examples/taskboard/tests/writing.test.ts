/** Several people write the description of a task: at the same time, without a network, and while the server dies. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DEMO_PROJECT, DESCRIPTION_MAX, type Task } from "../shared/board.ts";
import { newProject, newTask, writeText } from "./support/content.ts";
import { startKillableApi } from "./support/killable.ts";
import { startRelay } from "./support/relay.ts";
import { tokenFor } from "./support/site.ts";
import type { BoardWindow } from "./support/window.ts";
import { useWindows } from "./support/windows.ts";

describe("a description", async () => {
  const { site, open } = await useWindows();

  async function openTask(...windows: BoardWindow[]): Promise<void> {
    await Promise.all(
      windows.map(async (window) => {
        await window.card("Write the text").click();
        await window.textIs("saved").waitFor();
      }),
    );
  }

  async function newText(text = ""): Promise<{ project: string; task: string }> {
    const project = await newProject(site);
    const task = await newTask(site, project, { title: "Write the text" });
    if (text) await writeText(site, project, task, text);
    return { project, task };
  }

  const setOffline = ({ page }: BoardWindow, isOffline: boolean) =>
    page.context().setOffline(isOffline);

  test("two people write at the same time, and both see both, and where the other is", async () => {
    const { project } = await newText("One two three");
    const [ann, ben] = await Promise.all([open("ann", project), open("ben", project)]);
    await openTask(ann, ben);
    await ann.text.press("Control+Home");
    await ben.text.press("Control+End");
    await ann.page.locator(".caret-name", { hasText: "Ben" }).waitFor({ state: "attached" });
    await ben.page.locator(".caret-name", { hasText: "Ann" }).waitFor({ state: "attached" });
    await ann.badge("Ben Okafor is editing the description").waitFor();
    await Promise.all([
      ann.text.pressSequentially("Ann writes here. ", { delay: 20 }),
      ben.text.pressSequentially(" Ben writes there.", { delay: 20 }),
    ]);
    for (const window of [ann, ben]) {
      await window.reads("Ann writes here. One two three Ben writes there.");
      await window.textIs("saved").waitFor();
    }
    await ben.text.press("Shift+Control+ArrowLeft");
    await ann.page.locator(".carets .selected").waitFor();
    await ben.field("Title").focus();
    await ann.badge("is editing").waitFor({ state: "detached" });
    await ann.page.locator(".caret").waitFor({ state: "detached" });
  });

  test("one takes back only what one has written", async () => {
    const { project } = await newText();
    const [ann, ben] = await Promise.all([open("ann", project), open("ben", project)]);
    await openTask(ann, ben);
    await ann.text.pressSequentially("Ann. ");
    await ben.reads("Ann. ");
    await ben.text.press("Control+End");
    await ben.text.pressSequentially("Ben.");
    await ann.reads("Ann. Ben.");
    await ann.text.press("Control+z");
    for (const window of [ann, ben]) await window.reads("Ben.");
  });

  test("what two people write without a network is merged when it returns", async () => {
    const { project } = await newText("One two three");
    const [ann, ben] = await Promise.all([open("ann", project), open("ben", project)]);
    await openTask(ann, ben);
    for (const window of [ann, ben]) await setOffline(window, true);
    await Promise.all([ann.textIs("offline").waitFor(), ben.textIs("offline").waitFor()]);
    await ann.text.press("Control+Home");
    await ann.text.pressSequentially("Zero ");
    await ben.text.press("Control+End");
    await ben.text.pressSequentially(" four");
    for (const window of [ben, ann]) await setOffline(window, false);
    for (const window of [ann, ben]) {
      await window.reads("Zero One two three four");
      await window.textIs("saved").waitFor();
    }
  });

  test("what was written without a network and left is saved although its dialog is closed", async () => {
    const { project } = await newText("One");
    const [ann, ben] = await Promise.all([open("ann", project), open("ben", project)]);
    await openTask(ann, ben);
    await setOffline(ann, true);
    await ann.textIs("offline").waitFor();
    await ann.text.press("Control+End");
    await ann.text.pressSequentially(" two");
    await ann.page.keyboard.press("Escape");
    await ann.details("Write the text").getByText("Not saved yet").waitFor();
    await setOffline(ann, false);
    await ben.reads("One two");
    await ann.details("Write the text").getByText("Not saved yet").waitFor({ state: "detached" });
  });

  test("a server that is killed in mid-sentence loses nothing that showed as saved", async (t) => {
    const { project } = await newText();
    const relay = await startRelay(site.runtime.port);
    t.after(relay.close);
    const ann = await open("ann", project, { realtimeUrl: relay.url });
    await openTask(ann);
    const saved = "The quick brown fox ";
    const rest = "jumps over the lazy dog, and then it sleeps for a while.";
    // Asked before: it may be saved again when all is typed.
    const saving = ann.textIs("saving").waitFor();
    await ann.text.pressSequentially(saved);
    await saving;
    await ann.textIs("saved").waitFor();
    const typing = ann.text.pressSequentially(rest, { delay: 40 });
    await ann.text.filter({ hasText: "dog" }).waitFor();
    await site.runtime.kill();
    relay.cut();
    await typing;
    await site.runtime.run();
    // Somebody who has nothing of it on their device, while the writer can't bring it again.
    const ben = await open("ben", project);
    await openTask(ben);
    assert.ok((await ben.textNow()).startsWith(saved));
    relay.mend();
    for (const window of [ann, ben]) await window.reads(saved + rest);
    await ann.textIs("saved").waitFor();
  });

  test("a description from before there were shared texts is in its text once, whoever opens it", async (t) => {
    const api = await startKillableApi(site);
    t.after(() => api.close());
    const title = "Write the text of the home page";
    const text = "Three paragraphs: what it is, who it is for, how to start.";
    const windows = await Promise.all(
      ["ann", "ben", "cleo"].map((user) => open(user, DEMO_PROJECT, { apiUrl: api.url })),
    );
    await Promise.all(
      windows.map(async (window) => {
        await window.card(title).click();
        await window.textIs("saved").waitFor();
      }),
    );
    for (const window of windows) await window.reads(text);
    await windows[0]?.text.press("Control+Home");
    await windows[0]?.text.pressSequentially("Now: ");
    for (const window of windows) await window.reads(`Now: ${text}`);
  });

  test("who may only read sees the text and the others in it, and can't change it", async () => {
    const { project } = await newText("One two three");
    const [ann, dan] = await Promise.all([
      open("ann", project),
      open("dan", project, {
        token: (room) => tokenFor("dan", room, ["subscribe", "presence", "send", "doc:read"]),
      }),
    ]);
    await openTask(ann);
    await dan.card("Write the text").click();
    await dan.textIs("read-only").waitFor();
    await dan.reads("One two three");
    await dan.text.and(dan.page.locator("[aria-readonly=true]")).waitFor();
    await dan.text.focus();
    await dan.page.keyboard.type("No");
    await ann.text.press("Control+End");
    await ann.text.pressSequentially(" four");
    await dan.page.locator(".caret-name", { hasText: "Ann" }).waitFor({ state: "attached" });
    for (const window of [ann, dan]) await window.reads("One two three four");
  });

  test("Tab leaves the text, Enter breaks the line, and Escape closes the dialog", async () => {
    const { project } = await newText();
    const ann = await open("ann", project);
    await openTask(ann);
    await ann.field("Title").focus();
    await ann.page.keyboard.press("Tab");
    await ann.page.keyboard.type("One");
    await ann.page.keyboard.press("Enter");
    await ann.page.keyboard.type("two");
    await ann.reads("One\ntwo");
    await ann.page.keyboard.press("Tab");
    await ann.isFocused(ann.page.getByLabel("Status"));
    await ann.page.keyboard.press("Shift+Tab");
    await ann.page.keyboard.press("Escape");
    await ann.page.getByRole("dialog").waitFor({ state: "detached" });
  });

  test("what would make it too long is not taken", async () => {
    const almost = "x".repeat(DESCRIPTION_MAX - 2);
    const { project } = await newText(almost);
    const ann = await open("ann", project);
    await openTask(ann);
    await ann.text.press("Control+End");
    await ann.text.pressSequentially("1234");
    await ann.reads(`${almost}12`);
    await ann.text.press("Backspace");
    await ann.reads(`${almost}1`);
  });

  test("the search finds what was written although the writer's window is gone at once", async () => {
    const { project } = await newText();
    const [ann, ben] = await Promise.all([open("ann", project), open("ben", project)]);
    await openTask(ann);
    await ann.text.pressSequentially("Unusual words");
    await ann.textIs("saved").waitFor();
    await ann.page.context().close();
    await ben.page.getByLabel("Search tasks").fill("unusual");
    await ben.badge("1 of 1 shown").waitFor({ timeout: 60_000 });
    const headers = { "X-User-Id": "dan" };
    const tasks = await fetch(`${site.url}/api/projects/${project}/tasks`, { headers });
    assert.equal(((await tasks.json()) as Task[])[0]?.description, "Unusual words");
  });
});
