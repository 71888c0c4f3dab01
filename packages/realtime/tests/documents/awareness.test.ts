/** What people in a document see of each other: with fake sockets and a fake clock. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import {
  type DocumentSocket,
  documentSocket,
  joined,
  openDocument,
} from "../support/document-socket.ts";
import { pass, withFakeClock } from "../support/fake-socket.ts";

withFakeClock();

/** What the server was told last. */
const last = (first: DocumentSocket) => first.said.at(-1)?.state;

describe("what a client says of itself", () => {
  test("is told when it has joined, under its own number", async () => {
    const provider = openDocument();
    provider.awareness.setLocalStateField("user", { color: "red" });
    const first = await documentSocket();
    first.open();
    assert.equal(first.said.length, 0);
    first.joins();
    const said = first.said[0];
    assert.deepEqual([said?.id, said?.state], [provider.doc.clientID, { user: { color: "red" } }]);
  });

  test("is told at once, and then at most every 100 ms", async () => {
    const { provider, first } = await joined();
    await pass(100);
    for (let at = 0; at <= 250; at += 10) {
      provider.awareness.setLocalStateField("cursor", at);
      await pass(10);
    }
    await pass(100);
    const cursors = first.said.map(({ state }) => state?.cursor);
    assert.deepEqual(cursors, [undefined, 0, 90, 190, 250]);
  });

  test("waits for the text that it points into", async () => {
    const { provider, first, text } = await joined();
    await pass(100);
    text.insert(0, "a");
    provider.awareness.setLocalStateField("cursor", 1);
    await pass(299);
    assert.deepEqual(first.kinds, ["state", "awareness"]);
    await pass(1);
    assert.deepEqual(first.kinds.slice(2), ["update", "awareness"]);
    assert.deepEqual(last(first), { cursor: 1 });
  });

  test("is not repeated: an idle client leaves the room asleep", async () => {
    const { provider, first } = await joined();
    provider.awareness.setLocalStateField("cursor", 1);
    await pass(200);
    const before = first.messages.length;
    provider.awareness.setLocalStateField("cursor", 1);
    await pass(600_000);
    assert.equal(first.messages.length, before);
    assert.ok(first.count("PING") >= 19);
  });

  test("is told anew after a reconnect, with a number above the one by which it was gone (P13.7)", async () => {
    const { provider, first } = await joined();
    provider.awareness.setLocalStateField("cursor", 1);
    await pass(200);
    const before = first.said.at(-1)?.clock ?? 0;
    first.ends();
    await pass(1_500);
    const second = await documentSocket();
    second.joins();
    assert.deepEqual(last(second), { cursor: 1 });
    assert.ok((second.said[0]?.clock ?? 0) > before + 1);
  });

  test("is told again if the server says that it is gone, or asks", async () => {
    const { provider, first } = await joined();
    const { clientID } = provider.doc;
    const { clock = 0 } = first.said.at(-1) ?? {};
    first.sendsAwareness(clientID, clock + 1, null);
    assert.equal(first.said.length, 2);
    assert.ok((first.said[1]?.clock ?? 0) > clock + 1);
    first.sends(3);
    assert.equal(first.said.length, 3);
  });

  test("is told as gone when the app says so", async () => {
    const { provider, first } = await joined();
    await pass(100);
    provider.awareness.setLocalState(null);
    assert.equal(last(first), null);
  });

  test("stays in an awareness of the app when the provider ends", async () => {
    const doc = new Y.Doc();
    const awareness = new Awareness(doc);
    awareness.setLocalStateField("cursor", 1);
    const { provider, first } = await joined(new Y.Doc(), { doc, awareness });
    provider.destroy();
    awareness.setLocalStateField("cursor", 2);
    assert.deepEqual(awareness.getLocalState(), { cursor: 2 });
    assert.equal(first.said.length, 1);
    awareness.destroy();
  });
});

describe("the others", () => {
  const BEN = 4_000_000_000;

  test("are seen, and never echoed", async () => {
    const { provider, first } = await joined();
    await pass(100);
    const before = first.messages.length;
    first.sendsAwareness(BEN, 1, { user: { name: "Ben" } });
    await pass(1_000);
    assert.deepEqual(provider.awareness.getStates().get(BEN), { user: { name: "Ben" } });
    first.sendsAwareness(BEN, 2, null);
    await pass(1_000);
    assert.equal(provider.awareness.getStates().has(BEN), false);
    assert.equal(first.messages.length, before);
  });

  test("who do nothing stay: the server says who is gone", async () => {
    const { provider, first } = await joined();
    first.sendsAwareness(BEN, 1, { cursor: 1 });
    await pass(600_000);
    assert.equal(provider.awareness.getStates().has(BEN), true);
  });

  test("are gone while the connection is lost, and back with it, though they did nothing", async () => {
    const { provider, first } = await joined();
    const states = provider.awareness.getStates();
    first.sendsAwareness(BEN, 7, { cursor: 1 });
    first.ends();
    assert.equal(states.has(BEN), false);
    await pass(1_500);
    const second = await documentSocket();
    second.open();
    second.sendsState(new Y.Doc());
    second.sendsAwareness(BEN, 7, { cursor: 1 });
    second.sendsMissing(new Y.Doc());
    assert.deepEqual(states.get(BEN), { cursor: 1 });
  });

  test("stay while a connection is replaced for a fresh token, unless they left meanwhile", async () => {
    const { provider, first } = await joined();
    const states = provider.awareness.getStates();
    first.sendsAwareness(BEN, 7, { cursor: 1 });
    first.sendsAwareness(5, 7, { cursor: 2 });
    provider.reconnect();
    const second = await documentSocket();
    second.open();
    assert.equal(states.has(BEN), true);
    second.sendsState(new Y.Doc());
    second.sendsAwareness(5, 7, { cursor: 2 });
    second.sendsMissing(new Y.Doc());
    assert.deepEqual([...states.keys()].sort(), [provider.doc.clientID, 5].sort());
  });
});
