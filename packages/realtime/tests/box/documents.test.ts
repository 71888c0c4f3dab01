/** The package's documents, on the real server. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as Y from "yjs";
import { idle } from "../../../../tests/support/hibernation.ts";
import { NEEDS_OWN_RUNTIME, SECRET, startOwnServer } from "../../../../tests/support/target.ts";
import { inSeconds, JWT_SECRET, token } from "../../../../tests/support/token.ts";
import { createDocuments, DocumentError } from "../../src/server.ts";
import { anyPlace, Writer } from "../support/writer.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };
const asUpdate = (text: string) => {
  const doc = new Y.Doc();
  doc.getText("t").insert(0, text);
  return Y.encodeStateAsUpdate(doc);
};

describe("a document", OWN, async () => {
  const { server, runtime } = await startOwnServer();
  const documents = createDocuments({ url: server.url, secret: SECRET });

  test("is the same for all who have it open", async () => {
    const place = anyPlace();
    const ann = await new Writer(server, place).synced();
    ann.write("Hello");
    const ben = await new Writer(server, place, { user: { id: "ben" } }).synced();
    await ben.reads("Hello");
    ben.write(" you");
    await ann.reads("Hello you");
  });

  test("keeps what showed as saved when the server is killed (P13.5)", async () => {
    const place = anyPlace();
    const ann = await new Writer(server, place).synced();
    ann.write("Saved");
    await ann.saved();
    ann.provider.destroy();
    await runtime.kill();
    await runtime.run();
    const ben = await new Writer(server, place).synced();
    assert.equal(ben.text.toString(), "Saved");
  });

  test("gets what was typed while the server was gone, and shows it as saved only then", async () => {
    const place = anyPlace();
    const ann = await new Writer(server, place).synced();
    const ben = await new Writer(server, place, { user: { id: "ben" } }).synced();
    await runtime.kill();
    ann.write("from Ann");
    ben.write("from Ben");
    assert.equal(ann.provider.saved, false);
    await runtime.run();
    await Promise.all([ann.saved(), ben.saved()]);
    const both = /^from Annfrom Ben$|^from Benfrom Ann$/;
    await Promise.all([ann.reads(both), ben.reads(both)]);
    assert.equal(ann.text.toString(), ben.text.toString());
  });

  test("shows who is here, and no longer who has left", async () => {
    const place = anyPlace();
    const ann = new Writer(server, place);
    ann.provider.awareness.setLocalStateField("user", { name: "Eve", color: "red" });
    await ann.synced();
    const ben = await new Writer(server, place, { user: { id: "ben", name: "Ben" } }).synced();
    const [state] = await ben.sees(1);
    const { id, name, color } = (state?.user ?? {}) as Record<string, unknown>;
    assert.deepEqual([id, name, color], ["ann", "Ann", "red"]);
    ann.provider.destroy();
    await ben.sees(0);
  });

  test("shows a caret again after a reconnect, though its owner did nothing (P13.7)", async () => {
    const place = anyPlace();
    const ann = await new Writer(server, place).synced();
    ann.provider.awareness.setLocalStateField("cursor", 7);
    const ben = await new Writer(server, place, { user: { id: "ben" } }).synced();
    await ben.sees(1);
    ann.provider.disconnect();
    await ben.sees(0);
    ann.provider.connect();
    assert.equal((await ben.sees(1))[0]?.cursor, 7);
    ben.provider.reconnect();
    await ben.synced();
    assert.equal((await ben.sees(1))[0]?.cursor, 7);
  });

  test("is kept alive by pings that do not wake it, and works on after it has slept", async () => {
    const place = anyPlace();
    const ann = await new Writer(server, place).synced();
    const ben = await new Writer(server, place, { user: { id: "ben" } }).synced();
    ann.provider.awareness.setLocalStateField("cursor", 1);
    await ben.sees(1);
    await idle();
    ann.provider.check();
    ben.write("awake");
    await ann.reads("awake");
    await ben.saved();
    const eve = await new Writer(server, place, { user: { id: "eve" } }).synced();
    assert.equal(eve.text.toString(), "awake");
    assert.ok((await eve.sees(2)).some(({ cursor }) => cursor === 1));
  });

  test("is seeded once, read as an update and as text, and deleted by a backend (P13.11)", async () => {
    const { projectId, docId } = anyPlace();
    const place = [projectId, docId] as const;
    assert.equal(await documents.readDocument(...place), undefined);
    assert.equal(await documents.seedDocument(...place, asUpdate("First")), true);
    assert.equal(await documents.seedDocument(...place, asUpdate("Second")), false);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, (await documents.readDocument(...place)) ?? new Uint8Array());
    assert.equal(doc.getText("t").toString(), "First");
    assert.equal(await documents.readDocument(...place, { as: "text", name: "t" }), "First");
    const ann = await new Writer(server, { projectId, docId }).synced();
    assert.equal(ann.text.toString(), "First");
    ann.provider.on("status", ({ state }) => state === "waiting" && ann.provider.destroy());
    assert.equal(await documents.deleteDocument(...place), 1);
    await ann.state("closed");
    assert.equal(await documents.readDocument(...place), undefined);
  });

  test("is not seeded with what is no update", async () => {
    const { projectId, docId } = anyPlace();
    const seeded = documents.seedDocument(projectId, docId, Uint8Array.of(255, 255, 255));
    await assert.rejects(
      seeded,
      (error) => error instanceof DocumentError && error.code === "invalid_update",
    );
  });
});

describe("a document behind tokens", OWN, async () => {
  const vars = { CONNECT_AUTH: undefined, JWT_SECRET, TOKEN_GRACE_SECONDS: "1" };
  const { server } = await startOwnServer({ vars });
  const writes = { permissions: ["doc:write"] };
  const as = (claims: object) => ({ getToken: () => token({ ...writes, ...claims }) });

  test("takes no changes of who may only read, who is told so (P13.2)", async () => {
    const place = anyPlace();
    const ann = await new Writer(server, place, as({})).synced();
    const ben = await new Writer(
      server,
      place,
      as({ sub: "ben", permissions: ["doc:read"] }),
    ).synced();
    ann.write("mine");
    await ben.reads("mine");
    assert.equal(`${ben.provider.error}`, "undefined");
    ben.write("!");
    await ben.until("denied", () => ben.provider.error !== undefined, "to be told");
    assert.equal(ben.provider.error?.code, "not_allowed");
    assert.equal(ben.provider.saved, false);
    await ann.saved();
    assert.equal(ann.text.toString(), "mine");
  });

  test("is closed to a token that names no permission, which stops the client", async () => {
    const ann = await new Writer(server, anyPlace(), as({ permissions: ["send"] })).state(
      "stopped",
    );
    assert.equal(ann.provider.status.check, "permissions");
  });

  test("outlives a token: the client is back with a fresh one (P13.9)", async () => {
    const place = anyPlace();
    const tokens = [token({ ...writes, exp: inSeconds(2) })];
    const getToken = () => tokens.shift() ?? token(writes);
    const ann = new Writer(server, place, { getToken });
    await Promise.all([ann.synced(), ann.state("waiting", "token_expired")]);
    ann.write("meanwhile");
    await ann.saved();
  });

  test("is closed to who was removed from the project, for good (P13.10)", async () => {
    const place = anyPlace();
    const ann = await new Writer(server, place, as({ iat: inSeconds(-1) })).synced();
    const room = server.room(place.projectId);
    const answer = await fetch(`${room.url}/users/ann`, {
      method: "DELETE",
      headers: { Authorization: `Bearer ${SECRET}` },
    });
    assert.equal(answer.status, 200);
    await ann.state("stopped");
    assert.equal(ann.provider.error?.code, "removed");
  });
});
