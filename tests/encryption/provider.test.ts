/** Encrypted documents as an app has them: the package's provider on the real server. docs/protocol.md, P14.7 to P14.10. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as Y from "yjs";
import { type EpochKeys, epochKeys } from "../../packages/realtime/src/encryption.ts";
import { createDocuments } from "../../packages/realtime/src/server.ts";
import type { DocumentOptions, UndecryptablePart } from "../../packages/realtime/src/yjs.ts";
import { Writer } from "../../packages/realtime/tests/support/writer.ts";
import { SharedDocument } from "../support/document.ts";
import { idle } from "../support/hibernation.ts";
import { within } from "../support/inbox.ts";
import { KeyOffice } from "../support/key-office.ts";
import { Random } from "../support/random.ts";
import { NEEDS_OWN_RUNTIME, SECRET, startOwnServer, UNHURRIED } from "../support/target.ts";
import { inSeconds, JWT_SECRET, token } from "../support/token.ts";
import { readLog } from "./log-reader.ts";

const { server, runtime } = await startOwnServer({
  vars: {
    ...UNHURRIED,
    CONNECT_AUTH: undefined,
    JWT_SECRET,
    CLIENT_DELIVERIES_PER_SECOND: "1000000",
  },
});
const OWN = { skip: NEEDS_OWN_RUNTIME };
const DOC = "text";
/** A client that has lost its server tries again after up to 3 s, then 6 s. */
const PATIENCE_MS = 30_000;

interface Who extends Pick<DocumentOptions, "doc" | "encryption"> {
  keys?: EpochKeys;
  permissions?: string[];
}

/** Opens the document of a project in the name of a member. */
function open(office: KeyOffice, userId: string, { keys, permissions, ...who }: Who = {}): Writer {
  const claims = { sub: userId, permissions: permissions ?? ["doc:write"] };
  const getToken = () => token({ ...claims, exp: inSeconds(300), iat: inSeconds(-1) });
  const encryption = { keys: keys ?? office.keysOf(userId) };
  const place = { projectId: office.projectId, docId: DOC };
  return new Writer(server, place, { getToken, encryption, ...who });
}

const join = (office: KeyOffice, userId: string, who?: Who) => open(office, userId, who).synced();

/** Waits until all have the same text, which is as long as this. */
async function assertAlike(writers: readonly Writer[], length: number): Promise<string> {
  for (const each of writers) await hasLength(each, length);
  const [first] = writers;
  const text = `${first?.text}`;
  for (const each of writers) assert.equal(`${each.text}`, text);
  return text;
}

async function hasLength({ text, provider: { doc } }: Writer, length: number): Promise<void> {
  const done = new Promise<void>((resolve) => {
    const look = () => {
      if (text.length === length) resolve();
    };
    doc.on("update", look);
    look();
  });
  await within(done, `${length} letters`, PATIENCE_MS);
}

/** What somebody who comes now reads. */
async function textOfNewcomer(office: KeyOffice): Promise<string> {
  const newcomer = await join(office, "newcomer");
  return `${newcomer.text}`;
}

function lettersOf(text: string): string {
  return [...text].sort().join("");
}

// One after the other: a crash is felt in all documents of the process.
describe("an encrypted document", OWN, () => {
  test("P14.8 is the same for ten who write at once, and for who comes later", async () => {
    const office = new KeyOffice(server);
    const random = new Random("ten writers");
    const names = Array.from({ length: 10 }, (_, index) => `user-${index}`);
    const writers = await Promise.all(names.map((name) => join(office, name)));
    for (let round = 0; round < 20; round += 1)
      for (const [index, { text }] of writers.entries()) {
        text.insert(random.below(text.length + 1), `${index}`);
        if (round % 5 === index % 5) await new Promise((resolve) => setImmediate(resolve));
      }
    await Promise.all(writers.map((writer) => writer.saved()));
    const text = await assertAlike(writers, 200);
    assert.equal(await textOfNewcomer(office), text);
  });

  test("P14.3, P14.8 loses nothing when the key changes while ten write", async () => {
    const office = new KeyOffice(server);
    const names = Array.from({ length: 10 }, (_, index) => `user-${index}`);
    const writers = await Promise.all(names.map((name) => join(office, name)));
    const write = (letter: string) => {
      for (const writer of writers) writer.write(letter);
    };
    write("a");
    await assertAlike(writers, 10);
    write("b");
    const rotation = office.rotate();
    for (const writer of writers) writer.provider.flush();
    write("c");
    await rotation;
    write("d");
    await Promise.all(writers.map((writer) => writer.saved()));
    const text = await assertAlike(writers, 40);
    assert.equal(lettersOf(text), ["a", "b", "c", "d"].map((letter) => letter.repeat(10)).join(""));
    assert.equal(await textOfNewcomer(office), text);
  });

  test("P14.2, P14.7 gives who was removed nothing to read that came after, whatever keys they had", async () => {
    const office = new KeyOffice(server);
    const keys = office.keysOf("eve");
    const ann = await join(office, "ann");
    const eve = await join(office, "eve", { keys });
    ann.write("before");
    await eve.reads("before");
    await office.remove("eve");
    await eve.state("stopped");
    assert.equal(eve.provider.error?.code, "removed");
    ann.write(", after");
    await ann.saved();
    assert.equal(await textOfNewcomer(office), "before, after");
    // Whoever has everything that the server has, and all keys of hers, reads nothing of it.
    const log = await readLog(server, office.projectId, DOC, keys);
    const isAfter = log.findIndex(({ epoch }) => epoch === 2);
    assert.ok(isAfter >= 0);
    for (const [index, part] of log.entries())
      assert.equal(part.text, index < isAfter ? "before" : undefined);
    assert.equal(`${eve.text}`, "before");
  });

  test("P14.9 is read from a snapshot by who comes later, which one of several clients has made", async () => {
    const office = new KeyOffice(server);
    const writers = [];
    for (const name of ["ann", "ben", "eve", "joe"]) writers.push(await join(office, name));
    for (const writer of writers) writer.write("x".repeat(150_000));
    await assertAlike(writers, 600_000);
    const watcher = await join(office, "watcher", { permissions: ["doc:read"] });
    const isThere = async () => {
      const log = await readLog(server, office.projectId, DOC, office.keysOf("reader"));
      return log[0]?.kind === "snapshot";
    };
    const late = Date.now() + PATIENCE_MS;
    while (!(await isThere())) assert.ok(Date.now() < late, "no snapshot");
    watcher.provider.destroy();
    writers[0]?.write("!");
    await writers[1]?.saved();
    await assertAlike(writers, 600_001);
    assert.equal((await textOfNewcomer(office)).length, 600_001);
  });

  test("P14.9 is under the new key alone after a rotation, so that nobody needs the old one", async () => {
    const office = new KeyOffice(server);
    const ann = await join(office, "ann");
    ann.write("old");
    await ann.saved();
    await office.rotate();
    const late = Date.now() + PATIENCE_MS;
    const epochs = async () =>
      (await readLog(server, office.projectId, DOC, office.keysOf("reader"))).map(
        ({ epoch }) => epoch,
      );
    while ((await epochs()).some((epoch) => epoch < 2)) assert.ok(Date.now() < late, "no snapshot");
    assert.equal(await textOfNewcomer(office), "old");
  });

  test("P14.9 keeps what showed as saved when the server is killed, and gets the rest from those who wrote it", async () => {
    const office = new KeyOffice(server);
    const [ann, ben] = [await join(office, "ann"), await join(office, "ben")];
    ann.write("saved");
    await ann.saved();
    await ben.reads("saved");
    ben.write("!");
    ben.provider.flush();
    await ann.reads("saved!");
    ann.write("?");
    await runtime.kill();
    ben.write("#");
    await runtime.run();
    await Promise.all([ann.saved(), ben.saved()]);
    const text = await assertAlike([ann, ben], 8);
    assert.equal(await textOfNewcomer(office), text);
  });

  test("P14.8 works on after it has slept, and shows who is there", async () => {
    const office = new KeyOffice(server);
    const [ann, ben] = [await join(office, "ann"), await join(office, "ben")];
    ann.provider.awareness.setLocalStateField("user", { id: "joe", name: "Ann", color: "red" });
    ann.provider.awareness.setLocalStateField("cursor", 7);
    await ben.sees(1);
    await ann.saved();
    await idle();
    ben.write("awake");
    await ann.reads("awake");
    const eve = await join(office, "eve");
    const states = await eve.sees(2);
    assert.deepEqual(
      states.find(({ cursor }) => cursor),
      {
        cursor: 7,
        user: { id: "ann", name: "Ann", color: "red", verified: true },
      },
    );
    ann.provider.destroy();
    await eve.sees(1);
  });

  test("P14.8 takes what was written without a connection, and what a device had kept", async () => {
    const office = new KeyOffice(server);
    const ann = await join(office, "ann");
    ann.write("Hello");
    await ann.saved();
    // As y-indexeddb does it: the document has something already.
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(ann.provider.doc));
    const ben = await join(office, "ben", { doc });
    await ben.saved();
    const before = await readLog(server, office.projectId, DOC, office.keysOf("reader"));
    assert.equal(before.length, 1, "what the server has is not sent again");
    ben.provider.disconnect();
    ben.write(" from Ben");
    ann.write("!");
    assert.equal(ben.provider.saved, false);
    ben.provider.connect();
    await Promise.all([ann.saved(), ben.saved()]);
    await assertAlike([ann, ben], "Hello! from Ben".length);
  });

  test("P14.8 keeps what is typed right before leaving", async () => {
    const office = new KeyOffice(server);
    const ann = await join(office, "ann");
    ann.write("typed, and gone");
    ann.provider.destroy();
    await ann.state("closed");
    const ben = await join(office, "ben");
    await ben.reads("typed, and gone");
  });

  test("P14.8 takes nothing of who may only read, who is told so", async () => {
    const office = new KeyOffice(server);
    const ann = await join(office, "ann");
    const ben = await join(office, "ben", { permissions: ["doc:read"] });
    ann.write("mine");
    await ben.reads("mine");
    ben.write("!");
    await ben.until("denied", () => ben.provider.error !== undefined, "to be told");
    assert.equal(ben.provider.error?.code, "not_allowed");
    assert.equal(ben.provider.saved, false);
    await ann.saved();
    assert.equal(`${ann.text}`, "mine");
  });

  test("P14.8 shows what there is no key for as soon as there is one", async () => {
    const office = new KeyOffice(server);
    const ann = await join(office, "ann");
    ann.write("old ");
    await ann.saved();
    await office.rotate();
    ann.write("new");
    await ann.saved();
    let isThere = false;
    const whole = office.keysOf("ben");
    const keys = epochKeys({
      get: (project, epoch) =>
        epoch === 1 || isThere ? whole.get(project, epoch) : Promise.resolve(null),
      current: async (project) => {
        const key = await whole.get(project, 1);
        return key && { epoch: 1, key };
      },
    });
    const ben = open(office, "ben", { keys });
    const parts: UndecryptablePart[] = [];
    ben.provider.on("undecryptable", (part) => parts.push(part));
    await ben.synced();
    assert.ok(parts.some(({ reason, epoch }) => reason === "no_key" && epoch === 2));
    isThere = true;
    keys.refresh();
    await ben.reads("old new");
  });

  test("P14.7 is closed to who does not encrypt, and a plain one to who does, in words that say what to do", async () => {
    const office = new KeyOffice(server);
    const ann = await join(office, "ann");
    ann.write("secret");
    await ann.saved();
    const plain = await open(office, "ben", { encryption: undefined }).state("stopped");
    assert.equal(plain.provider.status.check, "encryption");
    assert.match(plain.provider.status.reason, /open it with `encryption: \{ keys \}`/);
    const other = new KeyOffice(server);
    const first = await join(other, "ann", { encryption: undefined });
    first.write("not secret");
    await first.saved();
    const encrypted = await open(other, "ben").state("stopped");
    assert.match(encrypted.provider.status.reason, /content that is not encrypted/);
  });

  test("P14.7, P14.10 can be made of a plain one, as docs/documents.md says", async () => {
    const office = new KeyOffice(server);
    const ann = await join(office, "ann", { encryption: undefined });
    ann.write("from before");
    await ann.saved();
    await office.rotate();
    await ann.state("stopped");
    assert.equal(ann.provider.status.check, "encryption");
    const documents = createDocuments({ url: server.url, secret: SECRET });
    const update = await documents.readDocument(office.projectId, DOC);
    assert.ok(update);
    await documents.deleteDocument(office.projectId, DOC);
    const backend = await join(office, "backend");
    Y.applyUpdate(backend.provider.doc, update);
    await backend.saved();
    assert.equal(await textOfNewcomer(office), "from before");
  });

  test("P13.11, P14.10 that is deleted is brought back by who still has it open", async () => {
    const office = new KeyOffice(server);
    const ann = await join(office, "ann");
    ann.write("kept by Ann");
    await ann.saved();
    const shared = new SharedDocument(server, office.projectId, DOC);
    assert.equal((await shared.erase()).status, 200);
    await ann.state("waiting");
    await ann.synced();
    await ann.saved();
    assert.equal(await textOfNewcomer(office), "kept by Ann");
  });
});
