/** Encrypted projects in the console: docs/console.md. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { epochKeys, generateEpochKey } from "../../packages/realtime/src/encryption.ts";
import { connectProject } from "../../packages/realtime/src/index.ts";
import { type AnyEvents, createBroadcaster } from "../../packages/realtime/src/server.ts";
import { violations } from "../support/accessibility.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";
import type { Client, Console } from "./driver.ts";
import { PHONE, SECRET, Stage } from "./stage.ts";

/** More characters of base64 than anything else on the page has. */
const CIPHERTEXT = /[\w-]{60,}/;
const WORDS = /^encrypted, epoch 7 \(\d+ B\)$/;

/** A connection that says what no map of events declares. */
interface Undeclared {
  setPresence(patch: object): void;
  send(type: string, payload: object): boolean;
}

function keysOfEpoch(epoch: number) {
  const key = generateEpochKey();
  return epochKeys({ get: async () => key, current: async () => ({ epoch, key }) });
}

function unfold(client: Client, name: string): Promise<void> {
  return client.pane.getByText(name, { exact: true }).click();
}

async function raise(page: Console, minKeyEpoch: number): Promise<void> {
  await page.fill("Oldest key epoch that the project takes", `${minKeyEpoch}`);
  await page.press("Raise the oldest key epoch");
  await page.press("Raise the oldest key epoch: sure?");
  await page.page.getByText(`The project takes epoch ${minKeyEpoch} and newer.`).waitFor();
}

describe("an encrypted project in the console", { skip: NEEDS_OWN_RUNTIME }, () => {
  const stage = new Stage({ CLIENT_EVENTS: "on" });

  test("P14.1 events, client events and presence data are shown as encrypted, with epoch and size", async (t) => {
    const { page, project, ann } = await stage.annAndBen();
    const keys = keysOfEpoch(7);
    const server = { url: stage.url, secret: SECRET };
    const backend = createBroadcaster<AnyEvents>({ ...server, encryption: { keys } });
    const cy = connectProject({
      host: stage.url,
      projectId: project,
      user: { id: "cy", name: "Cy" },
      encryption: { keys },
    });
    t.after(() => cy.close());
    await new Promise((resolve) => cy.on("CONNECTED", resolve));
    const undeclared: Undeclared = cy;
    undeclared.setPresence({ at: "task:1", mood: "a secret mood" });
    undeclared.send("client-wave", { to: "everybody" });
    await backend.publishToProject(project, "RAISE", { name: "Cleo", by: "a tenth" });
    await ann.pane.locator("[data-user=cy] .said").waitFor();
    for (const type of ["client-wave", "RAISE"]) {
      const preview = ann.frames(type).locator(".preview");
      assert.match((await preview.textContent()) ?? "", WORDS);
      await ann.frames(type).locator("summary").click();
      await ann.frames(type).getByText("Only members of the project have the key.").waitFor();
      assert.equal(await ann.frames(type).getByRole("button", { name: "Send again" }).count(), 0);
    }
    const said = ann.pane.locator("[data-user=cy] .said");
    assert.match((await said.textContent()) ?? "", WORDS);
    // Whoever comes later gets all presence data in one frame.
    const dan = await page.connect(project, "dan", "Dan");
    await dan.frames("CONNECTED").locator("summary").click();
    await page.show("Timeline");
    await page.page.getByRole("cell", { name: "RAISE" }).waitFor();
    assert.doesNotMatch(await page.page.content(), CIPHERTEXT);
    await page.show("Clients");
    assert.deepEqual(await violations(page.page), []);
  });

  test("P14.3 the oldest key epoch is shown to who comes and to who is there, and is raised here", async () => {
    const { page, project, ann, ben } = await stage.annAndBen({ viewport: PHONE });
    await ann.press("Manage");
    await raise(page, 8);
    await page.page.getByText("from epoch 8", { exact: true }).waitFor();
    assert.deepEqual(await violations(page.page), []);
    await page.fill("Oldest key epoch that the project takes", "9");
    await page.press("Remove Ben");
    await page.press("Remove Ben: sure?");
    await page.page.getByText("Ben was removed").waitFor();
    await page.page.getByText("from epoch 9", { exact: true }).waitFor();
    await page.show("Clients");
    await ann.pane.locator(".floor", { hasText: "encrypted, from epoch 9" }).waitFor();
    await ben.state("4003 removed").waitFor();
    const cleo = await page.connect(project, "cleo", "Cleo");
    await cleo.pane.locator(".floor", { hasText: "encrypted, from epoch 9" }).waitFor();
    assert.deepEqual(await violations(page.page), []);
  });

  test("P14.4 P14.5 what the console says there is refused, in the server's words", async () => {
    const { page, ann } = await stage.annAndBen();
    await ann.press("Manage");
    await raise(page, 8);
    await page.show("Clients");
    await unfold(ann, "Say something");
    await ann.pane.getByText("the console has no keys").waitFor();
    const words = ann.pane.getByText(/^not_encrypted: The project is encrypted/);
    for (const act of ["Send event", "Set presence"]) {
      await ann.press(act);
      await words.waitFor();
    }
    await ann.frames("ERROR").nth(1).waitFor();
    assert.equal(await ann.frames("ERROR").count(), 2);
    assert.deepEqual(await violations(page.page), []);
    assert.match(await page.broadcast(), /^409not_encrypted.*The project is encrypted/);
  });
});
