/** Encrypted documents: with a server by P14.8, fake sockets, a fake clock and real encryption. */

import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import * as Y from "yjs";
import type { DocumentProvider } from "../../src/yjs.ts";
import { documentOf } from "../support/document-socket.ts";
import { FakeSocket, pass, tokenOf, tokenWith, withFakeClock } from "../support/fake-socket.ts";
import { openSealed, Ring, sealed, vaultSocket } from "../support/sealed-document.ts";
import { Vault, VaultSocket } from "../support/vault.ts";

withFakeClock();

let vault: Vault;
beforeEach(() => {
  vault = new Vault();
});

const UPDATE = 0x14;
const STATE = 0x17;
const as = (id: string) => ({ user: { id } });

/** All who wait for the server get in. */
function joinAll(): void {
  for (const socket of FakeSocket.made)
    if (socket.readyState === 0 && socket instanceof VaultSocket) socket.joins();
}

/** The text that a newcomer reads. */
async function textOfNewcomer(ring = new Ring()): Promise<string> {
  const { text, provider } = await sealed(ring, as("newcomer"));
  assert.equal(provider.synced, true);
  return text.toString();
}

describe("an encrypted document", () => {
  test("says so when it connects, and as whom (P14.7)", async () => {
    openSealed();
    const { url } = await vaultSocket();
    assert.equal(url.searchParams.get("e2e"), "1");
    assert.equal(url.searchParams.get("userId"), "ann");
  });

  test("is the same for all who have the key, and nothing of it is in what is sent", async () => {
    const ann = await sealed();
    const ben = await sealed(new Ring(), as("ben"));
    ann.text.insert(0, "a secret of Ann");
    await pass(300);
    assert.equal(ben.text.toString(), "a secret of Ann");
    ben.text.insert(0, "!");
    await pass(300);
    assert.equal(ann.text.toString(), "!a secret of Ann");
    const frames = [...ann.first.frames, ...ben.first.frames];
    assert.ok(frames.length >= 4);
    for (const frame of frames) assert.equal(frame.includes("secret"), false);
    assert.equal(await textOfNewcomer(), "!a secret of Ann");
  });

  test("gathers the changes of 300 ms", async () => {
    const { first, text } = await sealed();
    for (const letter of "abc") {
      text.insert(text.length, letter);
      await pass(100);
    }
    assert.equal(first.amountOf(UPDATE), 1);
    assert.equal(await textOfNewcomer(), "abc");
  });

  test("is saved once the server has kept everything", async () => {
    const { provider, text } = await sealed();
    text.insert(0, "first");
    await pass(300);
    vault.storesAtOnce = false;
    text.insert(0, "a");
    assert.equal(provider.saved, false);
    await pass(300);
    assert.equal(provider.saved, false);
    vault.store();
    await pass(0);
    assert.equal(provider.saved, true);
  });

  test("is plain as long as the project has no key", async () => {
    const provider = openSealed(new Ring(0));
    const { url } = await vaultSocket();
    assert.equal(url.searchParams.get("e2e"), null);
    assert.equal(provider.status.state, "connecting");
  });

  test("waits until the app says whether there are keys", async () => {
    const ring = new Ring();
    ring.isReachable = false;
    const provider = openSealed(ring);
    await pass(0);
    assert.equal(provider.status.state, "waiting");
    assert.match(provider.status.reason, /keys/);
    ring.isReachable = true;
    await pass(10_000);
    (await vaultSocket()).joins();
    await pass(0);
    assert.equal(provider.synced, true);
  });

  for (const [ring, words] of [
    [new Ring(), /content that is not encrypted/],
    [new Ring(0), /is encrypted: open it with `encryption: \{ keys \}`/],
  ] as const)
    test(`stops with words for what is wrong: ${words}`, async () => {
      const provider = openSealed(ring);
      (await vaultSocket()).ends(4000, { code: "bad_request", reason: "encryption" });
      assert.equal(provider.status.state, "stopped");
      assert.equal(provider.status.check, "encryption");
      assert.match(provider.status.reason, words);
    });
});

describe("a connection that was lost", () => {
  test("brings what was missed, and repeats what was not kept", async () => {
    const ann = await sealed();
    ann.text.insert(0, "a");
    await pass(300);
    vault.storesAtOnce = false;
    ann.text.insert(1, "b");
    await pass(300);
    // Nobody has stored it, and its sender leaves no copy but its own.
    vault.crash();
    ann.text.insert(2, "c");
    assert.equal(ann.provider.saved, false);
    vault.storesAtOnce = true;
    const ben = await sealed(new Ring(), as("ben"));
    ben.text.insert(0, "-");
    await pass(300);
    await pass(3_000);
    joinAll();
    await pass(0);
    assert.equal(ann.provider.saved, true);
    for (const { text } of [ann, ben]) assert.equal(text.toString(), "-abc");
    assert.equal(await textOfNewcomer(), "-abc");
  });

  test("is in step only with the answer, not with what is said to all before it (P14.8)", async () => {
    const ben = await sealed(new Ring(), as("ben"));
    const ann = await sealed();
    ann.text.insert(0, "a");
    await pass(300);
    ann.first.ends();
    for (const letter of "bcd") {
      ben.text.insert(0, letter);
      await pass(300);
    }
    await pass(3_000);
    const second = await vaultSocket();
    second.unread = [];
    second.joins();
    await pass(0);
    // A new entry, and a snapshot of which everybody is told.
    ben.text.insert(0, "x".repeat(70_000));
    await pass(10_000);
    assert.equal(vault.snapshots.taken, 1);
    assert.equal(ann.provider.synced, false);
    second.isRead();
    await pass(0);
    assert.equal(ann.provider.synced, true);
    assert.equal(ann.text.toString(), ben.text.toString());
  });

  test("is not trusted if the document was deleted: what is here is brought back (P13.11)", async () => {
    const ann = await sealed();
    for (const letter of "abc") {
      ann.text.insert(0, letter);
      await pass(300);
    }
    vault.erase();
    const ben = await sealed(new Ring(), as("ben"));
    for (const letter of "xyz0") {
      ben.text.insert(0, letter);
      await pass(300);
    }
    await pass(3_000);
    joinAll();
    await pass(0);
    const text = ann.text.toString();
    assert.equal(text.length, 7);
    assert.equal(ben.text.toString(), text);
    assert.equal(await textOfNewcomer(), text);
  });

  test("asks only for what came since, and writes nothing if nothing is new", async () => {
    const { provider, first, text } = await sealed();
    text.insert(0, "a");
    await pass(300);
    first.ends();
    await pass(3_000);
    const second = await vaultSocket();
    second.joins();
    await pass(1_000);
    assert.equal(provider.synced, true);
    assert.deepEqual(
      second.frames.map((frame) => frame[0]),
      [0x10, STATE],
    );
    assert.deepEqual([...(second.frames[0] ?? [])], [0x10, 1]);
  });
});

describe("content that was kept on the device", () => {
  test("is compared on the first connect: only what the server lacks is sent", async () => {
    const ann = await sealed();
    ann.text.insert(0, "Hello");
    await pass(300);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(ann.provider.doc));
    const before = vault.taken;
    const ben = await sealed(new Ring(), { ...as("ben"), doc });
    assert.equal(vault.taken, before);
    assert.equal(ben.provider.saved, true);
    ben.provider.disconnect();
    doc.getText("t").insert(5, " you");
    const again = await sealed(new Ring(), { ...as("ben"), doc });
    await pass(0);
    assert.equal(vault.taken, before + 1);
    assert.equal(again.provider.saved, true);
    assert.equal(ann.text.toString(), "Hello you");
  });

  test("seeds a document that is empty", async () => {
    const { provider } = await sealed(new Ring(), { doc: documentOf("From the device") });
    await pass(0);
    assert.equal(provider.saved, true);
    assert.equal(await textOfNewcomer(), "From the device");
  });
});

describe("a key that is not there yet", () => {
  test("is waited for: what it is needed for comes later, and the rest at once", async () => {
    const late = new Ring(1);
    const ann = await sealed();
    const ben = await sealed(late, as("ben"));
    const missing: unknown[] = [];
    ben.provider.on("undecryptable", (part) => part.seq && missing.push(part));
    ann.text.insert(0, "old ");
    await pass(300);
    const eve = await sealed(new Ring(2), as("eve"));
    eve.text.insert(4, "new");
    await pass(300);
    assert.equal(ben.text.toString(), "old ");
    assert.equal(ben.provider.synced, true);
    assert.deepEqual(missing, [{ reason: "no_key", epoch: 2, seq: 2, sender: "u:eve" }]);
    assert.equal(ben.provider.undecryptable, 1);
    const synced: unknown[] = [];
    ben.provider.on("synced", (isSynced) => synced.push(isSynced));
    late.gets(2);
    await pass(0);
    assert.equal(ben.text.toString(), "old new");
    assert.equal(ben.provider.undecryptable, 0);
    assert.deepEqual(synced, [true]);
  });

  test("holds up the rest for 5 s at most, and needs no other occasion than its coming", async () => {
    const slow = new Ring(1);
    const ben = await sealed(slow, as("ben"));
    const [ann, eve] = [await sealed(), await sealed(new Ring(2), as("eve"))];
    // What eve says of herself has asked for the key already.
    await pass(1_000);
    const answer = slow.waits();
    eve.text.insert(0, "new");
    await pass(300);
    ann.text.insert(0, "old ");
    await pass(4_000);
    assert.equal(ben.text.toString(), "");
    await pass(1_500);
    assert.equal(ben.text.toString(), "old ");
    slow.upto = 2;
    answer();
    await pass(0);
    assert.equal(ben.text.toString(), eve.text.toString());
    assert.equal(ben.text.length, "old new".length);
  });

  test("is asked for again later, without the app saying anything", async () => {
    const late = new Ring(1);
    const ben = await sealed(late, as("ben"));
    const eve = await sealed(new Ring(2), as("eve"));
    eve.text.insert(0, "new");
    await pass(300);
    assert.equal(ben.text.toString(), "");
    late.upto = 2;
    await pass(60_000);
    assert.equal(ben.text.toString(), "new");
  });
});

describe("a floor that goes up", () => {
  test("makes clients encrypt anew, and nothing is lost", async () => {
    const [one, two] = [new Ring(), new Ring()];
    const ann = await sealed(one);
    const ben = await sealed(two, as("ben"));
    for (const ring of [one, two]) ring.upto = 2;
    ann.text.insert(0, "a");
    vault.floor = 2;
    await pass(300);
    assert.equal(ann.provider.saved, true);
    assert.equal(ben.text.toString(), "a");
    assert.equal(ann.first.amountOf(UPDATE), 2);
    assert.equal(await textOfNewcomer(new Ring(2)), "a");
  });

  test("keeps the changes of who gets no key, and says so", async () => {
    const ring = new Ring();
    const { provider, text } = await sealed(ring);
    vault.raise(2);
    const errors: unknown[] = [];
    provider.on("error", ({ reason }) => errors.push(reason));
    text.insert(0, "a");
    await pass(2_000);
    assert.deepEqual([provider.saved, vault.taken], [false, 0]);
    assert.deepEqual(errors, ["This client has no key to encrypt changes with."]);
    ring.upto = 2;
    await pass(60_000);
    assert.deepEqual([provider.saved, vault.taken], [true, 1]);
  });
});

describe("a snapshot", () => {
  test("is made of more than 500 changes, by one client", async () => {
    const ann = await sealed();
    const others = [
      await sealed(new Ring(), as("ben")),
      await sealed(new Ring(), as("eve")),
      await sealed(new Ring(), as("joe")),
    ];
    for (let count = 0; count < 501; count += 1) {
      ann.text.insert(0, "a");
      ann.provider.flush();
      await Promise.resolve();
    }
    await pass(10_000);
    assert.equal(vault.snapshots.taken, 1);
    assert.equal(vault.entries.length, 0);
    assert.equal(await textOfNewcomer(), "a".repeat(501));
    for (const { text } of others) assert.equal(text.length, 501);
  });

  test("is made of more than 64 KiB, if that is more than the snapshot", async () => {
    const { text } = await sealed();
    const large = (bytes: number) => text.insert(0, "x".repeat(bytes));
    large(70_000);
    await pass(10_000);
    assert.equal(vault.snapshots.taken, 1);
    large(66_000);
    await pass(10_000);
    assert.equal(vault.snapshots.taken, 1);
    large(10_000);
    await pass(10_000);
    assert.equal(vault.snapshots.taken, 2);
  });

  test("is made under a newer epoch, once, and then no old key is needed", async () => {
    const ring = new Ring();
    const { text } = await sealed(ring);
    text.insert(0, "old");
    await pass(300);
    ring.upto = 2;
    vault.raise(2);
    await pass(20_000);
    assert.equal(vault.snapshots.taken, 1);
    assert.equal(vault.entries.length, 0);
    await pass(60_000);
    assert.equal(vault.snapshots.taken, 1);
  });

  test("is not made while there is something without a key, nor by who may only read", async () => {
    const eve = await sealed(new Ring(2), as("eve"));
    eve.text.insert(0, "new");
    await pass(300);
    eve.provider.disconnect();
    vault.mayWrite = false;
    await sealed(new Ring(3), as("reader"));
    vault.mayWrite = true;
    const late = await sealed(new Ring(1), as("ben"));
    for (let count = 0; count < 510; count += 1) {
      late.text.insert(0, "a");
      late.provider.flush();
      await Promise.resolve();
    }
    await pass(20_000);
    assert.equal(vault.snapshots.taken + vault.snapshots.stale, 0);
  });

  /** Ann and three others, and then more than 64 KiB of hers. */
  async function crowded(): Promise<void> {
    const ann = await sealed();
    for (const id of ["ben", "eve", "joe"]) await sealed(new Ring(), as(id));
    ann.text.insert(0, "x".repeat(70_000));
    await pass(10_000);
  }

  test("is made by the first of those who each wait for a time of their own", async () => {
    const waits = [0.9, 0.2, 0.7, 0.5];
    mock.method(Math, "random", () => {
      const [first = 0] = waits;
      waits.push(waits.shift() ?? 0);
      return first;
    });
    await crowded();
    assert.deepEqual(vault.snapshots, { taken: 1, stale: 0 });
  });

  test("that somebody else has replaced in the same moment is not overwritten", async () => {
    await crowded();
    assert.equal(vault.snapshots.taken, 1);
    assert.ok(vault.snapshots.stale > 0);
    assert.equal((await textOfNewcomer()).length, 70_000);
  });
});

describe("what can't be authenticated", () => {
  test("is left out and said to be so, and blocks neither the rest nor a snapshot", async () => {
    const ann = await sealed();
    ann.text.insert(0, "good");
    await pass(300);
    const [entry] = vault.entries;
    assert.ok(entry);
    vault.entries.push({ ...entry, seq: 2, sender: "u:eve" });
    const damaged = Buffer.from(entry.sealed);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1);
    vault.entries.push({ ...entry, seq: 3, sealed: damaged });
    const provider = openSealed(new Ring(2), as("ben"));
    const parts: unknown[] = [];
    provider.on("undecryptable", ({ reason, seq }) => parts.push([reason, seq]));
    (await vaultSocket()).joins();
    await pass(20_000);
    assert.deepEqual(parts, [
      ["damaged", 2],
      ["damaged", 3],
    ]);
    assert.equal(provider.doc.getText("t").toString(), "good");
    assert.equal(vault.snapshots.taken, 1);
    assert.equal(vault.entries.length, 0);
  });

  test("a snapshot under another number is refused, and never replaced by who lacks what is in it", async () => {
    const ann = await sealed();
    ann.text.insert(0, "x".repeat(70_000));
    await pass(10_000);
    ann.provider.destroy();
    assert.ok(vault.snapshot);
    vault.snapshot.seq += 1;
    const provider = openSealed(new Ring(2), as("ben"));
    const parts: unknown[] = [];
    provider.on("undecryptable", ({ reason, seq }) => parts.push([reason, seq]));
    (await vaultSocket()).joins();
    await pass(20_000);
    assert.deepEqual(parts, [["malformed", 2]]);
    assert.equal(vault.snapshots.taken, 1);
  });
});

describe("what people say of themselves", () => {
  const statesOf = ({ awareness }: DocumentProvider) =>
    [...awareness.getStates()]
      .filter(([id]) => id !== awareness.clientID)
      .map(([, state]) => state);

  test("is seen by the others, at most every 100 ms, and gone with its connection", async () => {
    const ann = await sealed();
    const ben = await sealed(new Ring(), as("ben"));
    await pass(100);
    const before = ben.first.amountOf(STATE);
    for (let at = 0; at < 300; at += 10) {
      ben.provider.awareness.setLocalStateField("cursor", at);
      await pass(10);
    }
    await pass(100);
    assert.ok(ben.first.amountOf(STATE) - before <= 5);
    assert.deepEqual(statesOf(ann.provider), [
      { cursor: 290, user: { id: "ben", verified: false } },
    ]);
    ben.provider.disconnect();
    await pass(0);
    assert.deepEqual(statesOf(ann.provider), []);
  });

  test("is in the name of who the server says, whatever they say themselves (P13.7)", async () => {
    const getToken = () => tokenOf("ben");
    const ann = await sealed(new Ring(), { getToken: () => tokenOf("ann") });
    const ben = await sealed(new Ring(), { getToken });
    ben.provider.awareness.setLocalStateField("user", { id: "ann", name: "Ann", verified: "yes" });
    await pass(100);
    assert.deepEqual(statesOf(ann.provider), [
      { user: { id: "ben", name: "Ann", verified: true } },
    ]);
    const eve = await sealed(new Ring(), { getToken: () => tokenWith({}) });
    eve.provider.awareness.setLocalStateField("user", { id: "ann", name: "Eve" });
    await pass(100);
    assert.deepEqual(statesOf(ann.provider)[1], { user: { name: "Eve", verified: false } });
  });

  test("can't be said in the name of another client", async () => {
    const ann = await sealed();
    ann.provider.awareness.setLocalStateField("cursor", 1);
    const ben = await sealed(new Ring(), as("ben"));
    await pass(200);
    const doc = new Y.Doc();
    doc.clientID = ann.provider.doc.clientID;
    const eve = await sealed(new Ring(), { ...as("eve"), doc });
    eve.provider.awareness.setLocalStateField("cursor", 666);
    await pass(200);
    assert.deepEqual(statesOf(ben.provider), [{ cursor: 1, user: { id: "ann", verified: false } }]);
    assert.deepEqual(ann.provider.awareness.getLocalState(), { cursor: 1 });
  });

  test("is seen by who comes later, and again after a reconnect", async () => {
    const ann = await sealed();
    ann.provider.awareness.setLocalStateField("cursor", 1);
    await pass(200);
    const ben = await sealed(new Ring(), as("ben"));
    assert.equal(statesOf(ben.provider)[0]?.cursor, 1);
    ann.first.ends();
    await pass(0);
    assert.deepEqual(statesOf(ben.provider), []);
    await pass(3_000);
    joinAll();
    await pass(0);
    assert.equal(statesOf(ben.provider)[0]?.cursor, 1);
  });

  test("is encrypted anew under a newer epoch, and readable with its key", async () => {
    const [one, two] = [new Ring(), new Ring()];
    const ann = await sealed(one);
    const ben = await sealed(two, as("ben"));
    one.upto = 2;
    vault.floor = 2;
    ann.provider.awareness.setLocalStateField("cursor", 1);
    await pass(200);
    assert.notEqual(statesOf(ben.provider)[0]?.cursor, 1);
    two.gets(2);
    await pass(0);
    assert.equal(statesOf(ben.provider)[0]?.cursor, 1);
  });

  test("comes after the text that it points into", async () => {
    const { provider, first, text } = await sealed();
    await pass(100);
    const before = first.sentKinds.length;
    text.insert(0, "a");
    provider.awareness.setLocalStateField("cursor", 1);
    await pass(300);
    assert.deepEqual(first.sentKinds.slice(before), [UPDATE, STATE]);
  });
});

describe("who leaves", () => {
  test("has sent what was typed a moment ago, before the page is gone", async () => {
    const { provider, first, text } = await sealed();
    text.insert(0, "typed");
    // Encryption takes a moment.
    await pass(0);
    provider.flush();
    assert.equal(first.amountOf(UPDATE), 1);
    assert.equal(await textOfNewcomer(), "typed");
  });

  for (const how of ["disconnect", "destroy"] as const)
    test(`by ${how}() has sent what was typed, though that was not encrypted yet`, async () => {
      const { provider, first, text } = await sealed();
      text.insert(0, "typed");
      provider[how]();
      assert.equal(provider.status.state, "closed");
      assert.equal(first.closedWith, undefined);
      await pass(0);
      assert.equal(first.closedWith, 1000);
      assert.equal(await textOfNewcomer(), "typed");
    });

  test("does not wait for ever for a key", async () => {
    const ring = new Ring();
    const { provider, first, text } = await sealed(ring);
    vault.raise(2);
    await pass(0);
    text.insert(0, "typed");
    provider.disconnect();
    await pass(2_000);
    assert.equal(first.closedWith, 1000);
    assert.equal(vault.taken, 0);
  });

  test("and comes back has lost nothing", async () => {
    const { provider, text } = await sealed();
    text.insert(0, "typed");
    provider.disconnect();
    text.insert(5, " later");
    provider.connect();
    (await vaultSocket()).joins();
    await pass(0);
    assert.equal(provider.saved, true);
    assert.equal(await textOfNewcomer(), "typed later");
  });
});

describe("who may only read", () => {
  test("is told so when they write, and nothing is sent", async () => {
    vault.mayWrite = false;
    const { provider, first, text } = await sealed();
    const errors: unknown[] = [];
    provider.on("error", ({ code }) => errors.push(code));
    text.insert(0, "a");
    await pass(1_000);
    assert.deepEqual(errors, ["not_allowed"]);
    assert.deepEqual([provider.saved, first.amountOf(UPDATE)], [false, 0]);
  });

  test("any more is told so by the server", async () => {
    const { provider, first, text } = await sealed();
    vault.mayWrite = false;
    text.insert(0, "a");
    await pass(1_000);
    assert.equal(provider.error?.code, "not_allowed");
    assert.deepEqual([provider.saved, first.amountOf(UPDATE)], [false, 1]);
  });
});
