/**
 * Hostile bytes and floods, and a document and a room beside them that must not notice: docs/protocol.md, P13.3, P13.8.
 *
 * How fast a room stays beside such clients is measured with the other attacks, in tests/hostile.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import * as Y from "yjs";
import type { Client } from "../support/client.ts";
import { type DocumentSocket, SharedDocument } from "../support/document.ts";
import { Random, SEED } from "../support/random.ts";
import { Replica, replica } from "../support/replica.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";
import {
  awarenessMessage,
  bytesOf,
  EMPTY_UPDATE,
  step1,
  step2,
  updateMessage,
  varUint,
} from "../support/yjs-wire.ts";

const LIMITS = { CLIENT_MESSAGES_PER_SECOND: "5", CLIENT_MESSAGE_BURST: "10" };
const ABUSE = 20 * 10;
const TYPES_EVERY_MS = 20;
const FRAMES = 600;
const MIB = 1_048_576;
const HUGE = 2 ** 53 - 1;

const { server } = await startOwnServer({ vars: { DOCUMENT_MAX_BYTES: `${MIB}` } });
const { server: slow } = await startOwnServer({ vars: LIMITS });
const { server: narrow } = await startOwnServer({
  vars: { CLIENT_DELIVERIES_PER_SECOND: "20", CLIENT_DELIVERY_BURST: "20" },
});

/** Two people who write, and a room of theirs. */
class Victim {
  readonly #shared = new SharedDocument(server);
  #ann: Replica | undefined;
  #ben: Replica | undefined;
  #member: Client | undefined;
  #isOver = false;
  #typing: Promise<void> | undefined;
  #typed = "";

  async settleIn(): Promise<void> {
    this.#ann = await new Replica("y-partyserver", this.#shared).synced();
    this.#ben = await new Replica("own", this.#shared).synced();
    this.#member = await this.#shared.room.user("cem");
    this.#typing = this.#type();
  }

  /** Types all the time, each letter being seen before the next one. */
  async #type(): Promise<void> {
    for (let letter = 0; !this.#isOver; letter += 1) {
      this.#typed += letter % 10;
      this.#ann?.text.insert(this.#typed.length - 1, `${letter % 10}`);
      await this.#ben?.hasText(this.#typed);
      await this.#shared.room.broadcast("TASK_UPDATED", { payload: letter });
      assert.equal((await this.#member?.next("TASK_UPDATED"))?.payload, letter);
      await pause(TYPES_EVERY_MS);
    }
  }

  /** Asserts that they have noticed nothing. */
  async leave(): Promise<void> {
    this.#isOver = true;
    await this.#typing?.finally(() => {
      for (const each of [this.#ann, this.#ben]) each?.end();
    });
    assert.ok(this.#typed.length > 10);
    assert.equal(await this.#shared.text("shared"), this.#typed);
    assert.equal(this.#member?.frames.filter(({ type }) => type === "ERROR").length, 0);
  }
}

/** Sends a frame on a socket of its own. Answers how that is received: its close code, or "taken". */
async function received(shared: SharedDocument, frame: Uint8Array): Promise<number | "taken"> {
  const socket = await shared.open();
  socket.send(frame);
  const taken = socket.settled().then(() => "taken" as const);
  taken.catch(() => {});
  const answer = await Promise.race([taken, socket.closed.then(({ code }) => code)]);
  socket.drop();
  return answer;
}

/** What the server keeps can be opened by Yjs, and by who comes. */
async function assertUsable(shared: SharedDocument): Promise<void> {
  const response = await shared.read();
  assert.ok([200, 404].includes(response.status), `${response.status}`);
  if (response.status === 200) Y.applyUpdate(new Y.Doc(), await bodyOf(response));
  const ann = await replica("y-websocket", shared).synced();
  ann.doc.getMap("marks").set("here", Math.random());
  const ben = await replica("own", shared).synced();
  const here = ann.doc.getMap("marks").get("here");
  await ben.has((doc) => doc.getMap("marks").get("here") === here);
}

const bodyOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());

describe("a document and a room notice nothing of", { skip: NEEDS_OWN_RUNTIME }, () => {
  const victim = new Victim();
  const document = () => new SharedDocument(server);
  before(() => victim.settleIn());
  after(() => victim.leave());

  test("P13.3 random bytes", async () => {
    const random = new Random("bytes of documents");
    const shared = document();
    for (let round = 0; round < FRAMES / 6; round += 1) {
      const head = random.of("", "00 00", "00 01", "00 02", "01", "03");
      const frame = Buffer.concat([bytesOf(head), random.bytes()]);
      const answer = await received(shared, frame);
      assert.ok(answer === "taken" || answer === 4000, `${answer} SEED=${SEED}`);
    }
    await assertUsable(shared);
  });

  test("P13.3 damaged messages, some of which can still be read", async () => {
    const random = new Random("damaged messages of documents");
    const shared = document();
    const doc = new Y.Doc();
    for (const [index, type] of ["text", "array", "map"].entries()) {
      doc.getText(type).insert(0, "some text", { bold: true });
      doc.getArray(`${type}s`).push([index, { a: [1n] }, new Y.Map([["k", 1]])]);
      doc.getXmlFragment("xml").insert(0, [new Y.XmlElement("p")]);
      doc.getText(type).delete(2, 3);
    }
    const update = Y.encodeStateAsUpdate(doc);
    const messages = [
      updateMessage(update),
      step2(update),
      step1(Y.encodeStateVector(doc)),
      awarenessMessage({ id: 1, clock: 1, state: { user: { name: "x" } } }),
    ];
    let taken = 0;
    for (let round = 0; round < FRAMES / 2; round += 1) {
      const answer = await received(shared, random.damagedBytes(random.of(...messages)));
      if (answer === "taken") taken += 1;
      else assert.equal(answer, 4000, `SEED=${SEED}`);
    }
    assert.ok(taken > 0, "nothing of it could be read");
    await assertUsable(shared);
  });

  for (const [what, update] of Object.entries({
    "as many clients as there are numbers": [varUint(HUGE), Buffer.of(0)],
    "as many structs": [Buffer.of(1), varUint(2 ** 31), Buffer.of(1, 0), Buffer.alloc(1_000)],
    "as many deletions": [Buffer.of(0, 1, 1), varUint(2 ** 31), Buffer.alloc(1_000)],
    "a clock beyond all numbers": [Buffer.of(1, 1, 1), varUint(HUGE), Buffer.of(0, 9, 0)],
    "a text longer than the frame": [bytesOf("01 01 01 00 04 01 01 74"), varUint(2 ** 40)],
    "values nested without an end": [
      bytesOf("01 01 01 00 08 01 01 74 01"),
      Buffer.from("7501".repeat(200_000), "hex"),
      Buffer.of(0x7e, 0),
    ],
    // Each client would fail as it reads it, for ever.
    "JSON nested without an end": [
      bytesOf("01 01 01 00 05 01 01 74"),
      varUint(200_000),
      Buffer.from("[".repeat(100_000) + "]".repeat(100_000)),
      Buffer.of(0),
    ],
    "JSON that is none": [bytesOf("01 01 01 00 05 01 01 74 02 7b 7b 00")],
  }))
    test(`P13.3 an update with ${what}`, async () => {
      const shared = document();
      assert.equal(await received(shared, updateMessage(Buffer.concat(update))), 4000);
      await assertUsable(shared);
    });

  test("P13.3 a state vector of very many clients", async () => {
    const clients = Array.from({ length: 80_000 }, (_, id) => [varUint(id + 1), varUint(HUGE)]);
    const vector = Buffer.concat([varUint(clients.length), ...clients.flat()]);
    assert.equal(await received(document(), step1(vector)), "taken");
  });

  test("P13.3 an update that builds on what nobody has", async () => {
    const shared = document();
    // The letter 9 of client 5, after the letter 8; and a gap of as many letters as there are numbers.
    assert.equal(
      await received(shared, bytesOf("00 02 0a 01 01 05 09 84 05 08 01 61 00")),
      "taken",
    );
    const gap = Buffer.concat([bytesOf("01 01 06 00 0a"), varUint(2 ** 50), Buffer.of(0)]);
    assert.ok([4000, "taken"].includes(await received(shared, updateMessage(gap))));
    await assertUsable(shared);
  });

  test("P13.8 frames that are too large", async () => {
    assert.equal(await received(document(), Buffer.alloc(MIB + 1)), 4009);
    assert.equal(await received(document(), Buffer.alloc(20 * MIB)), 4009);
  });

  test("P13.8 a document that grows until it is full", async () => {
    const shared = document();
    const socket = await shared.open();
    const doc = new Y.Doc();
    doc.on("update", (update) => socket.send(updateMessage(update)));
    for (let part = 0; part < 6; part += 1) doc.getText("t").insert(0, "x".repeat(250_000));
    const { code, reason } = await socket.close();
    assert.deepEqual([code, JSON.parse(reason).limit], [4009, "documentBytes"]);
    const kept = new Y.Doc();
    Y.applyUpdate(kept, await shared.whole());
    assert.ok(kept.getText("t").length >= 750_000 && kept.getText("t").length <= MIB);
  });
});

describe("a client that sends too much", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  for (const [what, frame] of Object.entries({
    updates: updateMessage(EMPTY_UPDATE),
    questions: step1(Buffer.of(0)),
    awareness: awarenessMessage({ id: 1, clock: 1, state: {} }),
    texts: "__YPS:{}",
  }))
    test(`P13.8 is closed with 4029: ${what}`, async () => {
      const shared = new SharedDocument(slow);
      const [flood, ben] = [await shared.open(), await shared.open()];
      for (let sent = 0; sent < ABUSE + 100; sent += 1) flood.send(frame);
      assert.equal((await flood.close()).code, 4029);
      await ben.settled();
    });

  test("P13.8 loses awareness, and is closed with 4029 for updates, when there are too many deliveries", async () => {
    const shared = new SharedDocument(narrow);
    const others = await openMany(shared, 10);
    const socket = await shared.open();
    for (let clock = 1; clock < 50; clock += 1)
      socket.send(awarenessMessage({ id: 1, clock, state: { clock } }));
    await socket.settled();
    const heard = others[0]?.frames.filter((frame) => frame[0] === 1).length ?? 0;
    assert.ok(heard < 10, `${heard} of 49`);
    for (let sent = 0; sent < 20; sent += 1) socket.send(letter(sent));
    assert.equal((await socket.close()).code, 4029);
    for (const other of others) await other.settled();
  });
});

function openMany(shared: SharedDocument, amount: number): Promise<DocumentSocket[]> {
  return Promise.all(Array.from({ length: amount }, () => shared.open()));
}

/** A letter of a client that has not written before. */
function letter(clock: number): Buffer {
  const doc = new Y.Doc();
  doc.clientID = 1_000 + clock;
  doc.getText("t").insert(0, "a");
  return updateMessage(Y.encodeStateAsUpdate(doc));
}
