/** What showed as saved is there, whatever breaks: docs/protocol.md, P13.5 and P13.13. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import * as Y from "yjs";
import { DocumentProvider } from "../../packages/realtime/src/yjs.ts";
import { type DocumentSocket, SharedDocument } from "../support/document.ts";
import { Random, SEED } from "../support/random.ts";
import { replica } from "../support/replica.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";
import { hexOf, UPDATE, updateMessage } from "../support/yjs-wire.ts";

const KILLS = 4;
const LONGEST_LIFE_MS = 10_000;
/** So many letters, and then nothing for as long as the rest of them would take. */
const [WORD, SENTENCE] = [10, 60];
const TYPES_EVERY_MS = 20;
const FULL = 1_048_576;

const skip = { skip: NEEDS_OWN_RUNTIME };
const { server, runtime } = await startOwnServer();

describe("what showed as saved", skip, () => {
  test("P13.5 is there after a crash in the middle of a sentence, whoever saved it is gone", async () => {
    const random = new Random("kills of documents");
    for (let kill = 0; kill < KILLS; kill += 1) {
      const shared = new SharedDocument(server);
      const typist = new Typist(shared);
      typist.type();
      await typist.whenSaved();
      typist.start();
      await pause(random.below(LONGEST_LIFE_MS));
      await runtime.kill();
      const { saved, typed } = typist.leave();
      await runtime.run();
      const kept = await shared.text("shared");
      assert.ok(kept.startsWith(saved), `"${saved}" was saved, "${kept}" is there, SEED=${SEED}`);
      assert.ok(typed.startsWith(kept), `"${kept}" is there, SEED=${SEED}`);
    }
  });

  test("P13.5 nothing is shown as saved while the server is gone", async () => {
    const shared = new SharedDocument(server);
    const typist = new Typist(shared);
    typist.type();
    await typist.whenSaved();
    await runtime.kill();
    typist.type();
    await pause(1_000);
    assert.equal(typist.provider.saved, false);
    await runtime.run();
    await typist.whenSaved();
    assert.equal(await shared.text("shared"), typist.leave().typed);
  });
});

/** Types all the time with the package's provider, and remembers what it showed as saved. */
class Typist {
  readonly provider: DocumentProvider;
  #timer: NodeJS.Timeout | undefined;
  #typed = "";
  #saved = "";

  constructor({ server: { url }, project, id }: SharedDocument) {
    const user = { id: "ann" };
    this.provider = new DocumentProvider({ host: url, projectId: project, docId: id, user });
    this.provider.on("saved", (saved) => {
      if (saved) this.#saved = this.#typed;
    });
  }

  type(): void {
    const letter = String.fromCharCode(97 + (this.#typed.length % 26));
    const at = this.#typed.length;
    // First: what is saved may be said while the letter goes in.
    this.#typed += letter;
    this.provider.doc.getText("shared").insert(at, letter);
  }

  /** Types, with a breath now and then: only then can all be saved. */
  start(): void {
    let letters = 0;
    this.#timer = setInterval(() => {
      letters += 1;
      if (letters % SENTENCE < WORD) this.type();
    }, TYPES_EVERY_MS);
  }

  async whenSaved(): Promise<void> {
    const { provider } = this;
    if (provider.saved && this.#typed !== "") return;
    await new Promise<void>((resolve) => provider.on("saved", (saved) => saved && resolve()));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  leave(): { saved: string; typed: string } {
    this.stop();
    this.provider.destroy();
    this.provider.doc.destroy();
    return { saved: this.#saved, typed: this.#typed };
  }
}

describe("a full disk", skip, () => {
  test("P13.5 takes nothing away that was acknowledged, and acknowledges nothing that it does not take", async () => {
    const { server } = await startOwnServer({ maxFileBytes: FULL });
    const shared = new SharedDocument(server);
    const socket = await shared.open();
    const doc = new Y.Doc();
    const acknowledged = await fill(socket, doc);
    assert.ok(acknowledged > 3, "the disk was full from the start");
    assert.ok(acknowledged * 30_000 < FULL);
    const kept = new Y.Doc();
    Y.applyUpdate(kept, await shared.whole());
    const length = kept.getText("shared").length;
    assert.ok(length >= acknowledged * 30_000, `${length} of ${acknowledged}`);
    // It is still a document that can be read, and that others come to.
    const ben = await replica("y-partyserver", shared).synced();
    assert.equal(ben.text.length, length);
  });
});

/** Writes until the socket is closed. Answers how many updates were acknowledged. */
async function fill(socket: DocumentSocket, doc: Y.Doc): Promise<number> {
  let last: Uint8Array = Buffer.of();
  doc.on("update", (update) => {
    last = update;
  });
  for (let acknowledged = 0; ; acknowledged += 1) {
    doc.getText("shared").insert(0, randomBytes(15_000).toString("hex"));
    socket.send(updateMessage(last));
    const answer = socket.next(UPDATE, 20_000);
    answer.catch(() => {});
    const isTaken = await Promise.race([answer.then(() => true), socket.closed.then(() => false)]);
    if (!isTaken) return acknowledged;
    assert.equal(hexOf(await answer), hexOf(updateMessage(last)));
  }
}
