/** Two people who talk about a task: threads, reactions, mentions, and what each has not read. */

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { launch } from "../../../tests/support/chromium.ts";
import { newComment, newProject, newTask } from "./support/content.ts";
import { startSite } from "./support/site.ts";
import { BoardWindow } from "./support/window.ts";

describe("two who talk", async () => {
  const [site, browser] = await Promise.all([startSite(), launch()]);
  after(async () => {
    await browser.close();
    await site.close();
  });
  const project = await newProject(site);
  const task = await newTask(site, project, { title: "Write the text" });
  const open = (user: string, query: Record<string, string>) =>
    BoardWindow.open(browser, site, { user, project, ...query });
  const [ann, ben] = await Promise.all([open("ann", { task }), open("ben", { task })]);
  await Promise.all([ann.badge("Live").waitFor(), ben.badge("Live").waitFor()]);

  test("a comment is on the screen before the API has it", async () => {
    const answer = Promise.withResolvers<void>();
    await ann.page.route("**/comments", async (route) => {
      if (route.request().method() === "POST") await answer.promise;
      await route.continue();
    });
    await ann.write("Write a comment", "By Friday?");
    await ann.comment("By Friday?").getByText("Saving…").waitFor({ state: "attached" });
    answer.resolve();
    await ann.comment("By Friday?").getByText("Saving…").waitFor({ state: "detached" });
    await ann.page.unroute("**/comments");
    await ben.comment("By Friday?").waitFor();
  });

  test("a reply is in the thread that it answers, in both windows", async () => {
    await newComment(site, task, "Another thread", "cleo");
    await ann.comment("Another thread").waitFor();
    await ben.press("Reply to Ann Keller");
    await ben.write("Reply to Ann Keller", "By Monday");
    for (const window of [ann, ben]) {
      const thread = window.thread("By Friday?");
      await thread.getByText("By Monday").waitFor();
      assert.deepEqual(await thread.locator(".comment p:nth-child(2)").allTextContents(), [
        "By Friday?",
        "By Monday",
      ]);
    }
  });

  test("a reaction says whose it is, and is taken back where it was given", async () => {
    await ben.comment("By Friday?").getByRole("button", { name: "React" }).press("Enter");
    await ben.comment("By Friday?").getByRole("button", { name: "Hooray" }).press("Enter");
    const given = { name: "Hooray: Ben Okafor" };
    await ann.comment("By Friday?").getByRole("button", given).click();
    const both = { name: "Hooray: Ben Okafor, Ann Keller", pressed: true };
    await ben.comment("By Friday?").getByRole("button", both).click();
    const anns = { name: "Hooray: Ann Keller", exact: true, pressed: false };
    await ben.comment("By Friday?").getByRole("button", anns).waitFor();
    await ann
      .comment("By Friday?")
      .getByRole("button", { ...anns, pressed: true })
      .waitFor();
  });

  test("an edited comment says so, and keeps the focus", async () => {
    await ben.comment("By Monday").getByRole("button", { name: "Edit" }).press("Enter");
    await ben.write("Edit the comment of Ben Okafor", "By Tuesday");
    await ann.comment("By Tuesday").getByText("edited").waitFor();
    assert.match((await ben.page.locator(":focus").textContent()) ?? "", /By Tuesday/);
    assert.equal(await ann.comment("By Tuesday").getByRole("button", { name: "Edit" }).count(), 0);
  });

  test("a deleted comment leaves its place, after it was asked about", async () => {
    await ann.comment("By Friday?").getByRole("button", { name: "Delete" }).press("Enter");
    await ann.comment("By Friday?").getByRole("button", { name: "Delete for good" }).press("Enter");
    for (const window of [ann, ben]) {
      await window.thread("By Tuesday").getByText("Ann Keller deleted this comment.").waitFor();
      await window.comment("By Friday?").waitFor({ state: "detached" });
    }
  });

  test("a resolved thread is folded in both windows, and can be opened again", async () => {
    await ann.thread("Another thread").getByRole("button", { name: "Resolve" }).click();
    const folded = ben.page.getByText("Ann Keller resolved a thread with 1 comment");
    await folded.waitFor();
    await ben.toast("Ann Keller resolved a thread of “Write the text”").waitFor();
    await ben.press("Show");
    await ben.press("Open again the thread of Cleo Martin");
    await ann.comment("Another thread").waitFor();
  });

  test("who is mentioned is chosen by the keyboard, kept by id, and told", async () => {
    const field = ann.field("Write a comment");
    await field.pressSequentially("Ask @ok");
    await ann.page.getByRole("listbox", { name: "People" }).getByText("Ben Okafor").waitFor();
    await field.press("Enter");
    await field.pressSequentially("about it");
    await field.press("Enter");
    await ben.comment("Ask @Ben Okafor about it").waitFor();
    await ben.toast("Ann Keller mentioned you in “Write the text”").waitFor();
    const comments = await ann.page.evaluate(
      `fetch("/api/tasks/${task}/comments", { headers: { "X-User-Id": "ann" } }).then((r) => r.text())`,
    );
    assert.match(String(comments), /"Ask <@ben> about it"/);
  });

  test("a link to a comment opens its task there, and gives it the focus", async () => {
    await ben.comment("By Tuesday").getByRole("link").click();
    await ben.page.waitForURL(/comment=/);
    await ben.page.goto(ben.page.url());
    const linked = ben.page.locator(".comment-linked:focus");
    await linked.getByText("By Tuesday").waitFor();
    await ben.page.keyboard.press("Escape");
    await ben.page.getByRole("dialog").waitFor({ state: "detached" });
    await ben.page.waitForURL((url) => !url.searchParams.has("comment"));
  });

  test("what is unread is counted on the card until it was on the screen, on every device", async () => {
    const other = await open("ben", {});
    await other.badge("Live").waitFor();
    const unread = await newTask(site, project, { title: "Call the printer" });
    await newComment(site, unread, "Look, <@ben>", "ann");
    await ben.details("Call the printer").getByText("1 new, you are mentioned").waitFor();
    await other.details("Call the printer").getByText("1 new, you are mentioned").waitFor();
    const look = ben.comment("Look, @Ben Okafor");
    await ben.inDialog("Call the printer", () => look.getByText("New", { exact: true }).waitFor());
    for (const window of [ben, other])
      await window.details("Call the printer").getByText("1 new").waitFor({ state: "detached" });
    await ben.inDialog("Call the printer", async () => {
      await look.waitFor();
      assert.equal(await look.getByText("New", { exact: true }).count(), 0);
    });
  });
});
