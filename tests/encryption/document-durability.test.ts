/** An encrypted document after crashes and sleep, and when keys change: docs/protocol.md, P14.7 to P14.10. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type DocumentSocket, SharedDocument } from "../support/document.ts";
import { idle } from "../support/hibernation.ts";
import { type Replica, replica } from "../support/replica.ts";
import {
  AWARENESS,
  awareness,
  awarenessOf,
  caughtUp,
  contentOf,
  ENTRIES,
  KEPT,
  KEY_EPOCH,
  keptOf,
  keyEpochOf,
  openSealed,
  putSnapshot,
  REFUSED,
  refusedOf,
  sealed,
  update,
} from "../support/sealed-wire.ts";
import { NEEDS_OWN_RUNTIME, SECRET, startOwnServer } from "../support/target.ts";

const { server, runtime } = await startOwnServer();
const skip = { skip: NEEDS_OWN_RUNTIME };
/** Longer than it takes until something is written. */

const AUTHORIZED = { Authorization: `Bearer ${SECRET}` };

const contents = async (shared: SharedDocument) => {
  const reader = await openSealed(shared, { userId: "reader" });
  const { snapshot, entries } = await caughtUp(reader);
  await reader.leave();
  const all = [...(snapshot ? [snapshot] : []), ...entries];
  return all.map((entry) => contentOf(entry.sealed));
};

async function keep(socket: DocumentSocket, id: number, content: string, epoch = 1) {
  socket.send(update(id, sealed(content, epoch)));
  for (;;) {
    const kept = keptOf(await socket.next(KEPT));
    if (kept.id === id) return kept.seq;
  }
}

const raise = (shared: SharedDocument, floor: number) =>
  fetch(`${server.url}/parties/main/${shared.project}/key-epoch`, {
    method: "POST",
    headers: { ...AUTHORIZED, "Content-Type": "application/json" },
    body: JSON.stringify({ minKeyEpoch: floor }),
  });

const remove = (shared: SharedDocument, user: string, floor: number) =>
  fetch(`${server.url}/parties/main/${shared.project}/users/${user}?for=60&minKeyEpoch=${floor}`, {
    method: "DELETE",
    headers: AUTHORIZED,
  });

describe("a crash", { ...skip, concurrency: false }, () => {
  test("P14.9 takes nothing away that was kept, and no number is used twice", async () => {
    const shared = new SharedDocument(server);
    const [ann, ben] = [await openSealed(shared), await openSealed(shared)];
    await keep(ann, 1, "first");
    const newest = await keep(ann, 2, "second");
    ann.send(update(3, sealed("lost")));
    await ben.next(ENTRIES);
    await runtime.kill();
    await runtime.run();
    assert.deepEqual((await contents(shared)).slice(0, 2), ["first", "second"]);
    const cem = await openSealed(shared);
    assert.ok((await keep(cem, 1, "after")) > newest + 1, "ben has seen that number");
  });

  test("P14.9 keeps a snapshot that was kept", async () => {
    const shared = new SharedDocument(server);
    const ann = await openSealed(shared);
    const seq = await keep(ann, 1, "first");
    ann.send(putSnapshot(2, 0, seq, sealed("all of it")));
    await ann.next(KEPT);
    await runtime.kill();
    await runtime.run();
    assert.deepEqual(await contents(shared), ["all of it"]);
  });
});

// They wait for sleep and for writes, so they do it together.
describe("an encrypted document", { ...skip, concurrency: true }, () => {
  test("P14.8 that slept has its numbers, its floor and what people said of themselves", async () => {
    const shared = new SharedDocument(server);
    const [ann, ben] = [await openSealed(shared), await openSealed(shared)];
    await keep(ann, 1, "one", 3);
    ann.send(awareness(sealed("here", 3)));
    await ben.next(AWARENESS);
    assert.equal((await raise(shared, 3)).status, 200);
    await ben.next(KEY_EPOCH);
    await idle();
    ben.send(update(1, sealed("under", 2)));
    const refused = { id: 1, code: "stale_key_epoch", number: 3 };
    assert.deepEqual(refusedOf(await ben.next(REFUSED)), refused);
    assert.ok((await keep(ben, 2, "two", 3)) > 1);
    const cem = await openSealed(shared);
    const [said] = awarenessOf(await cem.next(AWARENESS));
    assert.equal(contentOf(said?.sealed ?? Buffer.of()), "here");
    assert.deepEqual(await contents(shared), ["one", "two"]);
  });

  test("P14.9 takes one of two snapshots that come at once", async () => {
    const shared = new SharedDocument(server);
    const people = await Promise.all(
      ["ann", "ben"].map((userId) => openSealed(shared, { userId })),
    );
    const seq = await keep(people[0] as DocumentSocket, 1, "one");
    for (const socket of people) socket.send(putSnapshot(9, 0, seq, sealed("all of it")));
    const outcomes = await Promise.all(people.map((socket) => outcomeOf(socket, 9)));
    assert.deepEqual(outcomes.sort(), ["kept", "snapshot_stale"]);
  });

  test("P14.8 stores nothing under the floor once it has gone up in a stream of updates", async () => {
    const shared = new SharedDocument(server);
    const [ann, ben] = [await openSealed(shared), await openSealed(shared, { userId: "ben" })];
    let sent = 0;
    const stream = setInterval(() => ann.send(update(++sent, sealed(`old ${sent}`, 7))), 5);
    for (let heard = 0; heard < 10; heard += 1) await ben.next(ENTRIES);
    const answer = await remove(shared, "nobody", 8);
    assert.equal(answer.status, 200);
    const before = await contents(shared);
    const refused = refusedOf(await ann.next(REFUSED));
    clearInterval(stream);
    assert.equal(keyEpochOf(await ben.next(KEY_EPOCH)), 8);
    assert.deepEqual([refused.code, refused.number], ["stale_key_epoch", 8]);
    assert.deepEqual(await contents(shared), before, "the answer comes after the last of them");
    assert.equal(before.length, refused.id - 1);
    await keep(ann, sent + 1, "new", 8);
    assert.deepEqual((await contents(shared)).slice(-1), ["new"]);
  });

  test("P14.2 a removal closes the user's sockets and raises the floor, and they hear nothing more", async () => {
    const shared = new SharedDocument(server);
    const [mal, ben] = [
      await openSealed(shared, { userId: "mal" }),
      await openSealed(shared, { userId: "ben" }),
    ];
    await keep(mal, 1, "before");
    const answer = (await (await remove(shared, "mal", 2)).json()) as Record<string, unknown>;
    assert.deepEqual([answer.disconnected, answer.minKeyEpoch], [1, 2]);
    assert.equal((await mal.close()).code, 4003);
    const heard = mal.frames.length;
    await keep(ben, 1, "after", 2);
    assert.equal(mal.frames.length, heard);
    assert.ok(!mal.frames.some((frame) => frame[0] === 0x19));
    const again = await shared.connect({ e2e: "1", userId: "mal" }).close();
    assert.equal(again.code, 4003);
  });

  test("P14.7 who does not encrypt is closed when the first floor comes, and refused after it", async () => {
    const shared = new SharedDocument(server);
    const plain = await shared.open();
    assert.equal((await raise(shared, 1)).status, 200);
    assert.match((await plain.close()).reason, /"reason":"encryption"/u);
    const late = await shared.connect().close();
    assert.deepEqual([late.code, /"reason":"encryption"/u.test(late.reason)], [4000, true]);
    const ann = await openSealed(shared);
    assert.equal((await caughtUp(ann)).current.floor, 1);
    const other = new SharedDocument(server, shared.project, "other");
    const seeded = await other.seed(Buffer.of(0, 0));
    assert.deepEqual([seeded.status, await codeOf(seeded)], [409, "document_encrypted"]);
  });

  for (const kind of ["y-partyserver", "y-websocket"] as const)
    test(`P14.7 ${kind} is refused, says why, and changes nothing`, async () => {
      const shared = new SharedDocument(server);
      await keep(await openSealed(shared), 1, "secret");
      const stock = replica(kind, shared);
      stock.text.insert(0, "plain");
      const { code, reason } = await refusalOf(stock);
      assert.deepEqual([code, JSON.parse(reason).reason], [4000, "encryption"]);
      assert.deepEqual(await contents(shared), ["secret"]);
      assert.equal(stock.text.toString(), "plain");
    });

  test("P14.10 GET and PUT are refused, and DELETE closes everybody and leaves nothing", async () => {
    const shared = new SharedDocument(server);
    const ann = await openSealed(shared);
    await keep(ann, 1, "one");
    const log = (await caughtUp(ann)).current.log;
    for (const query of ["", "?as=text&name=t"]) {
      const read = await shared.read(query);
      assert.deepEqual([read.status, await codeOf(read)], [409, "document_encrypted"]);
    }
    const seeded = await shared.seed(Buffer.of(0, 0));
    assert.deepEqual([seeded.status, await codeOf(seeded)], [409, "document_encrypted"]);
    const erased = await shared.erase();
    assert.equal(((await erased.json()) as { disconnected: number }).disconnected, 1);
    assert.equal((await ann.close()).code, 4200);
    assert.equal((await shared.read()).status, 404);
    const ben = await openSealed(shared);
    assert.equal((await caughtUp(ben, 1)).current.log, 0);
    await keep(ben, 1, "new");
    const { entries, current } = await caughtUp(ben);
    assert.deepEqual([entries.length, current.log === log], [1, false]);
  });

  test("P13.10 it is erased with its project, which then has no floor", async () => {
    const shared = new SharedDocument(server);
    const ann = await openSealed(shared);
    await keep(ann, 1, "one", 5);
    await raise(shared, 5);
    const erased = await fetch(`${server.url}/parties/main/${shared.project}?all=true`, {
      method: "DELETE",
      headers: AUTHORIZED,
    });
    assert.equal(erased.status, 200);
    assert.equal((await ann.close()).code, 4200);
    assert.deepEqual(await (await shared.open()).settled(), []);
  });
});

/** How a stock client's connection is closed. */
function refusalOf({ provider }: Replica): Promise<{ code: number; reason: string }> {
  const told = provider as unknown as {
    on(event: "connection-close", listener: (close: CloseEvent) => void): void;
  };
  return new Promise((resolve) => told.on("connection-close", resolve));
}

/** What becomes of what a client has sent under this name. */
async function outcomeOf(socket: DocumentSocket, id: number): Promise<string> {
  for (;;) {
    const frame = await socket.next("");
    if (frame[0] === 0x15 && keptOf(frame).id === id) return "kept";
    if (frame[0] === 0x18) return refusedOf(frame).code;
  }
}

async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { code: string }).code;
}
