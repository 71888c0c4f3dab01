/** Encrypted documents on the wire: docs/protocol.md, P14.7 to P14.10. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type DocumentSocket, SharedDocument } from "../support/document.ts";
import {
  AWARENESS,
  awareness,
  awarenessOf,
  CURRENT,
  caughtUp,
  contentOf,
  currentOf,
  ENTRIES,
  entriesOf,
  KEPT,
  keptOf,
  openSealed,
  putSnapshot,
  REFUSED,
  refusedOf,
  sealed,
  update,
} from "../support/sealed-wire.ts";
import { startServer } from "../support/target.ts";
import { UPDATE } from "../support/yjs-wire.ts";

const server = await startServer();

const document = () => new SharedDocument(server);
const contents = (entries: { sealed: Buffer }[]) => entries.map((entry) => contentOf(entry.sealed));

/** Sends an entry, and waits until it is durable. */
async function keep(socket: DocumentSocket, id: number, content: string): Promise<number> {
  socket.send(update(id, sealed(content)));
  const kept = keptOf(await socket.next(KEPT));
  assert.equal(kept.id, id);
  return kept.seq;
}

// Each has its own document, and some wait for a write.
describe("an encrypted document on the wire", { concurrency: true }, () => {
  test("P14.8 an empty one has nothing, and says so", async () => {
    const socket = await openSealed(document(), { userId: "ann" });
    const { snapshot, entries, current } = await caughtUp(socket);
    assert.equal(snapshot, undefined);
    assert.deepEqual(entries, []);
    assert.deepEqual(current, {
      newest: 0,
      upto: 0,
      epoch: 0,
      floor: 0,
      mayWrite: true,
      log: 0,
      isAnswer: true,
    });
    assert.equal(socket.frames.length, 1);
  });

  test("P14.8 an entry goes to the others with its number and its sender, and its own sender hears that it is kept", async () => {
    const shared = document();
    const ann = await openSealed(shared, { userId: "ann" });
    const ben = await openSealed(shared, { _pk: "bens" });
    ann.send(update(5, sealed("one", 7)));
    const [entry] = entriesOf(await ben.next(ENTRIES));
    assert.deepEqual(entry, { seq: 1, sender: "u:ann", sealed: sealed("one", 7) });
    assert.deepEqual(keptOf(await ann.next(KEPT)), { id: 5, seq: 1 });
    ben.send(update(1, sealed("two", 7)));
    const [second] = entriesOf(await ann.next(ENTRIES));
    assert.deepEqual(second, { seq: 2, sender: "c:bens", sealed: sealed("two", 7) });
    assert.deepEqual(keptOf(await ben.next(KEPT)), { id: 1, seq: 2 });
    const late = await openSealed(shared);
    const { entries, current } = await caughtUp(late);
    assert.deepEqual(entries, [entry, second]);
    assert.equal(current.newest, 2);
    assert.deepEqual((await caughtUp(late, 1)).entries, [second]);
    assert.deepEqual((await caughtUp(late, 2)).entries, []);
  });

  test("P14.9 a snapshot replaces the entries that it stands for, if it is based on the one that is there", async () => {
    const shared = document();
    const ann = await openSealed(shared, { userId: "ann" });
    const ben = await openSealed(shared, { userId: "ben" });
    await keep(ann, 1, "one");
    await keep(ann, 2, "two");
    await caughtUp(ben);
    ann.send(putSnapshot(3, 0, 2, sealed("one two", 9)));
    assert.deepEqual(keptOf(await ann.next(KEPT)), { id: 3, seq: 2 });
    const told = currentOf(await ben.next(CURRENT));
    assert.deepEqual({ upto: told.upto, epoch: told.epoch }, { upto: 2, epoch: 9 });
    ben.send(putSnapshot(1, 0, 2, sealed("late")));
    assert.deepEqual(refusedOf(await ben.next(REFUSED)), {
      id: 1,
      code: "snapshot_stale",
      number: 2,
    });
    await keep(ben, 2, "three");
    const all = await caughtUp(await openSealed(shared));
    assert.deepEqual(all.snapshot, { upto: 2, sender: "u:ann", sealed: sealed("one two", 9) });
    assert.deepEqual(contents(all.entries), ["three"]);
    assert.deepEqual((await caughtUp(ben, 2)).snapshot, undefined);
  });

  test("P14.8 awareness goes to the others, and to who comes, until its socket ends", async () => {
    const shared = document();
    const ann = await openSealed(shared, { userId: "ann" });
    const ben = await openSealed(shared, { userId: "ben" });
    await caughtUp(ann);
    ann.send(awareness(sealed("here")));
    const [said] = awarenessOf(await ben.next(AWARENESS));
    assert.deepEqual([said?.sender, contentOf(said?.sealed ?? Buffer.of())], ["u:ann", "here"]);
    const cem = await openSealed(shared, { userId: "cem" });
    assert.deepEqual(awarenessOf(await cem.next(AWARENESS)), [said]);
    await ann.leave();
    assert.deepEqual(awarenessOf(await ben.next(AWARENESS)), [{ ...said, sealed: Buffer.of() }]);
  });

  test("P14.7 a document is encrypted or plain by its first content", async () => {
    const [encrypted, plain] = [document(), document()];
    await keep(await openSealed(encrypted), 1, "one");
    const refused = { code: 4000, reason: '{"code":"bad_request","reason":"encryption"}' };
    const stock = await encrypted.connect().close();
    assert.equal(stock.code, refused.code);
    assert.match(stock.reason, /"reason":"encryption"/u);
    const ann = await plain.open();
    ann.send(Buffer.from("00020c010101000401017402686900".replaceAll(" ", ""), "hex"));
    await ann.next(UPDATE);
    const closed = await plain.connect({ e2e: "1" }).close();
    assert.match(closed.reason, /"reason":"encryption"/u);
    assert.equal(closed.code, 4000);
    const other = await document().connect({ e2e: "2" }).close();
    assert.match(other.reason, /"reason":"encryption"/u);
  });
});
