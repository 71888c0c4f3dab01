/** Long texts, large documents and many of them, in the memory that an object has: docs/protocol.md, P13.8 and P13.13. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, type TestContext, test } from "node:test";
import * as Y from "yjs";
import { type DocumentSocket, SharedDocument } from "../support/document.ts";
import { HeapWatch } from "../support/heap.ts";
import { Random } from "../support/random.ts";
import { NEEDS_OWN_RUNTIME, type Server, startOwnServer, UNHURRIED } from "../support/target.ts";
import {
  ASK_FOR_ALL,
  bodyOf,
  hexOf,
  isOf,
  STEP_2,
  UPDATE,
  updateMessage,
} from "../support/yjs-wire.ts";
import { write } from "./typist.ts";

const EDITS = 100_000;
/** So many edits go out together at most, as a client does that gathers for 300 ms. */
const TOGETHER = 20;
/** So many bundles wait for their acknowledgment, which comes every 6 s. */
const IN_FLIGHT = 5_000;
const MANY = 100;
const MIB = 1_048_576;
/** What all objects of an isolate have together on the platform. */
const MEMORY = 128 * MIB;
/** Reading and merging a large document may take so long on a busy machine. */
const PATIENCE_MS = 60_000;

const vars = { ...UNHURRIED, CLIENT_DELIVERIES_PER_SECOND: "1000000" };

function docOf(update: Uint8Array): Y.Doc {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  return doc;
}

const bytesOf = (doc: Y.Doc) => Y.encodeStateAsUpdate(docOf(Y.encodeStateAsUpdate(doc)));

async function wholeBySocket(socket: DocumentSocket): Promise<Uint8Array> {
  socket.send(ASK_FOR_ALL);
  return bodyOf(await socket.next(STEP_2, PATIENCE_MS), STEP_2);
}

/** Asserts that a newcomer and a backend get what is in `doc`. */
async function assertIs(shared: SharedDocument, doc: Y.Doc, name: string): Promise<void> {
  const right = bytesOf(doc);
  const got = bytesOf(docOf(await wholeBySocket(await shared.open())));
  assert.ok(Buffer.compare(got, right) === 0, "a newcomer gets the document");
  const read = bytesOf(docOf(await shared.whole()));
  assert.ok(Buffer.compare(read, right) === 0, "a backend gets the document");
  assert.equal(await shared.text(name), doc.getText(name).toString());
}

/** A server on which something is compacted, and a watch on its memory, never more than what the platform has. */
async function watched(context: TestContext, what: string): Promise<Server> {
  const { server, runtime } = await startOwnServer({ vars, inspected: true });
  const watch = await HeapWatch.start(runtime);
  context.after(() => {
    watch.stop();
    assert.ok(runtime.lines("document_compaction").length > 0, "nothing was compacted");
    context.diagnostic(`${what}: at most ${(watch.peak / MIB).toFixed(1)} MiB`);
    assert.ok(watch.peak < MEMORY, `${what} took ${watch.peak} bytes`);
  });
  return server;
}

describe("sizes", { skip: NEEDS_OWN_RUNTIME }, () => {
  test(`P13.13 ${EDITS} edits of a real text are all there, after a compaction too`, async (context) => {
    const shared = new SharedDocument(await watched(context, `a document of ${EDITS} edits`));
    const socket = await shared.open();
    const doc = await type(socket, EDITS);
    // The last one leaves: the log is compacted.
    await socket.leave();
    await assertIs(shared, doc, "text");
  });

  test("P13.8, P13.13 a document of 5 MiB is opened, changed, compacted and read", async (context) => {
    const shared = new SharedDocument(await watched(context, "a document of 5 MiB"));
    const doc = new Y.Doc();
    for (const _ of write(doc.getText("text"), 20_000, new Random("large")));
    // Each of them is content of its own.
    while (Y.encodeStateAsUpdate(doc).length < 4.6 * MIB)
      doc.getText("text").insert(0, randomBytes(20_000).toString("hex"), { bold: true });
    assert.equal((await shared.seed(Y.encodeStateAsUpdate(doc))).status, 201);
    for (let round = 0; round < 3; round += 1) {
      const socket = await shared.open();
      doc.getText("text").delete(0, 100_000);
      doc.getText("text").insert(0, randomBytes(50_000).toString("hex"));
      socket.send(updateMessage(Y.encodeStateAsUpdate(doc, await stateVector(socket))));
      await socket.next(UPDATE, PATIENCE_MS);
      await socket.leave();
    }
    await assertIs(shared, doc, "text");
  });

  test(`P13.13 ${MANY} documents of 1 MiB in one process`, async (context) => {
    const server = await watched(context, `${MANY} documents of 1 MiB`);
    const project = new SharedDocument(server).project;
    const sockets: DocumentSocket[] = [];
    for (let index = 0; index < MANY; index += 1) {
      const shared = new SharedDocument(server, project, `${index}`);
      const doc = new Y.Doc();
      doc.getText("text").insert(0, randomBytes(MIB / 2).toString("hex"));
      assert.equal((await shared.seed(Y.encodeStateAsUpdate(doc))).status, 201);
      const socket = await shared.open();
      const whole = docOf(await wholeBySocket(socket));
      assert.equal(whole.getText("text").length, MIB);
      doc.getText("text").insert(5, "typed");
      socket.send(updateMessage(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(whole))));
      await socket.next(UPDATE);
      // What a client was sent is not to be kept here.
      socket.frames.length = 0;
      sockets.push(socket);
    }
  });
});

/** Types so many edits and sends them in small bundles; resolves when all are acknowledged. */
async function type(socket: DocumentSocket, edits: number): Promise<Y.Doc> {
  const doc = new Y.Doc();
  const random = new Random("typing");
  let bundle: Uint8Array[] = [];
  let [sent, acknowledged] = [0, 0];
  doc.on("update", (update) => bundle.push(update));
  const send = () => {
    socket.send(updateMessage(Y.mergeUpdates(bundle)));
    bundle = [];
    sent += 1;
  };
  for (const _ of write(doc.getText("text"), edits, random)) {
    if (bundle.length > random.below(TOGETHER)) send();
    if (sent - acknowledged < IN_FLIGHT) continue;
    await socket.next(UPDATE);
    acknowledged += 1;
  }
  if (bundle.length > 0) send();
  for (; acknowledged < sent; acknowledged += 1) await socket.next(UPDATE);
  return doc;
}

async function stateVector(socket: DocumentSocket): Promise<Uint8Array> {
  const [first] = socket.frames;
  assert.ok(first && isOf(first, "00 00"), hexOf(first ?? Buffer.of()));
  return bodyOf(first, "00 00");
}
