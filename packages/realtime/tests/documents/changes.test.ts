/** A document and its changes: with fake sockets and a fake clock. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as Y from "yjs";
import { documentOf, documentSocket, joined, openDocument } from "../support/document-socket.ts";
import { FakeSocket, pass, withFakeClock } from "../support/fake-socket.ts";

withFakeClock();

/** The text that a server has after these updates. */
const textAfter = (...updates: Uint8Array[]) => {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc.getText("t").toString();
};

describe("a document", () => {
  test("is at /parties/docs/<project>/<document>, encoded (P13.1)", async () => {
    openDocument({ projectId: "a b", docId: "ü?" });
    const { url } = await documentSocket();
    assert.equal(url.pathname, "/parties/docs/a%20b/%C3%BC%3F");
    assert.equal(url.searchParams.get("userId"), "ann");
  });

  test("asks at once for what is missing, and is in step with the answer (P13.4)", async () => {
    const provider = openDocument();
    const first = await documentSocket();
    first.open();
    assert.deepEqual(first.kinds, ["state"]);
    assert.deepEqual([...(first.messages[0]?.body ?? [])], [0]);
    const server = documentOf("Hello");
    first.sendsState(server);
    assert.deepEqual([provider.status.state, provider.synced], ["online", false]);
    first.sendsMissing(server);
    assert.equal(provider.synced, true);
    await provider.whenSynced;
    assert.equal(provider.doc.getText("t").toString(), "Hello");
  });

  test("sends nothing to a server that has everything, and is saved", async () => {
    const server = documentOf("Hello");
    server.getText("t").delete(0, 1);
    const { provider, first } = await joined(server);
    await pass(10_000);
    assert.deepEqual(first.kinds, ["state", "awareness"]);
    first.ends();
    await pass(3_000);
    const second = await documentSocket();
    second.joins(server);
    assert.notEqual(second, first);
    assert.deepEqual(second.updates, []);
    assert.equal(provider.saved, true);
  });

  test("reads what others change", async () => {
    const { first, text } = await joined();
    first.sendsUpdate(Y.encodeStateAsUpdate(documentOf("Hi")));
    assert.equal(text.toString(), "Hi");
    await pass(1_000);
    assert.deepEqual(first.updates, []);
  });

  test("ignores text, and messages that it does not know", async () => {
    const { provider, first } = await joined();
    first.says({ type: "SOMETHING", payload: {} });
    for (const bytes of [[], [0], [0, 3, 0], [9, 1], [0, 2], [0, 2, 5, 1], [0, 2, 255]])
      first.sends(...bytes);
    assert.equal(provider.status.state, "online");
  });

  test("answers a server that asks once more", async () => {
    const { first, text } = await joined();
    text.insert(0, "a");
    await pass(300);
    first.sendsState(new Y.Doc());
    assert.equal(first.messages.at(-1)?.kind, "missing");
  });
});

describe("changes", () => {
  test("of 300 ms are sent as one", async () => {
    const { first, text } = await joined();
    for (const letter of ["a", "b", "c"]) {
      text.insert(text.length, letter);
      await pass(100);
    }
    assert.deepEqual(
      first.updates.map((update) => textAfter(update)),
      ["abc"],
    );
    text.insert(3, "d");
    await pass(299);
    assert.equal(first.updates.length, 1);
    await pass(1);
    assert.equal(textAfter(...first.updates), "abcd");
    assert.equal(first.updates.length, 2);
  });

  test("are saved once the server has sent them back (P13.5)", async () => {
    const { provider, first, text } = await joined();
    const seen: boolean[] = [];
    provider.on("saved", (saved) => seen.push(saved));
    text.insert(0, "a");
    assert.equal(provider.saved, false);
    await pass(300);
    text.insert(1, "b");
    await pass(300);
    const [one, two] = first.updates;
    assert.ok(one && two);
    first.sendsUpdate(one);
    assert.equal(provider.saved, false);
    first.sendsUpdate(two);
    assert.equal(provider.saved, true);
    assert.deepEqual(seen, [false, true]);
    assert.equal(text.toString(), "ab");
  });

  test("of others in between are not taken for an answer", async () => {
    const { provider, first, text } = await joined();
    text.insert(0, "a");
    await pass(300);
    first.sendsUpdate(Y.encodeStateAsUpdate(documentOf("b")));
    assert.equal(provider.saved, false);
    assert.equal(text.toString().length, 2);
  });

  test("go out at once by flush(), and when the client leaves", async () => {
    const { provider, first, text } = await joined();
    text.insert(0, "a");
    provider.flush();
    assert.equal(first.updates.length, 1);
    text.insert(1, "b");
    provider.destroy();
    assert.equal(textAfter(...first.updates), "ab");
    assert.equal(first.closedWith, 1000);
  });

  test("made while the connection is lost are brought over, and then saved", async () => {
    const server = documentOf("Hello");
    const { provider, first, text } = await joined(server);
    text.insert(5, " you");
    first.ends();
    assert.equal(provider.synced, false);
    text.insert(9, "!");
    assert.equal(provider.saved, false);
    await pass(1_500);
    const second = await documentSocket();
    second.joins(server);
    const [update] = second.updates;
    assert.ok(update);
    assert.equal(second.updates.length, 1);
    second.keeps(server, update);
    assert.equal(server.getText("t").toString(), "Hello you!");
    assert.equal(provider.saved, true);
  });

  test("that the server has although the connection was lost are not sent again", async () => {
    const server = documentOf("Hello");
    const { provider, first, text } = await joined(server);
    text.insert(5, "!");
    await pass(300);
    for (const update of first.updates) Y.applyUpdate(server, update);
    first.ends();
    await pass(1_500);
    const second = await documentSocket();
    second.joins(server);
    assert.deepEqual(second.updates, []);
    assert.equal(provider.saved, true);
  });

  test("that only delete are brought over, too", async () => {
    const server = documentOf("Hello");
    const { provider, first, text } = await joined(server);
    first.ends();
    text.delete(0, 1);
    await pass(1_500);
    const second = await documentSocket();
    second.joins(server);
    const [update] = second.updates;
    assert.ok(update);
    second.keeps(server, update);
    assert.equal(server.getText("t").toString(), "ello");
    assert.equal(provider.saved, true);
  });

  test("of others that come while it joins are not sent back", async () => {
    const server = documentOf("Hello");
    const { first } = await joined(server);
    first.ends();
    await pass(1_500);
    const second = await documentSocket();
    second.open();
    second.sendsState(server);
    let news: Uint8Array = new Uint8Array();
    server.once("update", (update: Uint8Array) => {
      news = update;
    });
    server.getText("t").insert(0, "Oh. ");
    second.sendsUpdate(news);
    second.sendsMissing(server);
    assert.deepEqual(second.updates, []);
  });

  test("before the first connect are brought over", async () => {
    const doc = documentOf("Draft");
    const provider = openDocument({ doc });
    assert.equal(provider.saved, false);
    const first = await documentSocket();
    first.joins();
    assert.equal(textAfter(...first.updates), "Draft");
  });

  test("after disconnect() wait for connect()", async () => {
    const server = new Y.Doc();
    const { provider, text } = await joined(server);
    provider.disconnect();
    assert.equal(provider.status.state, "closed");
    text.insert(0, "a");
    await pass(60_000);
    assert.equal(FakeSocket.made.length, 1);
    provider.connect();
    const second = await documentSocket();
    second.joins(server);
    assert.equal(textAfter(...second.updates), "a");
  });

  test("are no longer followed once the document is destroyed", async () => {
    const { provider, first } = await joined();
    provider.doc.destroy();
    assert.equal(provider.status.state, "closed");
    assert.equal(first.closedWith, 1000);
    provider.connect();
    await pass(1_000);
    assert.equal(FakeSocket.made.length, 1);
  });
});

describe("a client that may only read", () => {
  test("is told so once, and sends nothing more (P13.2)", async () => {
    const { provider, first, text } = await joined();
    const told: string[] = [];
    provider.on("denied", (reason) => told.push(reason));
    text.insert(0, "a");
    await pass(300);
    first.sends(2, 0, 2, 110, 111);
    text.insert(1, "b");
    await pass(1_000);
    assert.equal(first.updates.length, 1);
    assert.deepEqual(told, ["This user may read this document, but not change it."]);
    assert.equal(provider.error?.code, "not_allowed");
    assert.equal(provider.saved, false);
  });

  test("reads on, and tries again on the next connection", async () => {
    const { provider, first, text } = await joined();
    text.insert(0, "a");
    await pass(300);
    first.sends(2, 0, 0);
    first.sendsUpdate(Y.encodeStateAsUpdate(documentOf("b")));
    assert.equal(text.length, 2);
    first.ends();
    await pass(1_500);
    const second = await documentSocket();
    second.joins();
    assert.equal(provider.error, undefined);
    assert.equal(second.updates.length, 1);
  });
});

describe("what is kept on the device", () => {
  const storage = () => Promise.withResolvers<void>();

  test("is loaded before the client connects", async () => {
    const { promise, resolve } = storage();
    const doc = new Y.Doc();
    const provider = openDocument({ doc, persistence: { whenSynced: promise } });
    await pass(1_000);
    assert.equal(FakeSocket.made.length, 0);
    const server = documentOf("Hello");
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(server), "storage");
    resolve();
    const first = await documentSocket();
    first.joins(server);
    assert.equal(first.messages[0]?.body.length, Y.encodeStateVector(server).length);
    assert.deepEqual(first.updates, []);
    assert.equal(provider.saved, true);
  });

  test("and was not on the server is brought over", async () => {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(documentOf("Offline")), "storage");
    openDocument({ doc, persistence: { whenSynced: Promise.resolve() } });
    const first = await documentSocket();
    first.joins();
    assert.equal(textAfter(...first.updates), "Offline");
  });

  test("does not hold up the connection for longer than 3 s, nor if it fails", async (t) => {
    openDocument({ persistence: { whenSynced: storage().promise } });
    await pass(3_000);
    assert.equal(FakeSocket.made.length, 1);
    const logged = t.mock.method(console, "error", () => {});
    openDocument({ persistence: { whenSynced: Promise.reject(new Error("no storage")) } });
    await pass(1);
    assert.equal(FakeSocket.made.length, 2);
    assert.equal(logged.mock.callCount(), 1);
  });

  test("is not waited for once the client has left", async () => {
    const { promise, resolve } = storage();
    const provider = openDocument({ persistence: { whenSynced: promise } });
    provider.destroy();
    resolve();
    await pass(5_000);
    assert.equal(FakeSocket.made.length, 0);
  });
});
