/** What showed as saved is there, whatever breaks: docs/protocol.md, P13.5 and P13.13. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import * as Y from "yjs";
import { DocumentProvider } from "../../packages/realtime/src/yjs.ts";
import { type DocumentSocket, SharedDocument } from "../support/document.ts";
import { Random, SEED } from "../support/random.ts";
import { replica } from "../support/replica.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";
import { hexOf, UPDATE, updateMessage } from "../support/yjs-wire.ts";

const KILLS = 3;
/** Longer than it takes until something is written again. */
const SHORTEST_LIFE_MS = 8_000;
const LONGEST_LIFE_MS = 11_000;
/** So many letters, and then nothing for as long as the rest of them would take. */
const [WORD, SENTENCE] = [10, 60];
const TYPES_EVERY_MS = 20;
const FULL = 524_288;
const UPDATE_BYTES = 60_000;

const skip = { skip: NEEDS_OWN_RUNTIME };
// Both wait most of the time: an update is written 6 s after the one before it.
const together = { ...skip, concurrency: true };
const { server, runtime } = await startOwnServer();

describe("durability", together, () => {
  describe("what showed as saved", { concurrency: false }, () => {
    test("P13.5 is there after a crash in the middle of a sentence, whoever saved it is gone", async () => {
      const random = new Random("kills of documents");
      let letters = 0;
      for (let kill = 0; kill < KILLS; kill += 1) {
        const shared = new SharedDocument(server);
        const typist = new Typist(shared);
        typist.type();
        await typist.whenSaved();
        typist.start();
        await pause(SHORTEST_LIFE_MS + random.below(LONGEST_LIFE_MS - SHORTEST_LIFE_MS));
        await runtime.kill();
        const { saved, typed } = typist.leave();
        await runtime.run();
        const kept = await shared.text("shared");
        assert.ok(kept.startsWith(saved), `"${saved}" was saved, "${kept}" is there, SEED=${SEED}`);
        assert.ok(typed.startsWith(kept), `"${kept}" is there, SEED=${SEED}`);
        letters += saved.length;
      }
      assert.ok(letters > KILLS, "nothing but the first letter was ever saved");
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

  describe("a full disk", () => {
    test("P13.5 takes nothing away that was acknowledged, and acknowledges nothing that it does not take", async () => {
      const { server } = await startOwnServer({ maxFileBytes: FULL });
      const shared = new SharedDocument(server);
      const socket = await shared.open();
      const doc = new Y.Doc();
      const acknowledged = await fill(socket, doc);
      assert.ok(acknowledged > 2, "the disk was full from the start");
      assert.ok(acknowledged * UPDATE_BYTES < FULL);
      const kept = new Y.Doc();
      Y.applyUpdate(kept, await shared.whole());
      const length = kept.getText("shared").length;
      assert.ok(length >= acknowledged * UPDATE_BYTES, `${length} of ${acknowledged}`);
      // It is still a document that can be read, and that others come to.
      const ben = await replica("y-partyserver", shared).synced();
      assert.equal(ben.text.length, length);
    });
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
    after(() => this.leave());
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

/** Writes until the socket is closed. Answers how many updates were acknowledged. */
async function fill(socket: DocumentSocket, doc: Y.Doc): Promise<number> {
  let last: Uint8Array = Buffer.of();
  doc.on("update", (update) => {
    last = update;
  });
  for (let acknowledged = 0; ; acknowledged += 1) {
    doc.getText("shared").insert(0, randomBytes(UPDATE_BYTES / 2).toString("hex"));
    socket.send(updateMessage(last));
    const answer = socket.next(UPDATE, 20_000);
    answer.catch(() => {});
    const isTaken = await Promise.race([answer.then(() => true), socket.closed.then(() => false)]);
    if (!isTaken) return acknowledged;
    assert.equal(hexOf(await answer), hexOf(updateMessage(last)));
  }
}
