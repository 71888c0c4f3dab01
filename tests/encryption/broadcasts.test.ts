/** Broadcasts into an encrypted project: docs/protocol.md, P14.1, P14.4 and P14.6. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inForce, raise, sealed, settle } from "../support/encrypted.ts";
import { assertRefused, broadcasts } from "../support/expect.ts";
import { returnTo } from "../support/recovery.ts";
import { type Room, SECRET, startServer } from "../support/target.ts";
import { JWT_SECRET, token } from "../support/token.ts";

const server = await startServer({ vars: { JWT_SECRET } });

const STALE = [409, "stale_key_epoch", { minKeyEpoch: 8 }] as const;
const NOT_ENCRYPTED = [409, "not_encrypted", { minKeyEpoch: 8 }] as const;

const event = (payload: unknown, more: Record<string, unknown> = {}) => ({
  eventType: "E",
  payload,
  ...more,
});

async function encrypted(): Promise<Room> {
  const room = server.room();
  await raise(room, 8);
  return room;
}

describe("an encrypted project", { concurrency: true }, () => {
  test("P14.4 takes what is encrypted under the lowest key or a newer one, byte for byte", async () => {
    const room = await encrypted();
    const ann = await room.user("ann");
    for (const epoch of [8, 9]) {
      await room.broadcast("E", { payload: sealed(epoch) });
      assert.deepEqual((await ann.next("E")).payload, sealed(epoch));
    }
  });

  test("P14.4 refuses what is under an older key, kept or not", async () => {
    const room = await encrypted();
    const ann = await room.user("ann");
    await assertRefused(await room.post(event(sealed(7))), ...STALE);
    await assertRefused(await room.post(event(sealed(7), { ephemeral: true })), ...STALE);
    await settle(room, ann);
    assert.deepEqual(broadcasts(ann), []);
  });

  test("P14.1 refuses whatever does not begin exactly as something encrypted", async () => {
    const room = await encrypted();
    const right = JSON.stringify(sealed(8));
    for (const payload of [
      "null",
      "{}",
      `[${right}]`,
      right.replace("{", "{ "),
      right.replace(":8", ": 8"),
      right.replace(":8", ":8.0"),
      right.replace(":8", ":0"),
      right.replace(":8", ":4294967296"),
      right.replace('"e2e":1', '"e2e":2'),
      right.replace('"e2e"', '"x":0,"e2e"'),
      right.replace("oK", "o+"),
      right.replace("oK", ""),
    ]) {
      const body = `{"eventType":"E","payload":${payload}}`;
      await assertRefused(await room.post(body), ...NOT_ENCRYPTED);
    }
    await assertRefused(await room.post({ eventType: "E" }), ...NOT_ENCRYPTED);
  });

  test("P14.4 takes an unencrypted event that says so, and does not pass that on", async () => {
    const room = await encrypted();
    const ann = await room.user("ann");
    await room.broadcast("E", { payload: { taskId: "t1" }, plaintext: true });
    const { timestamp, seq, ...frame } = await ann.next("E");
    assert.deepEqual(frame, { type: "E", payload: { taskId: "t1" } });
    const refused = await room.post(event({}, { plaintext: "yes" }));
    await assertRefused(refused, 400, "invalid_field");
  });

  test("P14.4 takes a list whole or not at all, and names the event that is wrong", async () => {
    const room = await encrypted();
    const ann = await room.user("ann");
    const good = [event(sealed(8)), event({}, { plaintext: true })];
    for (const [wrong, code] of [
      [event(sealed(7)), "stale_key_epoch"],
      [event({}), "not_encrypted"],
    ] as const) {
      const response = await room.post({ events: [...good, wrong] });
      const answer = (await response.json()) as Record<string, unknown>;
      assert.deepEqual([response.status, answer.code, answer.minKeyEpoch], [409, code, 8]);
      assert.match(String(answer.error), /^events\[2\]: /);
    }
    assert.equal((await room.post({ events: good })).status, 200);
    await settle(room, ann);
    assert.deepEqual(broadcasts(ann), ["E", "E"]);
  });

  test("P14.4 does not hold back the other projects of a broadcast to many", async () => {
    const [one, other] = [await encrypted(), server.room()];
    const response = await fetch(`${server.url}/parties/main`, {
      method: "POST",
      headers: { Authorization: `Bearer ${SECRET}` },
      body: JSON.stringify(event(sealed(7), { projectIds: [one.id, other.id] })),
    });
    const { results } = (await response.json()) as { results: Record<string, unknown>[] };
    const [refused, sent] = results;
    assert.deepEqual(
      [refused?.status, refused?.code, refused?.minKeyEpoch],
      [409, "stale_key_epoch", 8],
    );
    assert.deepEqual([sent?.status, sent?.seq], [200, 1]);
  });

  test("P14.4 is as strict with a token as with the secret", async () => {
    const room = await encrypted();
    const headers = { Authorization: `Bearer ${token({ permissions: ["publish"] })}` };
    await assertRefused(await room.post(event(sealed(7)), headers), ...STALE);
    await assertRefused(await room.post(event({}), headers), ...NOT_ENCRYPTED);
    assert.equal((await room.post(event(sealed(8)), headers)).status, 200);
  });

  test("P14.4 knows a repeat of what it took before its floor went up", async () => {
    const room = server.room();
    const ann = await room.user("ann");
    const { seq } = await room.broadcast("E", { payload: sealed(7), id: "once" });
    await raise(room, 8);
    const again = await room.broadcast("E", { payload: sealed(7), id: "once" });
    assert.deepEqual([again.duplicate, again.seq], [true, seq]);
    await settle(room, ann);
    assert.deepEqual(broadcasts(ann), ["E"]);
  });

  test("P14.4 lets what it refused be sent anew with the same id", async () => {
    const room = await encrypted();
    await assertRefused(await room.post(event(sealed(7), { id: "k" })), ...STALE);
    const anew = await room.broadcast("E", { payload: sealed(8), id: "k" });
    assert.equal(anew.duplicate, undefined);
    const headers = { "Idempotency-Key": "k2" };
    await assertRefused(await room.post(event(sealed(7)), headers), ...STALE);
    assert.equal((await room.post(event(sealed(8)), headers)).status, 200);
  });

  test("P14.6 replays what it took before as it was", async () => {
    const room = server.room();
    const { epoch } = await room.state();
    await room.broadcast("PLAIN", { payload: { taskId: "t1" } });
    await room.broadcast("OLD", { payload: sealed(7) });
    await raise(room, 8);
    const { client, connected } = await returnTo(room, "ann", `${epoch}:0`);
    assert.equal(connected.recovered, true);
    assert.deepEqual((await client.next("PLAIN")).payload, { taskId: "t1" });
    assert.deepEqual((await client.next("OLD")).payload, sealed(7));
  });

  test("P14.1 without a floor, nothing of a payload is read", async () => {
    const room = server.room();
    for (const payload of [sealed(1), { e2e: 1, k: 0 }, "x"])
      await room.broadcast("E", { payload });
    assert.equal(await inForce(room), undefined);
  });

  test("P2.2 KEY_EPOCH is the server's own", async () => {
    const refused = await server.room().post({ eventType: "KEY_EPOCH" });
    await assertRefused(refused, 400, "reserved_event_type");
  });
});
