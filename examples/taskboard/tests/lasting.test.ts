/** Nothing that people do is lost without a word: not without a network, and not when somebody else deletes it. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { call, newComment, newProject, newTask } from "./support/content.ts";
import type { BoardWindow } from "./support/window.ts";
import { useWindows } from "./support/windows.ts";

/** Far less than it takes to find out that a server does not answer. */
const AT_ONCE_MS = 5_000;

describe("what is done lasts", async () => {
  const { site, open } = await useWindows();

  /** Ann's window and Ben's, of a project with one task. */
  async function openBoth(title: string) {
    const project = await newProject(site);
    const task = await newTask(site, project, { title });
    const [ann, ben] = await Promise.all([open("ann", project), open("ben", project)]);
    return { project, task, ann, ben };
  }

  async function deleteInDialog(window: BoardWindow, title: string): Promise<void> {
    await window.card(title).click();
    await window.page.getByRole("button", { name: "Delete task" }).click();
    await window.page.getByRole("dialog").waitFor({ state: "detached" });
  }

  test("a device without a network says so at once, and who was there is shown as of then", async () => {
    const { ann } = await openBoth("Book the domain");
    await ann.page.getByRole("list", { name: "Online" }).getByText("Ben Okafor").waitFor();
    // The connection itself is left as it is: nothing but the device knows.
    await ann.page.context().setOffline(true);
    await ann.badge("Offline").waitFor({ timeout: AT_ONCE_MS });
    const before = ann.page.getByRole("list", { name: /^Online as of \d/ });
    await before.getByText("Ben Okafor").waitFor({ timeout: AT_ONCE_MS });
    // Nobody's own colour is left.
    const colours = before
      .locator(".avatar")
      .evaluateAll((all) => all.map((avatar) => getComputedStyle(avatar).backgroundColor));
    assert.equal(new Set(await colours).size, 1);
    await ann.page.context().setOffline(false);
    await ann.badge("Live").waitFor();
    await ann.page.getByRole("list", { name: "Online", exact: true }).waitFor();
  });

  test("what is made without a network is marked until it is saved, and kept when the page is left", async () => {
    const { ann, ben } = await openBoth("Book the domain");
    await ann.page.context().setOffline(true);
    await ann.add("Made in a tunnel");
    await ann.inDialog("Book the domain", async () => {
      await ann.field("Write a comment").fill("Is it free?");
      await ann.field("Write a comment").press("Enter");
      const comment = ann.page.getByRole("dialog").getByRole("listitem");
      await comment.getByText("Not saved yet").waitFor();
    });
    await ann.details("Made in a tunnel").getByText("Not saved yet").waitFor();
    await ann.badge("2 not saved").waitFor();
    assert.equal(await ben.card("Made in a tunnel").count(), 0);

    await ann.page.context().setOffline(false);
    await ben.card("Made in a tunnel").waitFor();
    await ben.details("Book the domain").getByText("1 comment").waitFor();
    await ann.page.getByText("Not saved yet").waitFor({ state: "detached" });
  });

  test("what was made without a network and is refused later can be tried again", async () => {
    const { ann, ben } = await openBoth("Book the domain");
    await ann.page.route("**/tasks", (route) =>
      route.request().method() === "POST"
        ? route.fulfill({ status: 409, json: { error: "Not now." } })
        : route.continue(),
    );
    await ann.page.context().setOffline(true);
    await ann.add("Made in a tunnel");
    await ann.page.context().setOffline(false);
    await ann.toast("“Made in a tunnel” was not saved. Not now.").waitFor();
    await ann.card("Made in a tunnel").waitFor({ state: "detached" });
    await ann.page.unroute("**/tasks");
    await ann.page.getByRole("button", { name: "Try again" }).click();
    await ben.card("Made in a tunnel").waitFor();
    await ann.card("Made in a tunnel").waitFor();
  });

  test("a request that is lost on its way is sent again", async () => {
    const { ann, ben } = await openBoth("Book the domain");
    await ann.page.route("**/tasks/*", (route) => route.abort(), { times: 2 });
    await ann.card("Book the domain").press("Shift+ArrowRight");
    await ann.details("Book the domain").getByText("Saving…").waitFor();
    await ben.card("Book the domain", "In progress").waitFor();
    assert.deepEqual(await ann.page.locator(".toast").allTextContents(), []);
  });

  test("of two changes the one that is refused is taken back, and the other is not", async () => {
    const { ann, ben } = await openBoth("Book the domain");
    const answer = Promise.withResolvers<void>();
    await ann.page.route("**/tasks/*", async (route) => {
      await answer.promise;
      await route.fulfill({ status: 409, json: { error: "Not now." } });
    });
    await ann.card("Book the domain").press("Shift+ArrowRight");
    await ann.add("Choose a typeface");
    await ann.card("Book the domain", "In progress").waitFor();
    answer.resolve();
    await ann.card("Book the domain", "To do").waitFor();
    await ann.card("Choose a typeface").waitFor();
    await ben.card("Choose a typeface").waitFor();
  });

  test("deleting can be undone, by the notice and by Ctrl+Z", async () => {
    const { ann, ben, task } = await openBoth("Book the domain");
    await newComment(site, task, "By Friday");
    for (const undo of [
      () => ann.page.getByRole("button", { name: "Undo" }).click(),
      () => ann.page.keyboard.press("Control+z"),
    ]) {
      await deleteInDialog(ann, "Book the domain");
      await ann.toast("You deleted “Book the domain”").waitFor();
      await ben.card("Book the domain").waitFor({ state: "detached" });
      await undo();
      await ann.details("Book the domain").getByText("1 comment").waitFor();
      await ben.details("Book the domain").getByText("1 comment").waitFor();
      assert.equal(await ann.page.getByRole("button", { name: "Undo" }).count(), 0);
    }
    await ben.toast("Ann Keller restored “Book the domain”").first().waitFor();
  });

  test("a notice that offers something does not go away while somebody is there", async () => {
    const { ann } = await openBoth("Book the domain");
    await ann.page.clock.install();
    await deleteInDialog(ann, "Book the domain");
    const undo = ann.page.getByRole("button", { name: "Undo" });
    await undo.focus();
    await ann.page.clock.runFor(60_000);
    assert.ok(await undo.isVisible());
    await undo.evaluate((button: HTMLElement) => button.blur());
    await ann.page.clock.runFor(13_000);
    await undo.waitFor({ state: "detached" });
  });

  test("a dialog whose task somebody deletes stays, says who it was, and keeps what is typed", async () => {
    const { ann, ben } = await openBoth("Book the domain");
    await ann.card("Book the domain").click();
    await ann.field("Write a comment").fill("A long thought");
    await ann.text.fill("What I know about it");
    await deleteInDialog(ben, "Book the domain");
    await ann.page.getByRole("alert").getByText("Ben Okafor deleted this task.").waitFor();
    assert.equal(await ann.field("Write a comment").inputValue(), "A long thought");
    await ann.reads("What I know about it");
    await ann.text.and(ann.page.locator("[aria-readonly=true]")).waitFor();
    assert.ok(await ann.field("Status").isDisabled());
    // It has the focus still: nothing was taken away under somebody's hands.
    await ann.isFocused(ann.text);

    await ann.page.getByRole("button", { name: "Restore task" }).click();
    await ann.page.getByText("deleted this task").waitFor({ state: "detached" });
    await ben.card("Book the domain").waitFor();
    await ann.reads("What I know about it");
    await ann.text.and(ann.page.locator("[contenteditable=true]")).waitFor();
    await ann.field("Write a comment").press("Enter");
    await ben.card("Book the domain").click();
    await ben.page.getByRole("dialog").getByText("A long thought").waitFor();
    await ben.reads("What I know about it");
  });

  test("a link to a deleted task says who deleted it, and restores it", async () => {
    const { ann, task } = await openBoth("Book the domain");
    await call(site, "DELETE", `/tasks/${task}`, undefined, "cleo");
    await ann.card("Book the domain").waitFor({ state: "detached" });
    await ann.page.goto(`${ann.page.url()}&task=${task}`);
    await ann.page.getByRole("alert").getByText("Cleo Martin deleted this task.").waitFor();
    await ann.page.getByRole("button", { name: "Restore task" }).click();
    await ann.page.getByRole("button", { name: "Delete task" }).waitFor();
    await ann.page.keyboard.press("Escape");
    await ann.card("Book the domain").waitFor();
  });
});
