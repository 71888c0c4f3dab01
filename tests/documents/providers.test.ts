/**
 * Unmodified providers of Yjs, each alone and all in one document: docs/protocol.md, P13.
 *
 * After the integration tests of y-partyserver, with its waits replaced by events.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { SharedDocument } from "../support/document.ts";
import { KINDS, type Kind, type Replica, replica } from "../support/replica.ts";
import { startServer } from "../support/target.ts";

const server = await startServer();

/** The kinds of two clients. */
const PAIRS = KINDS.flatMap((first) => KINDS.map((second) => [first, second] as const));

// A few at once: all of them would wait for each other.
describe("providers", { concurrency: 4 }, () => {
  for (const [first, second] of PAIRS)
    describe(`${first} and ${second}`, { concurrency: false }, () => bothSee(first, second));

  for (const kind of KINDS) describe(`${kind} alone`, { concurrency: false }, () => returns(kind));

  test("P13.4 all kinds in one document converge, each having typed at once", async () => {
    const shared = new SharedDocument(server);
    const all = await Promise.all([...KINDS, ...KINDS].map((kind) => synced(kind, shared)));
    for (const [index, { text }] of all.entries()) text.insert(0, `${index}`.repeat(20));
    await Promise.all(all.map((each) => each.has(() => each.text.length === 20 * all.length)));
    const texts = new Set(all.map(({ text }) => text.toString()));
    assert.equal(texts.size, 1, [...texts].join("\n"));
  });

  test("P13.1 documents of one project and of another are their own", async () => {
    const [project, other] = [`test-${randomUUID()}`, `test-${randomUUID()}`];
    const documents = [
      new SharedDocument(server, project, "a"),
      new SharedDocument(server, project, "b"),
      new SharedDocument(server, other, "a"),
    ];
    const writers = await Promise.all(documents.map((each) => synced("y-partyserver", each)));
    for (const [index, { text }] of writers.entries()) text.insert(0, `of ${index}`);
    for (const [index, each] of documents.entries()) {
      const reader = await synced("y-websocket", each);
      await reader.hasText(`of ${index}`);
    }
  });
});

async function synced(kind: Kind, shared: SharedDocument): Promise<Replica> {
  return replica(kind, shared).synced();
}

function bothSee(first: Kind, second: Kind): void {
  const together = async () => {
    const shared = new SharedDocument(server);
    return Promise.all([synced(first, shared), synced(second, shared)]);
  };

  test("P13.4 a text that is there is seen by who comes", async () => {
    const shared = new SharedDocument(server);
    const ann = await synced(first, shared);
    ann.text.insert(0, "hello from A");
    await (await synced(second, shared)).hasText("hello from A");
  });

  test("P13.5 live updates are seen at once, formats and deletions too", async () => {
    const [ann, ben] = await together();
    ann.text.insert(0, "live update");
    await ben.hasText("live update");
    ben.text.delete(0, 5);
    ben.text.format(0, 6, { bold: true });
    await ann.has(() => ann.text.toDelta()[0]?.attributes?.bold === true);
    assert.deepEqual(ann.text.toDelta(), [{ insert: "update", attributes: { bold: true } }]);
  });

  test("P13.5 concurrent edits converge", async () => {
    const [ann, ben] = await together();
    ann.text.insert(0, "A");
    ben.text.insert(0, "B");
    for (const each of [ann, ben]) await each.has(() => each.text.length === 2);
    assert.equal(ann.text.toString(), ben.text.toString());
  });

  test("P13.5 maps and arrays are seen", async () => {
    const [ann, ben] = await together();
    ann.doc.getMap("config").set("key1", "value1");
    ann.doc.getMap("config").set("key2", 42);
    ann.doc.getArray("items").push(["item1", { is: "an object" }, Uint8Array.of(1, 2)]);
    await ben.has((doc) => doc.getArray("items").length === 3);
    assert.deepEqual(ben.doc.getMap("config").toJSON(), { key1: "value1", key2: 42 });
    assert.deepEqual(ben.doc.getArray("items").toJSON(), ann.doc.getArray("items").toJSON());
  });

  test("P13.7 awareness is seen, and gone when its client is", async () => {
    const [ann, ben] = await together();
    ann.awareness.setLocalState({ user: { name: "Alice", color: "#ff0000" } });
    await ben.sees(ann, (state) => state?.user !== undefined);
    const { name, color } = ben.awareness.getStates().get(ann.doc.clientID)?.user ?? {};
    assert.deepEqual([name, color], ["Alice", "#ff0000"]);
    ann.provider.disconnect();
    await ben.sees(ann, (state) => state === undefined);
  });

  test("P13.7 awareness is seen by who comes later, and gone when the connection breaks", async () => {
    const shared = new SharedDocument(server);
    const ann = await synced(first, shared);
    ann.awareness.setLocalState({ user: { name: "Alice" } });
    const ben = await synced(second, shared);
    await ben.sees(ann, (state) => state?.user !== undefined);
    ann.provider.disconnect();
    ann.drop();
    await ben.sees(ann, (state) => state === undefined);
  });

  test("P13.4 many edits are all there", async () => {
    const shared = new SharedDocument(server);
    const ann = await synced(first, shared);
    for (let line = 0; line < 100; line += 1) ann.text.insert(ann.text.length, `line-${line}\n`);
    const ben = await synced(second, shared);
    await ben.hasText(ann.text.toString());
  });
}

function returns(kind: Kind): void {
  test("P13.4 a document is there when everybody had left", async () => {
    const shared = new SharedDocument(server);
    const ann = await synced(kind, shared);
    ann.text.insert(0, "kept");
    ann.provider.disconnect();
    await (await synced(kind, shared)).hasText("kept");
  });

  test("P13.4 a client that reconnects gets what it missed, and gives what it wrote meanwhile", async () => {
    const shared = new SharedDocument(server);
    const [ann, ben] = [await synced(kind, shared), await synced(kind, shared)];
    ann.text.insert(0, "before");
    await ben.hasText("before");
    ben.provider.disconnect();
    ben.drop();
    ann.text.insert(6, " and after");
    ben.text.insert(0, "offline, ");
    ben.provider.connect();
    for (const each of [ann, ben]) await each.hasText("offline, before and after");
  });

  test("P13.4 a client whose connection breaks comes back by itself", async () => {
    const shared = new SharedDocument(server);
    const [ann, ben] = [await synced(kind, shared), await synced(kind, shared)];
    ann.drop();
    ann.text.insert(0, "written into the gap");
    await ben.hasText("written into the gap");
  });
}
