/** A document that slept is the document that it was: docs/protocol.md, P13.5 and P13.7. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as Y from "yjs";
import { type DocumentSocket, SharedDocument } from "../support/document.ts";
import { idle } from "../support/hibernation.ts";
import { replica } from "../support/replica.ts";
import { NEEDS_OWN_RUNTIME, SECRET, startOwnServer } from "../support/target.ts";
import { inSeconds, JWT_SECRET, token } from "../support/token.ts";
import {
  AWARENESS,
  awarenessMessage,
  entriesOf,
  hexOf,
  UPDATE,
  updateMessage,
} from "../support/yjs-wire.ts";

const { server } = await startOwnServer();
const { server: signed } = await startOwnServer({
  vars: { CONNECT_AUTH: "jwt", JWT_SECRET, TOKEN_GRACE_SECONDS: "1" },
});

const saying = (text: string) => {
  const doc = new Y.Doc();
  doc.getText("shared").insert(0, text);
  return updateMessage(Y.encodeStateAsUpdate(doc));
};

const tokenOf = (sub: string, claims = {}) =>
  token({ sub, permissions: ["doc:write"], iat: inSeconds(-2), ...claims });

async function write(socket: DocumentSocket, message: Buffer): Promise<void> {
  socket.send(message);
  while (hexOf(await socket.next(UPDATE)) !== hexOf(message));
}

// All of them wait for their documents to fall asleep, so they do it together.
describe("a document that slept", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  test("P13.5 takes the update that wakes it, passes it on and acknowledges it", async () => {
    const shared = new SharedDocument(server);
    const [ann, ben] = [await shared.open(), await shared.open()];
    const first = saying("one");
    await write(ann, first);
    await ben.next(UPDATE);
    await idle();
    await write(ann, saying("two"));
    await ben.next(UPDATE);
    assert.equal((await shared.text("shared")).length, 6);
    ben.send(first);
    assert.equal(hexOf(await ben.next(UPDATE)), hexOf(first));
    assert.deepEqual(await ann.settled(), [], "it still knows what is not new");
  });

  test("P13.7 the one who leaves and wakes it is gone for the others", async () => {
    const shared = new SharedDocument(server);
    const [ann, ben] = [await shared.open(), await shared.open()];
    ann.send(awarenessMessage({ id: 1, clock: 1, state: {} }, { id: 2, clock: 1, state: {} }));
    await ben.next(AWARENESS);
    await idle();
    await ann.leave();
    const gone = entriesOf(await ben.next(AWARENESS));
    assert.deepEqual(
      gone.map(({ id, state }) => [id, state]),
      [
        [1, null],
        [2, null],
      ],
    );
  });

  test("P13.7 the one whose connection breaks, too", async () => {
    const shared = new SharedDocument(server);
    const [ann, ben] = [await shared.open(), await shared.open()];
    ann.send(awarenessMessage({ id: 1, clock: 1, state: {} }));
    await ben.next(AWARENESS);
    await idle();
    ann.drop();
    assert.deepEqual(
      entriesOf(await ben.next(AWARENESS)).map(({ id, state }) => [id, state]),
      [[1, null]],
    );
  });

  test("P13.7 who comes is told who is there, and nobody speaks for them", async () => {
    const shared = new SharedDocument(signed);
    const [ann, ben] = [
      await shared.open({ token: tokenOf("ann") }),
      await shared.open({ token: tokenOf("ben") }),
    ];
    ann.send(awarenessMessage({ id: 1, clock: 1, state: { at: 1 } }));
    await ben.next(AWARENESS);
    await idle();
    const mallory = await shared.open({ token: tokenOf("mallory") });
    const [entry] = entriesOf(await mallory.next(AWARENESS));
    assert.deepEqual(entry, {
      id: 1,
      clock: 1,
      state: { at: 1, user: { id: "ann", verified: true } },
    });
    mallory.send(awarenessMessage({ id: 1, clock: 5, state: { at: 2 } }));
    await mallory.settled();
    assert.deepEqual(await ben.settled(), []);
  });

  test("P13.9, P9.5 wakes when a token ends", async () => {
    const shared = new SharedDocument(signed);
    const ann = await shared.open({ token: tokenOf("ann", { exp: inSeconds(13) }) });
    await idle();
    assert.equal((await ann.close(30_000)).code, 4101);
  });

  test("P13.10 closes the sockets of who is removed", async () => {
    const shared = new SharedDocument(signed);
    const ann = await shared.open({ token: tokenOf("ann") });
    await idle();
    const response = await fetch(`${shared.room.url}/users/ann`, {
      method: "DELETE",
      headers: { Authorization: `Bearer ${SECRET}` },
    });
    assert.equal(((await response.json()) as { disconnected: number }).disconnected, 1);
    assert.equal((await ann.close()).code, 4003);
  });

  test("P13.5 a client of y-partyserver that typed nothing meanwhile goes on", async () => {
    const shared = new SharedDocument(server);
    const ann = await replica("y-partyserver", shared).synced();
    const ben = await replica("own", shared).synced();
    ann.text.insert(0, "before");
    await ben.hasText("before");
    await idle();
    ben.text.insert(6, " and after");
    await ann.hasText("before and after");
  });
});
