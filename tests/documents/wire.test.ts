/** Documents on the wire, byte for byte: docs/protocol.md, P13.3 to P13.6. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type DocumentSocket, SharedDocument } from "../support/document.ts";
import { startServer } from "../support/target.ts";
import {
  ASK_FOR_ALL,
  bytesOf,
  DENIED,
  hexOf,
  isOf,
  STEP_2,
  step2,
  UPDATE,
} from "../support/yjs-wire.ts";

/** Client 1 inserts "hi" into the text "t". */
const HI = "01 01 01 00 04 01 01 74 02 68 69 00";
/** It deletes the first letter. */
const DELETES = "00 01 01 01 00 01";
/** The state vector of both. */
const KNOWS_HI = "01 01 02";
const SAYS_HI = `00 02 0c ${HI}`;
/** Client 2 inserts "x" at the start of "t". */
const SAYS_X = "00 02 0b 01 01 02 00 04 01 01 74 01 78 00";
/** Less than the time between two writes (P13.5), with some room for a busy machine. */
const AT_ONCE_MS = 4_000;

const server = await startServer();

const document = () => new SharedDocument(server);

/** Two sockets of a new document. */
async function pair(): Promise<[DocumentSocket, DocumentSocket, SharedDocument]> {
  const shared = document();
  const ann = await shared.open();
  const ben = await shared.open();
  return [ann, ben, shared];
}

const inHex = (frames: Uint8Array[]) => frames.map(hexOf);

/** Sends an update, and waits until it is acknowledged. */
async function store(socket: DocumentSocket, update: string): Promise<void> {
  socket.send(bytesOf(update));
  assert.equal(hexOf(await socket.next()), update);
}

// Each has its own document, and some wait for a write.
describe("the wire", { concurrency: true }, () => {
  test("P13.4 the first frame of an empty document is the empty state vector, and nothing else comes", async () => {
    const socket = document().connect();
    await socket.opened();
    assert.equal(hexOf(await socket.next()), "00 00 01 00");
    assert.deepEqual(await socket.settled(), []);
  });

  test("P13.4 step 1 is answered by one step 2, empty where there is nothing", async () => {
    const socket = await document().open();
    socket.send(bytesOf("00 00 01 00"));
    assert.equal(hexOf(await socket.next()), "00 01 02 00 00");
  });

  test("P13.5 an update goes to the others, and back to its sender, byte for byte", async () => {
    const [ann, ben] = await pair();
    ann.send(bytesOf(SAYS_HI));
    assert.equal(hexOf(await ben.next()), SAYS_HI);
    assert.equal(hexOf(await ann.next("", AT_ONCE_MS)), SAYS_HI);
    assert.deepEqual([await ann.settled(), await ben.settled()], [[], []]);
  });

  test("P13.4 who comes then is told the state vector, and what it lacks", async () => {
    const [ann, , shared] = await pair();
    await store(ann, SAYS_HI);
    const late = shared.connect();
    assert.equal(hexOf(await late.next()), "00 00 03 01 01 02");
    late.send(ASK_FOR_ALL);
    assert.equal(hexOf(await late.next()), `00 01 0c ${HI}`);
    late.send(bytesOf(`00 00 03 ${KNOWS_HI}`));
    assert.equal(hexOf(await late.next()), "00 01 02 00 00");
    late.send(bytesOf("00 00 03 01 01 01"));
    assert.equal(hexOf(await late.next()), "00 01 0a 01 01 01 01 84 01 00 01 69 00");
  });

  test("P13.4 the delete set is told whole, also to who has everything", async () => {
    const [ann, ben, shared] = await pair();
    await store(ann, SAYS_HI);
    await store(ann, `00 02 06 ${DELETES}`);
    assert.deepEqual(inHex(await ben.settled()), [SAYS_HI, `00 02 06 ${DELETES}`]);
    const late = await shared.open();
    late.send(bytesOf(`00 00 03 ${KNOWS_HI}`));
    assert.equal(hexOf(await late.next()), `00 01 06 ${DELETES}`);
  });

  test("P13.5, P13.6 a step 2 with something new goes to the others as an update, and is not acknowledged", async () => {
    const [ann, ben, shared] = await pair();
    ann.send(bytesOf(`00 01 0c ${HI}`));
    assert.equal(hexOf(await ben.next()), SAYS_HI);
    assert.deepEqual([await ann.settled(), await ben.settled()], [[], []]);
    assert.equal(await shared.text("t"), "hi");
  });

  test("P13.5 updates of one socket are acknowledged in their order, those of another by themselves", async () => {
    const [ann, ben] = await pair();
    const letters = Array.from({ length: 20 }, (_, clock) => letter(1, clock));
    for (const each of letters) ann.send(bytesOf(each));
    ben.send(bytesOf(SAYS_X));
    for (const each of [ann, ben]) await untilFrames(each, letters.length + 2);
    const seen = inHex(ann.frames.slice(1));
    assert.deepEqual(
      seen.filter((frame) => frame !== SAYS_X),
      letters,
    );
    const seenByBen = inHex(ben.frames.slice(1));
    assert.deepEqual(
      seenByBen.filter((frame) => frame !== SAYS_X),
      letters,
    );
    assert.deepEqual([await ann.settled(), await ben.settled()], [[], []]);
  });

  test("P13.5 others get an update long before its sender gets it back, while people type", async () => {
    const [ann, ben] = await pair();
    await store(ann, letter(1, 0));
    await ben.next();
    ann.send(bytesOf(letter(1, 1)));
    assert.equal(hexOf(await ben.next("", AT_ONCE_MS)), letter(1, 1));
    assert.deepEqual(await ann.settled(), [], "it is not written yet");
    assert.equal(hexOf(await ann.next()), letter(1, 1));
  });

  test("P13.6 an update with nothing new is acknowledged, and not passed on", async () => {
    const [ann, ben] = await pair();
    await store(ann, SAYS_HI);
    assert.equal(hexOf(await ben.next()), SAYS_HI);
    for (const again of [SAYS_HI, "00 02 02 00 00"]) {
      ben.send(bytesOf(again));
      assert.equal(hexOf(await ben.next("", AT_ONCE_MS)), again);
    }
    assert.deepEqual(await ann.settled(), []);
  });

  test("P13.6 one that is new in a part counts as a whole", async () => {
    const [ann, ben] = await pair();
    await store(ann, SAYS_HI);
    await ben.next();
    // "hi" of client 1, of which the first letter is deleted.
    const partly = "00 02 10 01 01 01 00 04 01 01 74 02 68 69 01 01 01 00 01";
    ben.send(bytesOf(partly));
    assert.equal(hexOf(await ann.next()), partly);
  });

  test("P13.6 an update with nothing new is not acknowledged before what it repeats is durable", async () => {
    const [ann, ben] = await pair();
    await store(ann, letter(1, 0));
    ann.send(bytesOf(letter(1, 1)));
    await ben.next();
    assert.equal(hexOf(await ben.next()), letter(1, 1));
    ben.send(bytesOf(letter(1, 1)));
    assert.deepEqual(await ben.settled(), [], "ann's is not written yet");
    assert.equal(hexOf(await ben.next()), letter(1, 1));
    await ann.next();
  });

  test("P13.6 a step 2 with nothing new is answered with nothing", async () => {
    const [ann, ben] = await pair();
    await store(ann, SAYS_HI);
    await ben.next();
    ben.send(bytesOf(`00 01 0c ${HI}`));
    ben.send(step2(bytesOf("00 00")));
    assert.deepEqual([await ben.settled(), await ann.settled()], [[], []]);
  });

  test("P13.3 every frame from the server is binary, and a text frame of a client is ignored", async () => {
    const [ann, ben] = await pair();
    const texts = ["", "PING", '{"type": "PING"}', '{"type":"SEND"}', "__YPS:{}", "\u0000\u0001"];
    for (const text of texts) ann.send(text);
    assert.deepEqual([await ann.settled(), await ben.settled()], [[], []]);
    assert.deepEqual([ann.texts, ben.texts], [[], []]);
  });

  test("P13.3, P4.7 only a ping is answered, by the runtime", async () => {
    const socket = await document().open();
    socket.send('{"type":"PING"}');
    assert.equal(await socket.nextText(), '{"type":"PONG","payload":{}}');
  });

  for (const [what, frame] of Object.entries({
    "no message": "",
    "an unknown message": "04",
    "an unknown message of two bytes": "e5 07 00",
    "an unknown message of sync": "00 03 00",
    "the beginning of a message": "00",
    "an update without its length": "00 02",
    "an update that ends too early": "00 02 0c 01 01 01 00 04 01 01 74",
    "an update that is no update": "00 02 03 01 01 01",
    "a state vector that is none": "00 00 01 01",
    "two messages": `${SAYS_HI} ${SAYS_X}`,
    "a byte after the message": "00 00 01 00 00",
    "a number that never ends": "00 02 ff ff ff ff ff ff ff ff ff ff ff ff 01",
    "a length beyond the frame": "00 02 ff ff ff ff 0f 00 00",
    "more structs than there are bytes": "00 02 08 01 ff ff ff ff 0f 01 00 00",
    "awareness that ends too early": "01 03 01 01 05",
    "more entries of awareness than there are bytes": "01 05 ff ff ff ff 0f",
  })) {
    test(`P13.3 ${what} closes the socket with 4000, and the others with nothing`, async () => {
      const [ann, ben] = await pair();
      ann.send(bytesOf(frame));
      const { code, reason } = await ann.close();
      assert.deepEqual([code, JSON.parse(reason).reason], [4000, "message"]);
      assert.deepEqual(await ben.settled(), []);
    });
  }

  test("P13.3 what only servers say is no message of a client", async () => {
    const socket = await document().open();
    socket.send(bytesOf(`${DENIED} 02 6e 6f`));
    assert.equal((await socket.close()).code, 4000);
  });
});

/** Client `id` appends one letter to "t". */
function letter(id: number, clock: number): string {
  const hex = (number: number) => number.toString(16).padStart(2, "0");
  const [who, at] = [hex(id), hex(clock)];
  return clock === 0
    ? `00 02 0b 01 01 ${who} 00 04 01 01 74 01 61 00`
    : `00 02 0a 01 01 ${who} ${at} 84 ${who} ${hex(clock - 1)} 01 61 00`;
}

/** Waits until so many frames have come since the start. */
async function untilFrames(socket: DocumentSocket, amount: number): Promise<void> {
  for (let read = 1; read < amount; read += 1) await socket.next();
  for (const frame of socket.frames.slice(1)) assert.ok(isOf(frame, UPDATE) || isOf(frame, STEP_2));
}
