/** Who is where in a document: docs/protocol.md, P13.7. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type DocumentSocket, SharedDocument } from "../support/document.ts";
import { startServer } from "../support/target.ts";
import { JWT_SECRET, token } from "../support/token.ts";
import {
  AWARENESS,
  awarenessMessage,
  bytesOf,
  entriesOf,
  hexOf,
  QUERY_AWARENESS,
} from "../support/yjs-wire.ts";

const ANN =
  "01 1b 01 01 01 17 7b 22 75 73 65 72 22 3a 7b 22 6e 61 6d 65 22 3a 22 41 6e 6e 22 7d 7d";
const ANN_IS_GONE = "01 08 01 01 01 04 6e 75 6c 6c";
const MANY_CLIENTS = 10;

const server = await startServer();
const signed = await startServer({ vars: { CONNECT_AUTH: "jwt", JWT_SECRET } });

async function pair(): Promise<[DocumentSocket, DocumentSocket, SharedDocument]> {
  const shared = new SharedDocument(server);
  return [await shared.open(), await shared.open(), shared];
}

const tokenOf = (sub: string, claims: Record<string, unknown> = {}) =>
  token({ sub, permissions: ["doc:write"], ...claims });

/** A socket of somebody with a token. */
function openAs(shared: SharedDocument, sub: string, claims = {}): Promise<DocumentSocket> {
  return shared.open({ token: tokenOf(sub, claims) });
}

/** The awareness that it got unread, in messages. */
async function heard(socket: DocumentSocket): Promise<unknown[][]> {
  const frames = await socket.settled();
  return frames.map((frame) => entriesOf(frame).map(({ id, clock, state }) => [id, clock, state]));
}

/** The user of whom a message says something. */
function userIn(frame: Uint8Array): Record<string, unknown> {
  const [entry] = entriesOf(frame);
  return (entry?.state?.user ?? {}) as Record<string, unknown>;
}

describe("awareness", { concurrency: true }, () => {
  test("P13.7 a state goes to the others, byte for byte, and not to its sender", async () => {
    const [ann, ben] = await pair();
    ann.send(bytesOf(ANN));
    assert.equal(hexOf(await ben.next()), ANN);
    assert.deepEqual(await ann.settled(), []);
  });

  test("P13.4 who comes is told all states, in one message after the state vector", async () => {
    const [ann, ben, shared] = await pair();
    ann.send(awarenessMessage({ id: 1, clock: 1, state: { a: 1 } }));
    ben.send(awarenessMessage({ id: 2, clock: 5, state: { b: 2 } }));
    await Promise.all([ann.next(), ben.next()]);
    const late = await shared.open();
    assert.deepEqual(await heard(late), [
      [
        [1, 1, { a: 1 }],
        [2, 5, { b: 2 }],
      ],
    ]);
  });

  test("P13.3 a query of awareness is answered", async () => {
    const [ann, ben] = await pair();
    ann.send(bytesOf(ANN));
    await ben.next();
    ben.send(QUERY_AWARENESS);
    assert.equal(hexOf(await ben.next(AWARENESS)), ANN);
  });

  test("P13.7 a client that says that it is gone is gone", async () => {
    const [ann, ben, shared] = await pair();
    ann.send(bytesOf(ANN));
    ann.send(bytesOf(ANN_IS_GONE));
    assert.deepEqual([hexOf(await ben.next()), hexOf(await ben.next())], [ANN, ANN_IS_GONE]);
    assert.deepEqual(await heard(await shared.open()), []);
  });

  for (const [how, end] of [
    ["leaves", (socket: DocumentSocket) => socket.leave()],
    ["loses its connection", async (socket: DocumentSocket) => socket.drop()],
  ] as const)
    test(`P13.7 all clients of a socket are gone when it ${how}`, async () => {
      const [ann, ben, shared] = await pair();
      ann.send(
        awarenessMessage({ id: 1, clock: 4, state: {} }, { id: 7, clock: 9, state: { x: 1 } }),
      );
      await ben.next();
      await end(ann);
      const gone = entriesOf(await ben.next(AWARENESS));
      assert.deepEqual(
        gone.map(({ id, state }) => [id, state]),
        [
          [1, null],
          [7, null],
        ],
      );
      assert.deepEqual(await heard(await shared.open()), []);
    });

  test("P13.7 what a client says of others counts for nothing", async () => {
    const [ann, ben] = await pair();
    ann.send(bytesOf(ANN));
    await ben.next();
    const lies = [
      { id: 1, clock: 9, state: { user: { name: "Mallory" } } },
      { id: 1, clock: 10, state: null },
    ];
    for (const lie of lies) ben.send(awarenessMessage(lie));
    assert.deepEqual([await ben.settled(), await ann.settled()], [[], []]);
    ben.send(awarenessMessage({ id: 1, clock: 99, state: {} }, { id: 2, clock: 1, state: {} }));
    await ben.settled();
    assert.deepEqual(await heard(ann), [[[2, 1, {}]]]);
  });

  test("P13.7 an older clock counts for nothing, a newer one goes to all", async () => {
    const [ann, ben] = await pair();
    const say = (clock: number, state: Record<string, unknown>) =>
      ann.send(awarenessMessage({ id: 1, clock, state }));
    say(5, { at: 1 });
    say(4, { at: 2 });
    say(5, { at: 3 });
    say(6, { at: 4 });
    await ann.settled();
    assert.deepEqual(await heard(ben), [[[1, 5, { at: 1 }]], [[1, 6, { at: 4 }]]]);
  });

  test("P13.7 a renewal goes to all, its sender included", async () => {
    const [ann, ben] = await pair();
    ann.send(awarenessMessage({ id: 1, clock: 1, state: { at: 1 } }));
    ann.send(awarenessMessage({ id: 1, clock: 2, state: { at: 1 } }));
    assert.deepEqual(await heard(ann), [[[1, 2, { at: 1 }]]]);
    assert.deepEqual(await heard(ben), [[[1, 1, { at: 1 }]], [[1, 2, { at: 1 }]]]);
  });

  test("P13.7 a socket has four clients at most", async () => {
    const [ann, ben] = await pair();
    const entries = [1, 2, 3, 4, 5, 6].map((id) => ({ id, clock: 1, state: {} }));
    ann.send(awarenessMessage(...entries));
    assert.deepEqual(
      entriesOf(await ben.next()).map(({ id }) => id),
      [1, 2, 3, 4],
    );
  });

  test("P13.7 a state has 1,024 bytes at most", async () => {
    const [ann, ben] = await pair();
    const long = (length: number) => ({ a: "x".repeat(length - JSON.stringify({ a: "" }).length) });
    ann.send(
      awarenessMessage(
        { id: 1, clock: 1, state: long(1_024) },
        { id: 2, clock: 1, state: long(1_025) },
      ),
    );
    assert.deepEqual(entriesOf(await ben.next()), [{ id: 1, clock: 1, state: long(1_024) }]);
  });

  test("P13.7 what is no JSON of an object counts for nothing", async () => {
    const [ann, ben] = await pair();
    for (const state of ["7b 7b 7b 7b", "22 61 61 22", "5b 31 32 5d", "ff ff ff ff", "66 61 6c 73"])
      ann.send(bytesOf(`01 08 01 01 01 04 ${state}`));
    assert.deepEqual([await ann.settled(), await ben.settled()], [[], []]);
  });

  test("P13.7 client ids have up to 53 bits", async () => {
    const [ann, ben] = await pair();
    const entry = { id: Number.MAX_SAFE_INTEGER, clock: 1, state: {} };
    ann.send(awarenessMessage(entry));
    assert.deepEqual(entriesOf(await ben.next()), [entry]);
  });

  test("P13.7 one move of one of ten is one message in and nine out, although all repeat what they hear", async () => {
    const shared = new SharedDocument(server);
    const all = await Promise.all(Array.from({ length: MANY_CLIENTS }, () => shared.open()));
    const [mover] = all as [DocumentSocket];
    const others = all.slice(1);
    mover.send(awarenessMessage({ id: 1, clock: 1, state: { at: 1 } }));
    for (const other of others) other.send(await other.next(AWARENESS));
    await Promise.all(all.map((each) => each.settled()));
    const got = all.flatMap(({ frames }) => frames.filter((frame) => frame[0] === 1));
    assert.equal(got.length, others.length);
  });
});

describe("awareness of users", { concurrency: true }, () => {
  const state = { user: { name: "Mallory", id: "admin", color: "#f00" }, cursor: 1 };

  test("P13.7 the user is who the token says, whatever the client says; its colour stays", async () => {
    const shared = new SharedDocument(signed);
    const ann = await openAs(shared, "ann", { name: "Ann", avatar: "https://a.example/ann.png" });
    const ben = await openAs(shared, "ben");
    ann.send(awarenessMessage({ id: 1, clock: 1, state }));
    const [entry] = entriesOf(await ben.next());
    const user = {
      id: "ann",
      name: "Ann",
      avatar: "https://a.example/ann.png",
      verified: true,
      color: "#f00",
    };
    assert.deepEqual(entry, { id: 1, clock: 1, state: { user, cursor: 1 } });
    const late = await openAs(shared, "cem");
    assert.deepEqual(await heard(late), [[[1, 1, { user, cursor: 1 }]]]);
  });

  test("P13.7 a state without a user gets the token's", async () => {
    const shared = new SharedDocument(signed);
    const [ann, ben] = [await openAs(shared, "ann", { name: "Ann" }), await openAs(shared, "ben")];
    ann.send(awarenessMessage({ id: 1, clock: 1, state: { cursor: 1 } }));
    const [entry] = entriesOf(await ben.next());
    assert.deepEqual(entry?.state, {
      cursor: 1,
      user: { id: "ann", name: "Ann", verified: true },
    });
  });

  for (const user of [
    null,
    "Mallory",
    ["a"],
    { id: { toString: "x" } },
    { verified: true, id: "" },
  ])
    test(`P13.7 nor does a user of ${JSON.stringify(user)} hide the token's`, async () => {
      const shared = new SharedDocument(signed);
      const [ann, ben] = [await openAs(shared, "ann"), await openAs(shared, "ben")];
      ann.send(awarenessMessage({ id: 1, clock: 1, state: { user } }));
      const { id, verified } = userIn(await ben.next());
      assert.deepEqual([id, verified], ["ann", true]);
    });

  test("P13.7 nor does a second user in the same JSON", async () => {
    const shared = new SharedDocument(signed);
    const [ann, ben] = [await openAs(shared, "ann"), await openAs(shared, "ben")];
    for (const [clock, json] of [
      '{"user":{"id":"x"},"user":{"id":"admin"}}',
      '{"us\\u0065r":{"id":"admin"}}',
      '{"user":{"i\\u0064":"admin","id":"x","id":"admin"}}',
      '{"__proto__":{"user":{"id":"admin"}}}',
    ].entries()) {
      const text = Buffer.from(json);
      const entry = Buffer.concat([Buffer.of(1, 1, clock + 1, text.length), text]);
      ann.send(Buffer.concat([Buffer.of(1, entry.length), entry]));
      assert.equal(userIn(await ben.next()).id, "ann", json);
    }
  });

  test("P13.7 a user who comes back before the old connection has ended takes the client over", async () => {
    const shared = new SharedDocument(signed);
    const ben = await openAs(shared, "ben");
    const old = await openAs(shared, "ann");
    old.send(awarenessMessage({ id: 1, clock: 1, state: { at: 1 } }));
    await ben.next(AWARENESS);
    const fresh = await openAs(shared, "ann");
    fresh.send(awarenessMessage({ id: 1, clock: 2, state: { at: 2 } }));
    assert.equal(entriesOf(await ben.next(AWARENESS))[0]?.state?.at, 2);
    await old.leave();
    assert.deepEqual(await ben.settled(), []);
    assert.equal((await heard(await openAs(shared, "cem"))).flat().length, 1);
  });

  test("P13.7 another user does not", async () => {
    const shared = new SharedDocument(signed);
    const [ann, mallory] = [await openAs(shared, "ann"), await openAs(shared, "mallory")];
    ann.send(awarenessMessage({ id: 1, clock: 1, state: { at: 1 } }));
    await mallory.next(AWARENESS);
    mallory.send(awarenessMessage({ id: 1, clock: 2, state: { at: 2 } }));
    await mallory.settled();
    assert.deepEqual(await ann.settled(), []);
  });
});
