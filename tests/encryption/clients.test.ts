/** What clients say in an encrypted project: docs/protocol.md, P14.5 and P14.6. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { done, sends, settled, TALKING, typesHeard } from "../client-events/talk.ts";
import type { Client } from "../support/client.ts";
import { NONCE, raise, sealed } from "../support/encrypted.ts";
import { idle } from "../support/hibernation.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";

const { server } = await startOwnServer({ vars: TALKING });
const { server: strict } = await startOwnServer({
  vars: { ...TALKING, CLIENT_MESSAGE_BURST: "5", CLIENT_MESSAGES_PER_SECOND: "1" },
});

const sets = (patch: Record<string, unknown>) => ({ type: "PRESENCE_SET", patch });
const data = (epoch: number, c = "x") => ({ ...sealed(epoch), c, at: null });

/** What the errors say that a client has got so far, but for people. */
const errors = ({ frames }: Client) =>
  frames.flatMap(({ type, payload: { message, ...rest } }) => (type === "ERROR" ? [rest] : []));

async function encrypted(): Promise<{ room: Room; ann: Client; ben: Client }> {
  const room = server.room();
  const [ann, ben] = [await room.user("ann"), await room.user("ben")];
  await raise(room, 8);
  return { room, ann, ben };
}

/** What is in the presence data of a user's first connection, for one who comes now. */
async function said(room: Room, userId: string): Promise<unknown> {
  const { payload } = await (await room.join()).next("CONNECTED");
  const user = payload.users.find((user: { userId: string }) => user.userId === userId);
  return user.data?.[0].data;
}

describe("in an encrypted project", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  test("P14.5 an event under the lowest key or a newer one is passed on", async () => {
    const { ann, ben } = await encrypted();
    for (const epoch of [8, 9]) {
      ann.send(sends("client-x", { payload: sealed(epoch) }));
      assert.deepEqual((await ben.next("client-x")).payload, sealed(epoch));
    }
  });

  test("P14.5 an event under an older key comes back with its nonce, and nobody hears it", async () => {
    const { ann, ben } = await encrypted();
    const nonces = [NONCE, "AAAAAAAAAAAAAAA-"];
    for (const nonce of nonces) ann.send(sends("client-x", { payload: sealed(7, nonce) }));
    await settled(ann, ben);
    const expected = nonces.map((nonce) => ({ code: "stale_key_epoch", minKeyEpoch: 8, nonce }));
    assert.deepEqual([errors(ann), typesHeard(ben)], [expected, []]);
  });

  test("P14.5 an unencrypted event is refused", async () => {
    const { ann, ben } = await encrypted();
    ann.send(sends("client-x", { payload: { on: true } }));
    ann.send(sends("client-x"));
    await settled(ann, ben);
    const refused = { code: "not_encrypted", minKeyEpoch: 8 };
    assert.deepEqual([errors(ann), typesHeard(ben)], [[refused, refused], []]);
  });

  test("P14.5 of a list each message is judged on its own", async () => {
    const { ann, ben } = await encrypted();
    ann.send([
      sends("client-a", { payload: sealed(8) }),
      sends("client-b", { payload: sealed(7) }),
      sends("client-c"),
      sets(data(7)),
      sends("client-d", { payload: sealed(9) }),
    ]);
    const refusals = await settled(ann, ben);
    assert.deepEqual(refusals, ["stale_key_epoch", "not_encrypted", "stale_key_epoch"]);
    assert.deepEqual(typesHeard(ben), ["client-a", "client-d"]);
  });

  test("P14.5 presence data under an older key or none change nothing", async () => {
    const { room, ann } = await encrypted();
    ann.send(sets(data(8)));
    for (const patch of [data(7, "y"), { at: "task:t1" }, { ...data(8, "y"), name: "Ann" }])
      ann.send(sets(patch));
    const refusals = await done(ann);
    assert.deepEqual(refusals, ["stale_key_epoch", "not_encrypted", "not_encrypted"]);
    assert.ok(errors(ann).every(({ minKeyEpoch }) => minKeyEpoch === 8));
    const { at, ...expected } = data(8);
    assert.deepEqual(await said(room, "ann"), expected);
  });

  test("P14.6 presence data from before stand until they are replaced, and then as a whole", async () => {
    const room = server.room();
    const ann = await room.user("ann");
    ann.send(sets({ at: "task:t1", name: "Ann" }));
    await done(ann);
    await raise(room, 8);
    assert.deepEqual(await said(room, "ann"), { at: "task:t1", name: "Ann" });
    ann.send(sets({ ...data(8), at: "place" }));
    await done(ann);
    assert.deepEqual(await said(room, "ann"), { ...data(8), at: "place" });
  });

  test("P14.5 the message that wakes the room is judged, too", async () => {
    const { ann, ben } = await encrypted();
    await idle();
    ann.send(sends("client-x", { payload: sealed(7) }));
    ann.send(sets(data(7)));
    const refusals = await settled(ann, ben);
    assert.deepEqual(refusals, ["stale_key_epoch", "stale_key_epoch"]);
    assert.deepEqual(typesHeard(ben), []);
  });

  test("P14.5 a refused message counts towards the limit of its socket", async () => {
    const room = strict.room();
    const ann = await room.user("ann");
    await raise(room, 8);
    for (let sent = 0; sent < 6; sent++) ann.send(sends("client-x", { payload: sealed(7) }));
    const codes = [];
    for (let sent = 0; sent < 6; sent++) codes.push((await ann.next("ERROR")).payload.code);
    assert.deepEqual(codes, [...Array(5).fill("stale_key_epoch"), "rate_limited"]);
  });

  test("P14.1 without a floor nothing is read, and patches are merged as ever", async () => {
    const room = server.room();
    const [ann, ben] = [await room.user("ann"), await room.user("ben")];
    ann.send(sends("client-x", { payload: sealed(1) }));
    ann.send(sets({ at: "task:t1" }));
    ann.send(sets({ ...sealed(1) }));
    assert.deepEqual(await settled(ann, ben), []);
    assert.deepEqual(await said(room, "ann"), { ...sealed(1), at: "task:t1" });
  });
});
