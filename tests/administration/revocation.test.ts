/** Tokens are taken back before they end: docs/protocol.md, P8.4 to P8.6. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Client } from "../support/client.ts";
import { assertRefused, broadcasts, pageOf, settle } from "../support/expect.ts";
import { idle } from "../support/hibernation.ts";
import { NEEDS_OWN_RUNTIME, type Room, SECRET, startOwnServer } from "../support/target.ts";
import { inSeconds, JWT_SECRET, token } from "../support/token.ts";

const vars = { CONNECT_AUTH: undefined, JWT_SECRET };
const { server } = await startOwnServer({ vars });
const REVOKED = { code: 4100, reason: '{"code":"token_invalid","reason":"revoked"}' };

function revoke(room: Room, which: unknown, secret = SECRET): Promise<Response> {
  return fetch(`${room.url}/revoke`, {
    method: "POST",
    headers: { Authorization: `Bearer ${secret}` },
    body: typeof which === "string" ? which : JSON.stringify(which),
  });
}

/** A token that was issued some seconds ago. */
const aged = (claims: Record<string, unknown> = {}, seconds = 2) =>
  token({ iat: inSeconds(-seconds), ...claims });

async function comeIn(room: Room, text: string): Promise<Client> {
  const client = await room.join({ token: text });
  await client.next("CONNECTED");
  return client;
}

/** The code that a client is closed with which comes now. */
const refusal = async (room: Room, text: string) =>
  (await room.connect({ token: text }).closed).code;

/** An event reaches exactly the clients that may still listen. */
async function assertHearNothing(
  room: Room,
  revoked: Client[],
  listening: Client[],
): Promise<void> {
  const { recipients } = await room.broadcast("AFTER");
  assert.equal(recipients, listening.length);
  for (const client of listening) await client.next("AFTER");
  for (const client of revoked) {
    assert.deepEqual(await client.close(), REVOKED);
    assert.ok(!broadcasts(client).includes("AFTER"));
  }
}

// Most of them wait for a Close, so they do it together.
describe("tokens that are revoked", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  test("P8.5 by user: no event after the answer reaches any of the user's sockets", async () => {
    const room = server.room();
    const anns = [await comeIn(room, aged()), await comeIn(room, aged({ jti: "phone" }))];
    const ben = await comeIn(room, aged({ sub: "ben" }));
    const response = await revoke(room, { userId: "ann" });
    const answer = { success: true, message: "Tokens revoked", disconnected: 2 };
    assert.deepEqual([response.status, await response.json()], [200, answer]);
    await assertHearNothing(room, anns, [ben]);
  });

  test("P8.5 by token id: the user's other devices stay", async () => {
    const room = server.room();
    const phone = await comeIn(room, aged({ jti: "phone" }));
    const laptop = await comeIn(room, aged({ jti: "laptop" }));
    await revoke(room, { tokenId: "phone" });
    await assertHearNothing(room, [phone], [laptop]);
  });

  test("P8.5 by time: everything issued before it", async () => {
    const room = server.room();
    const old = [await comeIn(room, aged()), await comeIn(room, aged({ sub: "ben" }))];
    const issuedBefore = inSeconds(-1) * 1_000;
    const fresh = await comeIn(room, aged({ sub: "eve" }, 0));
    await revoke(room, { issuedBefore });
    await assertHearNothing(room, old, [fresh]);
  });

  test("P8.5 the token is no longer accepted, and a fresh one is", async () => {
    const room = server.room();
    const text = aged();
    await revoke(room, { userId: "ann", issuedBefore: inSeconds(-1) * 1_000 });
    assert.equal(await refusal(room, text), 4100);
    await comeIn(room, aged({}, 0));
    await comeIn(server.room(), text);
  });

  test("P8.5 a revoked token can't keep a socket open", async () => {
    const room = server.room();
    const ann = await comeIn(room, aged({}, 0));
    await revoke(room, { tokenId: "stolen" });
    ann.send({ type: "AUTH", token: aged({ jti: "stolen" }, 0) });
    assert.equal((await ann.next("ERROR")).payload.code, "token_invalid");
    await settle(room, ann);
  });

  test("P8.5 a token for publishing is no longer accepted either, with a key and without", async () => {
    const room = server.room();
    const Authorization = `Bearer ${aged({ permissions: ["publish"], jti: "partner" })}`;
    const event = { eventType: "E" };
    assert.equal((await room.post(event, { Authorization })).status, 200);
    await revoke(room, { tokenId: "partner" });
    for (const key of [{}, { "Idempotency-Key": "k" }])
      await assertRefused(await room.post(event, { Authorization, ...key }), 401, "unauthorized", {
        reason: "revoked",
      });
  });

  test("P8.5 a room that slept remembers", async () => {
    const [room, text] = [server.room(), aged()];
    const ann = await comeIn(room, text);
    await revoke(room, { userId: "ann" });
    await ann.closed;
    await idle();
    assert.equal(await refusal(room, text), 4100);
  });

  test("P8.4 a request that does not say which tokens is refused, with what to do", async () => {
    const room = server.room();
    const error =
      "Send userId, tokenId or issuedBefore. userId and issuedBefore can be combined; tokenId can't";
    const refused = await revoke(room, {});
    const code = "invalid_field";
    assert.deepEqual(await refused.json(), { success: false, code, error, docs: pageOf(code) });
    await assertRefused(await revoke(room, { issuedBefore: inSeconds(0) }), 400, "invalid_field");
    await assertRefused(await revoke(room, "[]"), 400, "invalid_json");
    await assertRefused(await revoke(room, "x".repeat(5_000)), 413, "payload_too_large");
  });

  test("P8.4 it needs the secret, and a token is not enough", async () => {
    const room = server.room();
    const ann = await comeIn(room, aged());
    for (const secret of ["wrong", aged({ permissions: ["publish"] })])
      await assertRefused(await revoke(room, { userId: "ann" }, secret), 401, "unauthorized");
    await settle(room, ann);
  });

  test("P1.5 another method is refused with the one to use", async () => {
    const response = await fetch(`${server.room().url}/revoke`);
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("Allow"), "POST, OPTIONS");
  });

  test("P8.5 it survives a crash", async () => {
    const { server: crashing, runtime } = await startOwnServer({ vars });
    const [room, text] = [crashing.room(), aged()];
    await revoke(room, { userId: "ann" });
    await runtime.kill();
    await runtime.run();
    assert.equal(await refusal(room, text), 4100);
    await comeIn(room, aged({ sub: "ben" }));
  });
});
