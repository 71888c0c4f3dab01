/** What clients say to each other in the console: docs/console.md. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { violations } from "../support/accessibility.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";
import type { Client } from "./driver.ts";
import { Stage } from "./stage.ts";

/** Opens a part of a client that is folded away. */
function unfold(client: Client, name: string): Promise<void> {
  return client.pane.getByText(name, { exact: true }).click();
}

describe("clients of the console among themselves", { skip: NEEDS_OWN_RUNTIME }, () => {
  const stage = new Stage({ CLIENT_EVENTS: "on" });

  test("P11.2 an event from a client is shown by the others, and not by itself", async () => {
    const { ann, ben } = await stage.annAndBen();
    await unfold(ann, "Say something");
    await ann.pane.getByLabel("Content").fill('{"hello": "Ben"}');
    await ann.press("Send event");
    await ben.frames("client-wave").waitFor();
    assert.equal(await ann.frames("client-wave").count(), 0);
  });

  test("P12.1 presence data are shown beside the user, and go with a null", async () => {
    const { page, ann, ben } = await stage.annAndBen();
    await unfold(ann, "Say something");
    const said = ben.pane.locator("[data-user=ann] .said");
    await ann.press("Set presence");
    await said.getByText('{"status":"away"}').waitFor();
    assert.deepEqual(await violations(page.page), []);
    await ann.pane.getByLabel("Presence data").fill('{"status": null}');
    await ann.press("Set presence");
    await said.getByText("away").waitFor({ state: "detached" });
  });

  test("a pointer is a dot on the pads of the others, also of those who come later", async () => {
    const { page, project, ann, ben } = await stage.annAndBen();
    for (const client of [ann, ben]) await unfold(client, "Pointers");
    const dot = ben.pane.locator(".dot[data-user=ann]");
    await ann.pane.locator(".pad").hover({ position: { x: 40, y: 40 } });
    await dot.waitFor();
    assert.equal(await ann.pane.locator(".dot[data-user=ann]").count(), 0);
    await page.page.mouse.move(0, 0);
    const cleo = await page.connect(project, "cleo", "Cleo");
    await unfold(cleo, "Pointers");
    await cleo.pane.locator(".dot[data-user=ann]").waitFor();
    await ann.press("Leave");
    await dot.waitFor({ state: "detached" });
  });

  test("what is not JSON is said and not sent", async () => {
    const { ann, ben } = await stage.annAndBen();
    await unfold(ann, "Say something");
    await ann.pane.getByLabel("Content").fill("{");
    await ann.press("Send event");
    await ann.pane.getByText(/The content is not JSON/).waitFor();
    assert.equal(await ben.frames("client-wave").count(), 0);
  });
});

describe("clients of a server on which they may not talk", { skip: NEEDS_OWN_RUNTIME }, () => {
  const stage = new Stage();

  test("P4.8 the console says what the server needs for that", async () => {
    const { ann } = await stage.annAndBen();
    await unfold(ann, "Say something");
    await ann.pane.getByText(/needs CLIENT_EVENTS = on/).waitFor();
  });
});
