/** Every state of the board by the rules of WCAG 2.2, levels A and AA: light and dark, on a desktop and on a phone. */

import assert from "node:assert/strict";
import { after, afterEach, describe, test } from "node:test";
import { violations } from "../../../tests/support/accessibility.ts";
import { launch } from "../../../tests/support/chromium.ts";
import {
  call,
  fillProject,
  newComment,
  newPrivateProject,
  newProject,
  newTask,
} from "./support/content.ts";
import { startRelay } from "./support/relay.ts";
import { startSite, tokenFor } from "./support/site.ts";
import { BoardWindow, type WindowOptions } from "./support/window.ts";

describe("nothing offends against WCAG 2.2 AA", async () => {
  const [site, browser] = await Promise.all([startSite(), launch()]);
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });
  after(async () => {
    await browser.close();
    await site.close();
  });

  function open(query: Record<string, string>, options?: WindowOptions): Promise<BoardWindow> {
    return BoardWindow.open(browser, site, query, options);
  }

  test("where it asks who uses it", async () => {
    const { page } = await open({});
    await page.getByRole("heading", { name: "Taskboard" }).waitFor();
    assert.deepEqual(await violations(page), []);
  });

  // Before any other test makes a project.
  test("without a project", async () => {
    const { page } = await open({ user: "ann" });
    await page.getByRole("heading", { name: "No project yet" }).waitFor();
    assert.deepEqual(await violations(page), []);
  });

  test("on an empty board, and where a project is made", async () => {
    const project = await newProject(site);
    const { page } = await open({ user: "ann", project });
    await page.getByRole("heading", { name: "Nothing to do yet" }).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "New project" }).click();
    await page.getByRole("dialog", { name: "New project" }).waitFor();
    assert.deepEqual(await violations(page), []);
  });

  test("on a board with tasks and several people", async () => {
    const { project } = await fillProject(site);
    await open({ user: "ben", project });
    const ann = await open({ user: "ann", project });
    await ann.page.getByRole("list", { name: "Online" }).getByText("Ben Okafor").waitFor();
    // What a card has for the mouse is audited, too.
    await ann.card("Move the old newsletter archive").hover();
    assert.deepEqual(await violations(ann.page), []);
    await ann.page.getByLabel("Search tasks").fill("nothing is called so");
    await ann.page.getByRole("heading", { name: "No tasks match" }).waitFor();
    assert.deepEqual(await violations(ann.page), []);
  });

  test("while a card is dragged", async () => {
    const { project } = await fillProject(site);
    const ann = await open({ user: "ann", project });
    await ann.badge("Live").waitFor();
    const drag = async () => {
      // The one of the look before.
      await ann.page.keyboard.press("Escape");
      await ann.page.mouse.up();
      await ann.dragOver("Choose a typeface that has all the accents", "To do");
      await ann.page.locator(".landing").waitFor();
    };
    assert.deepEqual(await violations(ann.page, drag), []);
  });

  test("in an encrypted project, and in the dialog about that", async () => {
    const project = await newPrivateProject(site, ["ann", "ben"]);
    await newTask(site, project, { title: "Offer to the designer" }, "ann");
    const ann = await open({ user: "ann", project });
    const lock = ann.lock("Encrypted, epoch 1");
    await lock.waitFor();
    assert.deepEqual(await violations(ann.page), []);
    await lock.click();
    await ann.page.getByRole("dialog", { name: "Encrypted from end to end" }).waitFor();
    assert.deepEqual(await violations(ann.page), []);
  });

  test("in the dialog of a task", async () => {
    const { project, task } = await fillProject(site);
    const { page } = await open({ user: "ann", project, task });
    await page.getByRole("dialog").getByText("Can we have it by Friday?").waitFor();
    assert.deepEqual(await violations(page), []);
  });

  test("in a conversation, whatever is open of it", async () => {
    const { project, task } = await fillProject(site);
    const comment = await newComment(site, task, "Ask <@ann>, please", "cleo");
    await call(site, "PUT", `/comments/${comment}/reactions/${encodeURIComponent("👍")}`);
    const gone = await newComment(site, task, "A mistake", "ben");
    await newComment(site, task, "Which one?", "cleo", gone);
    await call(site, "DELETE", `/comments/${gone}`, undefined, "ben");
    const resolved = await newComment(site, task, "Which font?", "ann");
    await call(site, "PUT", `/threads/${resolved}/resolved`);
    const own = await newComment(site, task, "Any", "ann");
    const ann = await open({ user: "ann", project, task, comment });
    await ann.page.locator(".comment-linked:focus").getByText("@Ann Keller").waitFor();
    await ann.page.getByText("Ben Okafor deleted this comment.").waitFor();
    await ann.page.getByText("Dan Novak resolved a thread").waitFor();
    await ann.comment("Ask").getByText("New", { exact: true }).waitFor();
    await ann.comment("Ask").getByRole("button", { name: "React" }).click();
    await ann.page.locator(`#comment-${own}`).getByRole("button", { name: "Edit" }).click();
    await ann.press("Reply to Cleo Martin");
    await ann.field("Write a comment").pressSequentially("@");
    await ann.page.getByRole("listbox", { name: "People" }).waitFor();
    assert.deepEqual(await violations(ann.page), []);
    await ann.page.keyboard.press("Escape");
    await ann.page.keyboard.press("Escape");
    await ann.page.getByRole("dialog").waitFor({ state: "detached" });
    await newComment(site, task, "Hello <@ann>", "ben");
    await ann.details("Write the text of the home page").getByText("1 new").waitFor();
    assert.deepEqual(await violations(ann.page), []);
  });

  test("with somebody else at the same task, who points, types and edits", async () => {
    const { project, task } = await fillProject(site);
    const [ann, ben] = await Promise.all([
      open({ user: "ann", project, task }),
      open({ user: "ben", project, task }),
    ]);
    await Promise.all([ann.badge("Live").waitFor(), ben.badge("Live").waitFor()]);
    const dialog = ann.page.getByRole("dialog");
    await dialog.getByRole("list", { name: "Also here" }).getByText("Ben Okafor").waitFor();
    const busy = async () => {
      await ben.field("Write a comment").pressSequentially("Hm");
      await ann.badge("Ben Okafor is typing…").waitFor();
      await ben.text.pressSequentially("!");
      await ann.badge("Ben Okafor is editing the description").waitFor();
      await ben.pointAt(".modal-content", 0.3, 0.1);
      await dialog.locator(".cursor").getByText("Ben").waitFor();
    };
    assert.deepEqual(await violations(ann.page, busy), []);
    await ann.page.keyboard.press("Escape");
    await ann.details("Write the text of the home page").getByText("Ben Okafor is here").waitFor();
    assert.deepEqual(await violations(ann.page), []);
  });

  test("in a description that somebody else writes, without a network, and where it can't be written", async () => {
    const { project, task } = await fillProject(site);
    const query = { project, task };
    const [ann, ben] = await Promise.all([
      open({ user: "ann", ...query }),
      open({ user: "ben", ...query }),
    ]);
    const select = async () => {
      await ben.text.press("Control+Home");
      await ben.text.press("Shift+Control+ArrowRight");
      await ann.page.locator(".carets .selected").waitFor();
      await ann.page.locator(".caret-name", { hasText: "Ben" }).waitFor();
    };
    await ann.text.focus();
    assert.deepEqual(await violations(ann.page, select), []);
    await ann.page.context().setOffline(true);
    await ann.textIs("offline").waitFor();
    assert.deepEqual(await violations(ann.page), []);
    const token = (room: string) => tokenFor("dan", room, ["subscribe", "doc:read"]);
    const dan = await open({ user: "dan", ...query }, { token });
    await dan.textIs("read-only").waitFor();
    await dan.text.focus();
    assert.deepEqual(await violations(dan.page), []);
  });

  test("in the dialog of a task that somebody deletes", async () => {
    const { project, task } = await fillProject(site);
    const { page } = await open({ user: "ann", project, task });
    await page.getByRole("dialog").getByText("Can we have it by Friday?").waitFor();
    await call(site, "DELETE", `/tasks/${task}`, undefined, "ben");
    await page.getByRole("button", { name: "Restore task" }).waitFor();
    assert.deepEqual(await violations(page), []);
  });

  test("under the notice that undoes a deletion", async () => {
    const { project, task } = await fillProject(site);
    const { page } = await open({ user: "ann", project, task });
    await page.getByRole("button", { name: "Delete task" }).click();
    await page.getByRole("button", { name: "Undo" }).focus();
    assert.deepEqual(await violations(page), []);
  });

  test("under a notice, with a dialog and without", async () => {
    const { project } = await fillProject(site);
    const ann = await open({ user: "ann", project });
    await ann.badge("Live").waitFor();
    let count = 0;
    const notice = async () => {
      count += 1;
      await newTask(site, project, { title: `Task ${count}` });
      await ann.toast(`Dan Novak added “Task ${count}”`).waitFor();
    };
    assert.deepEqual(await violations(ann.page, notice), []);
    await ann.card("Book the domain").click();
    await ann.page.getByRole("dialog").waitFor();
    assert.deepEqual(await violations(ann.page, notice), []);
  });

  test("while it is offline", async () => {
    const relay = await startRelay(site.runtime.port);
    after(relay.close);
    const { project } = await fillProject(site);
    const ann = await open({ user: "ann", project }, { realtimeUrl: relay.url });
    await ann.badge("Live").waitFor();
    await ann.page.context().setOffline(true);
    relay.cut();
    await ann.badge("Offline").waitFor();
    await ann.add("Made offline");
    await ann.details("Made offline").getByText("Not saved yet").waitFor();
    assert.deepEqual(await violations(ann.page), []);
  });
});
