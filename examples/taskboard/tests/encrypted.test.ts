/** A private project in several windows: everything works in it, the server reads nothing, and who is removed no more. */

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Runtime } from "../../../tests/support/runtime.ts";
import { newPrivateProject, newProject, newTask } from "./support/content.ts";
import type { BoardWindow } from "./support/window.ts";
import { useWindows } from "./support/windows.ts";

/** All that the realtime server keeps. */
async function storedBy(runtime: Runtime): Promise<Buffer> {
  const folder = join(runtime.folder, "storage");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const contents = files.map(({ parentPath, name }) => readFile(join(parentPath, name)));
  return Buffer.concat(await Promise.all(contents));
}

describe("a private project", async () => {
  const { site, open } = await useWindows();

  async function openTask(title: string, ...windows: BoardWindow[]): Promise<void> {
    for (const window of windows) {
      await window.card(title).click();
      await window.textIs("saved").waitFor();
    }
  }

  test("two members see each other's work as in any project, and the server can read nothing of it", async () => {
    const project = await newPrivateProject(site, ["ann", "ben"]);
    const title = "Raise for the designer";
    await newTask(site, project, { title }, "ann");
    const [ann, ben] = await Promise.all([open("ann", project), open("ben", project)]);
    for (const window of [ann, ben]) await window.lock("Encrypted, epoch 1").waitFor();

    await ann.page.locator(".stage").waitFor();
    await ben.pointAt(".stage", 0.3, 0.4);
    await ann.page.locator(".cursor").filter({ hasText: "Ben" }).waitFor();
    await ben.add("Ask the accountant");
    await ann.toast("Ben Okafor added “Ask the accountant”").waitFor();
    await ann.card("Ask the accountant").waitFor();

    await openTask(title, ann, ben);
    const viewers = ann.page.getByRole("dialog").getByRole("list", { name: "Also here" });
    await viewers.getByText("Ben Okafor").waitFor();
    await ben.field("Write a comment").pressSequentially("Four thousand eight hundred");
    await ann.badge("Ben Okafor is typing…").waitFor();
    await ben.field("Write a comment").press("Enter");
    await ann.comment("Four thousand eight hundred").waitFor();
    await ann.text.pressSequentially("Not before the end of May");
    await ben.badge("Ann Keller is editing the description").waitFor();
    await ben.page.locator(".caret-name", { hasText: "Ann" }).waitFor({ state: "attached" });
    await ben.reads("Not before the end of May");
    await ann.textIs("saved").waitFor();
    await ann.field("Title").fill("Raise for both designers");
    await ben.badge("Ann Keller is editing the title").waitFor();
    await ann.field("Title").press("Enter");
    await ben.toast("Ann Keller changed “Raise for both designers”").waitFor();

    const [stored, log] = [await storedBy(site.runtime), Buffer.from(site.runtime.log.join("\n"))];
    const frames = Buffer.concat([...ann.frames, ...ben.frames]);
    // It is all in there, with who, when, and under which key.
    const visible = ['"e2e":1,"k":1', "Ann Keller", "COMMENT_ADDED", project];
    for (const text of visible) assert.ok(frames.includes(text), text);
    for (const text of ['"e2e":1,"k":1', "COMMENT_ADDED"]) assert.ok(stored.includes(text), text);
    const secrets = ["Salaries", title, "both designers", "accountant", "Four", "Not before"];
    for (const secret of secrets)
      for (const [where, bytes] of Object.entries({ stored, frames, log }))
        assert.ok(!bytes.includes(secret), `${secret} in ${where}`);
  });

  test("its description is there for who opens it later, and the search does not find it", async () => {
    const project = await newPrivateProject(site, ["ann", "ben"]);
    await newTask(site, project, { title: "Offer" }, "ann");
    const ann = await open("ann", project);
    await openTask("Offer", ann);
    await ann.text.pressSequentially("A fourth day at home");
    await ann.textIs("saved").waitFor();
    await ann.page.context().close();
    const ben = await open("ben", project);
    await openTask("Offer", ben);
    await ben.reads("A fourth day at home");
    await ben.page.keyboard.press("Escape");
    await ben.page.getByLabel("Search tasks").fill("fourth");
    await ben.badge("0 of 1 shown").waitFor();
  });

  test("who is removed reads nothing that comes after, and the others go on under a new epoch", async () => {
    const project = await newPrivateProject(site, ["ann", "ben", "cleo"]);
    await newTask(site, project, { title: "Offer" }, "ann");
    const [ann, ben, cleo] = await Promise.all(
      (["ann", "ben", "cleo"] as const).map((user) => open(user, project)),
    );
    assert.ok(ann && ben && cleo);
    await openTask("Offer", cleo, ben);
    await cleo.text.pressSequentially("Cleo was here. ");
    await ben.reads("Cleo was here. ");

    await ann.lock("Encrypted, epoch 1").click();
    await ann.press("Remove Cleo Martin");
    await cleo.toast("Ann Keller removed you from a project").waitFor();
    await cleo.page.getByRole("heading", { name: "No project yet" }).waitFor();
    const mark = cleo.frames.length;
    await ann.page.keyboard.press("Escape");
    for (const window of [ann, ben])
      await window.lock("Encrypted, epoch 2").waitFor({ state: "attached" });

    await openTask("Offer", ann);
    await ann.write("Write a comment", "Now without Cleo");
    await ben.comment("Now without Cleo").waitFor();
    await ben.text.press("Control+End");
    await ben.text.pressSequentially("And without her here.");
    for (const window of [ann, ben]) {
      await window.reads("Cleo was here. And without her here.");
      await window.textIs("saved").waitFor();
    }
    const heard = Buffer.concat(cleo.frames);
    assert.ok(heard.includes('"e2e":1,"k":1'));
    assert.ok(!heard.includes('"e2e":1,"k":2'));
    // And of documents, whose messages are not text, there is nothing at all.
    for (const frame of cleo.frames.slice(mark)) {
      assert.match(frame.toString("utf8", 0, 1), /[{[]/);
      assert.ok(!frame.includes(project));
    }
    const status = await cleo.page.evaluate(async (id) => {
      const headers = { "X-User-Id": "cleo" };
      return (await fetch(`/api/projects/${id}/keys/current`, { headers })).status;
    }, project);
    assert.equal(status, 403);
  });

  test("what a member wrote without a network before a removal is sent under the new key", async () => {
    const project = await newPrivateProject(site, ["ann", "ben", "cleo"]);
    await newTask(site, project, { title: "Offer" }, "ann");
    const [ann, ben] = await Promise.all([open("ann", project), open("ben", project)]);
    await openTask("Offer", ben);
    await ben.page.context().setOffline(true);
    await ben.textIs("offline").waitFor();
    await ben.text.pressSequentially("From a tunnel");
    await ben.write("Write a comment", "Also from a tunnel");
    await ann.lock("Encrypted, epoch 1").click();
    await ann.press("Remove Cleo Martin");
    await ann.page.keyboard.press("Escape");
    await ann.lock("Encrypted, epoch 2").waitFor();
    await ben.page.context().setOffline(false);
    await openTask("Offer", ann);
    await ann.reads("From a tunnel");
    await ann.comment("Also from a tunnel").waitFor();
    await ben.lock("Encrypted, epoch 2").waitFor({ state: "attached" });
  });

  test("others do not know of it, and a project for everybody has no lock and is as it was", async () => {
    const hidden = await newPrivateProject(site, ["ann", "ben"]);
    const project = await newProject(site);
    await newTask(site, project, { title: "Book the domain" });
    const [ann, dan] = await Promise.all([open("ann", project), open("dan", project)]);
    await ann.page.locator(`option[value="${hidden}"]`).waitFor({ state: "attached" });
    assert.equal(await dan.page.locator(`option[value="${hidden}"]`).count(), 0);
    assert.equal(await ann.page.locator(".lock").count(), 0);
    await dan.card("Book the domain").press("Shift+ArrowRight");
    await ann.card("Book the domain", "In progress").waitFor();
    assert.ok(Buffer.concat(ann.frames).includes("Book the domain"));
  });
});
