/** Documents by HTTP, for a backend: docs/protocol.md, P13.11 and P13.12. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as Y from "yjs";
import { type DocumentSocket, SharedDocument } from "../support/document.ts";
import { assertRefused } from "../support/expect.ts";
import { replica } from "../support/replica.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer, startServer } from "../support/target.ts";
import { hexOf, STEP_2, step2, UPDATE, updateMessage } from "../support/yjs-wire.ts";

/** How long nobody types before the room is told, and some more. */
const QUIET_MS = 60_000;
const SMALL = { DOCUMENT_MAX_BYTES: "65536" };

const server = await startServer();
const { server: small } = await startOwnServer({ vars: SMALL });
const { server: telling } = await startOwnServer({ vars: { DOCUMENT_CHANGED_EVENTS: "on" } });

const document = () => new SharedDocument(server);

function made(change: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc();
  change(doc);
  return Y.encodeStateAsUpdate(doc);
}

const saying = (text: string) => made((doc) => doc.getText("shared").insert(0, text));

function docOf(update: Uint8Array): Y.Doc {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  return doc;
}

/** Sends an update, and waits until it is durable. */
async function write(socket: DocumentSocket, update: Uint8Array): Promise<void> {
  socket.send(updateMessage(update));
  while (hexOf(await socket.next(UPDATE)) !== hexOf(updateMessage(update)));
}

describe("reading", { concurrency: true }, () => {
  test("P13.11 the whole document is one update, with what is not written yet", async () => {
    const shared = document();
    const socket = await shared.open();
    const doc = new Y.Doc();
    doc.on("update", (update) => socket.send(updateMessage(update)));
    for (const letter of "abc") doc.getText("shared").insert(doc.getText("shared").length, letter);
    await socket.settled();
    const response = await shared.read();
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("Content-Type"), "application/octet-stream");
    const whole = docOf(new Uint8Array(await response.arrayBuffer()));
    assert.deepEqual(Y.encodeStateAsUpdate(whole), Y.encodeStateAsUpdate(doc));
  });

  test("P13.11 a document that nobody has written to does not exist", async () => {
    const shared = document();
    await assertRefused(await shared.read(), 404, "no_document");
    const socket = await shared.open();
    await socket.settled();
    await assertRefused(await shared.read("?as=text&name=shared"), 404, "no_document");
  });

  test("P13.11 the text is that of Yjs, whatever was done to it", async () => {
    const update = made((doc) => {
      const text = doc.getText("shared");
      text.insert(0, "Hello, 漢字 😀 world");
      text.delete(5, 4);
      text.format(0, 5, { bold: true });
      text.insertEmbed(3, { image: "x" });
      text.insert(2, "\u0000\n");
    });
    const shared = document();
    await shared.seed(update);
    const text = docOf(update).getText("shared").toString();
    const response = await shared.read("?as=text&name=shared");
    assert.equal(response.headers.get("Content-Type"), "text/plain; charset=utf-8");
    assert.equal(await response.text(), text);
  });

  test("P13.11 that of an XML fragment has a line for each block", async () => {
    const shared = document();
    await shared.seed(
      made((doc) => {
        for (const [index, text] of ["One", "two 😀", ""].entries()) {
          const paragraph = new Y.XmlElement("paragraph");
          paragraph.insert(0, [new Y.XmlText(text)]);
          doc.getXmlFragment("prosemirror").insert(index, [paragraph]);
        }
      }),
    );
    assert.match(await shared.text("prosemirror"), /^One\ntwo 😀\n?$/);
  });

  test("P13.11 text needs a name", async () => {
    const shared = document();
    await shared.seed(saying("x"));
    assert.equal((await shared.read("?as=text")).status, 400);
  });

  test("P13.11 the ETag changes with the document, and only then", async () => {
    const shared = document();
    await shared.seed(saying("one"));
    const tag = async () => (await shared.read()).headers.get("ETag");
    const first = await tag();
    assert.match(first ?? "none", /^(W\/)?"[^"]+"$/);
    assert.equal(await tag(), first);
    await write(await shared.open(), saying("two"));
    assert.notEqual(await tag(), first);
  });
});

describe("seeding", { concurrency: true }, () => {
  test("P13.11 an empty document takes its first content, and who has it open gets that", async () => {
    const shared = document();
    const socket = await shared.open();
    const update = saying("seeded");
    const response = await shared.seed(update);
    assert.equal(response.status, 201);
    assert.deepEqual(await response.json(), { success: true, message: "Document seeded" });
    assert.equal(hexOf(await socket.next()), hexOf(updateMessage(update)));
    assert.deepEqual(Buffer.from(await shared.whole()), Buffer.from(update));
    assert.equal((await socket.settled()).length, 0);
  });

  test("P13.11 twice is a conflict, also at once: the text is there once", async () => {
    const shared = document();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => shared.seed(saying("seeded"))),
    );
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [201, ...Array(9).fill(409)]);
    await assertRefused(await shared.seed(saying("again")), 409, "document_exists");
    assert.equal(await shared.text("shared"), "seeded");
  });

  test("P13.11 so is seeding what somebody has begun to write, even before it is stored", async () => {
    const shared = document();
    const socket = await shared.open();
    await write(socket, saying("typed"));
    assert.equal((await shared.seed(saying("seeded"))).status, 409);
    assert.equal(await shared.text("shared"), "typed");
  });

  for (const [what, body] of Object.entries({
    nothing: Buffer.of(),
    text: Buffer.from("hello"),
    "a message instead of an update": updateMessage(saying("x")),
    "an update that ends too early": saying("hello").subarray(0, 10),
    "a byte after the update": Buffer.concat([saying("x"), Buffer.of(0)]),
  }))
    test(`P13.11 ${what} is no update`, async () => {
      const shared = document();
      await assertRefused(await shared.seed(body), 400, "invalid_update");
      assert.equal((await shared.read()).status, 404);
    });

  test("P13.8, P13.11 a document is no larger than the limit", async () => {
    const shared = new SharedDocument(small);
    assert.equal((await shared.seed(saying("x".repeat(65_536)))).status, 413);
    assert.equal((await shared.seed(saying("x".repeat(60_000)))).status, 201);
    const socket = await shared.open();
    socket.send(updateMessage(saying("y".repeat(10_000))));
    const { code, reason } = await socket.close();
    assert.deepEqual([code, JSON.parse(reason).limit], [4009, "documentBytes"]);
    const other = await shared.open();
    other.send(Buffer.alloc(65_537));
    assert.equal((await other.close()).code, 4009);
    assert.equal((await shared.text("shared")).length, 60_000);
  });
});

describe("erasing", { concurrency: true }, () => {
  test("P13.11 an erased document is gone, its sockets are closed, and it can be seeded again", async () => {
    const shared = document();
    const socket = await shared.open();
    await write(socket, saying("old"));
    const response = await shared.erase();
    assert.equal(response.status, 200);
    const answer = { success: true, message: "Document deleted", disconnected: 1 };
    assert.deepEqual(await response.json(), answer);
    assert.equal((await socket.close()).code, 4200);
    assert.equal((await shared.read()).status, 404);
    assert.deepEqual(await (await shared.erase()).json(), { ...answer, disconnected: 0 });
    assert.equal((await shared.seed(saying("new"))).status, 201);
    assert.equal(await shared.text("shared"), "new");
    const late = await shared.open();
    late.send(Buffer.of(0, 0, 1, 0));
    assert.equal(hexOf(await late.next(STEP_2)), hexOf(step2(await shared.whole())));
  });

  test("P13.11 what was on the way is erased, too", async () => {
    const shared = document();
    const socket = await shared.open();
    for (const text of ["a", "b", "c"]) socket.send(updateMessage(saying(text)));
    await socket.settled();
    await shared.erase();
    assert.equal((await shared.read()).status, 404);
  });
});

// They wait for half a minute of silence, together.
describe("telling the room", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  const timeout = { timeout: 90_000 };

  test(
    "P13.12 half a minute after the last change the project's room is told once",
    timeout,
    async () => {
      const shared = new SharedDocument(telling, undefined, "a task");
      const ann = await shared.room.user("ann");
      const writer = await replica("own", shared).synced();
      const start = Date.now();
      writer.text.insert(0, "one");
      writer.text.insert(3, " two");
      const { payload } = await soon(ann.socket, "DOC_CHANGED");
      assert.deepEqual(payload, { docId: "a task" });
      assert.ok(Date.now() - start >= 29_000);
      assert.equal(await shared.text("shared"), "one two");
      await shared.room.broadcast("MARKER");
      await ann.next("MARKER");
      assert.equal(ann.frames.filter(({ type }) => type === "DOC_CHANGED").length, 1);
    },
  );

  test("P13.12 by default it is told nothing", timeout, async () => {
    const [silent, loud] = [document(), new SharedDocument(telling)];
    const [ann, ben] = [await silent.room.user("ann"), await loud.room.user("ben")];
    await write(await silent.open(), saying("x"));
    await write(await loud.open(), saying("x"));
    await soon(ben.socket, "DOC_CHANGED");
    await silent.room.broadcast("MARKER");
    await ann.next("MARKER");
    assert.ok(!ann.frames.some(({ type }) => type === "DOC_CHANGED"));
  });
});

/** The event of this type, which comes within a minute. */
function soon(
  socket: import("ws").WebSocket,
  type: string,
): Promise<{ payload: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${type} came`)), QUIET_MS);
    socket.on("message", (data) => {
      const event = JSON.parse(data.toString());
      if (event.type !== type) return;
      clearTimeout(timer);
      resolve(event);
    });
  });
}
