/**
 * The runtime is killed: docs/protocol.md, P13.5.
 *
 * After the hibernation tests of y-partyserver, which restart the server in the same way.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as Y from "yjs";
import { SharedDocument } from "../support/document.ts";
import { KINDS, type Kind, type Replica, replica } from "../support/replica.ts";
import type { Runtime } from "../support/runtime.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";
import { bytesOf, hexOf, updateMessage } from "../support/yjs-wire.ts";

const skip = { skip: NEEDS_OWN_RUNTIME };
const { server, runtime } = await startOwnServer();
const document = () => new SharedDocument(server);

async function crash({ port }: Runtime): Promise<void> {
  assert.ok(port > 0);
  await runtime.kill();
  await runtime.run();
}

async function synced(kind: Kind, shared: SharedDocument): Promise<Replica> {
  return replica(kind, shared).synced();
}

/** Resolves when it has lost its connection. */
async function lost({ provider }: Replica): Promise<void> {
  if (!provider.synced) return;
  await new Promise<void>((resolve) => provider.on("synced", () => provider.synced || resolve()));
}

/** Kills the server under these, and waits until they are back. */
async function crashUnder(...replicas: Replica[]): Promise<void> {
  const all = Promise.all(replicas.map(lost));
  await crash(runtime);
  await all;
  await Promise.all(replicas.map((each) => each.synced()));
}

// One after the other: a crash is felt in all documents of the process.
describe("a crash", skip, () => {
  test("P13.5 what was acknowledged a moment ago is there, with nobody to bring it back", async () => {
    for (let round = 0; round < 5; round += 1) {
      const shared = document();
      const socket = await shared.open();
      const doc = new Y.Doc();
      doc.getText("shared").insert(0, `sentence ${round}`);
      const message = updateMessage(Y.encodeStateAsUpdate(doc));
      socket.send(message);
      assert.equal(hexOf(await socket.next()), hexOf(message));
      await crash(runtime);
      assert.equal(await shared.text("shared"), `sentence ${round}`);
    }
  });

  test("P13.5 in the middle of a sentence no letter is gone that was acknowledged", async () => {
    const shared = document();
    const socket = await shared.open();
    const doc = new Y.Doc();
    const sent: string[] = [];
    doc.on("update", (update) => {
      const message = updateMessage(update);
      sent.push(hexOf(message));
      socket.send(message);
    });
    const sentence = "The runtime is killed in the middle of a sentence";
    for (const letter of sentence) {
      doc.getText("shared").insert(doc.getText("shared").length, letter);
      await socket.settled();
    }
    await runtime.kill();
    const acknowledged = socket.frames
      .slice(1)
      .map(hexOf)
      .filter((frame) => sent.includes(frame));
    assert.deepEqual(acknowledged, sent.slice(0, acknowledged.length));
    assert.ok(acknowledged.length > 0);
    await runtime.run();
    const kept = await shared.text("shared");
    assert.ok(kept.length >= acknowledged.length, `${kept} has not ${acknowledged.length} letters`);
    assert.ok(sentence.startsWith(kept));
  });

  test("P13.5 what a socket had not written yet is written when it closes", async () => {
    const shared = document();
    const [ann, ben] = [await shared.open(), await shared.open()];
    const updates = letters("abc");
    for (const update of updates) ann.send(updateMessage(update));
    while (ben.frames.length < 1 + updates.length) await ben.next();
    await ann.leave();
    // Its answer leaves when everything before it is durable.
    await ben.settled();
    await crash(runtime);
    assert.equal(await shared.text("shared"), "abc");
  });

  test("P13.5 and when its connection breaks", async () => {
    const shared = document();
    const [ann, ben] = [await shared.open(), await shared.open()];
    const state = { user: { name: "Ann" } };
    ann.send(bytesOf("01 1b 01 01 01 17 7b2275736572223a7b226e616d65223a22416e6e227d7d"));
    assert.ok((await ben.next("01")).includes(JSON.stringify(state)));
    for (const update of letters("abc")) ann.send(updateMessage(update));
    while (ben.frames.length < 5) await ben.next();
    ann.drop();
    await ben.next("01");
    await ben.settled();
    await crash(runtime);
    assert.equal(await shared.text("shared"), "abc");
  });

  for (const kind of KINDS) {
    test(`P13.4 ${kind}: a connected client gives the server what it lacks`, async () => {
      const shared = document();
      const ann = await synced(kind, shared);
      ann.text.insert(0, "survive-restart");
      await crashUnder(ann);
      assert.equal(ann.text.toString(), "survive-restart");
      await (await synced(kind, shared)).hasText("survive-restart");
    });

    test(`P13.4 ${kind}: two clients stay converged, and go on`, async () => {
      const shared = document();
      const [ann, ben] = [await synced(kind, shared), await synced(kind, shared)];
      ann.text.insert(0, "A-data");
      await ben.hasText("A-data");
      ben.text.insert(6, "+B-data");
      await crashUnder(ann, ben);
      ann.text.insert(0, "after: ");
      for (const each of [ann, ben]) await each.hasText("after: A-data+B-data");
    });

    test(`P13.5 ${kind}: a document survives two restarts with nobody there`, async () => {
      const shared = document();
      for (const [before, added] of [
        ["", "round-1"],
        ["round-1", "+round-2"],
        ["round-1+round-2", ""],
      ] as const) {
        const ann = await synced(kind, shared);
        await ann.hasText(before);
        ann.text.insert(before.length, added);
        ann.provider.disconnect();
        await (await shared.open()).settled();
        await crash(runtime);
      }
    });

    // What y-websocket says on connecting has an old clock, so it is seen with its next renewal, 15 s later.
    if (kind === "y-websocket") continue;
    test(`P13.7 ${kind}: awareness is seen again without being set again`, async () => {
      const shared = document();
      const [ann, ben] = [await synced(kind, shared), await synced(kind, shared)];
      ann.awareness.setLocalState({ user: { name: "Alice" } });
      await ben.sees(ann, (state) => state?.user !== undefined);
      await crashUnder(ann, ben);
      await ben.sees(ann, (state) => nameIn(state) === "Alice");
      assert.deepEqual(ann.awareness.getLocalState(), { user: { name: "Alice" } });
    });
  }
});

const nameIn = (state: Record<string, unknown> = {}) => (state.user as { name?: string })?.name;

/** Updates that type a text letter by letter. */
function letters(text: string): Uint8Array[] {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on("update", (update) => updates.push(update));
  for (const [index, letter] of [...text].entries()) doc.getText("shared").insert(index, letter);
  return updates;
}
