/** Who may be there, in a room that has grown: docs/protocol.md, P8, P9.5, P14 and P15. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import type { Client } from "../support/client.ts";
import { askToRaise, inForce, sealed, settle as settleIn } from "../support/encrypted.ts";
import { broadcasts, settle } from "../support/expect.ts";
import { received } from "../support/received.ts";
import { positionOf, returnTo } from "../support/recovery.ts";
import { NEEDS_OWN_RUNTIME, type Room, SECRET, startOwnServer } from "../support/target.ts";
import { inSeconds, JWT_SECRET, token } from "../support/token.ts";
import { apart, GROWING, grownRoom, type Member, PLACES } from "./places.ts";

const JWT = { ...GROWING, CONNECT_AUTH: "jwt", JWT_SECRET, TOKEN_GRACE_SECONDS: "0" };
const open = await startOwnServer({ vars: { ...GROWING, CLIENT_EVENTS: "on" } });
const strict = await startOwnServer({ vars: JWT });
const fragile = await startOwnServer({ vars: JWT });

const REVOKED = { code: 4100, reason: '{"code":"token_invalid","reason":"revoked"}' };

/** Those who make a room grow need tokens, too. */
const stranger = (index: number) => ({ token: token({ sub: `stranger-${index}` }) });

/** A call with the secret. It must be answered with 200. */
async function call(room: Room, method: string, path = "", body?: unknown) {
  const headers = { Authorization: `Bearer ${SECRET}` };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const response = await fetch(room.url + path, init);
  const answer = (await response.json()) as Record<string, unknown>;
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer;
}

const clients = (members: Member[]): Client[] => members.map(({ client }) => client);

/** Asserts that an event reaches these and not those, which are closed with this code. */
async function assertOnly(room: Room, there: Client[], gone: Client[], code: number) {
  const event = `AFTER_${randomUUID()}`;
  const { recipients } = await room.broadcast(event);
  assert.equal(recipients, there.length);
  for (const client of there) await client.next(event);
  for (const client of gone) {
    assert.equal((await client.close()).code, code);
    assert.ok(!broadcasts(client).includes(event));
  }
}

describe("removal from a room that has grown", {
  skip: NEEDS_OWN_RUNTIME,
  concurrency: true,
}, () => {
  test("P8.1, P15.8 closes all sockets of the user at their place, and no event after the answer reaches them", async () => {
    const room = await grownRoom(open.server);
    const members = await apart(room, PLACES);
    for (const [index, { userId, client }] of members.entries()) {
      const second = await room.user(userId);
      const { disconnected } = await call(room, "DELETE", `/users/${userId}`);
      assert.equal(disconnected, 2);
      await assertOnly(room, clients(members.slice(index + 1)), [client, second], 4003);
    }
  });

  test("P8.2 keeps the user out of their place, until they are let in again", async () => {
    const room = await grownRoom(open.server);
    for (const { userId } of await apart(room, PLACES)) {
      await call(room, "DELETE", `/users/${userId}?for=600`);
      assert.equal(await received(room.connect({ userId })), 4003);
      await call(room, "DELETE", `/users/${userId}`);
      assert.equal((await received(room.connect({ userId }))).projectId, room.id);
    }
  });

  test("P8.7, P15.8 erasing closes the sockets of all places, and everybody is told to fetch again", async () => {
    const room = await grownRoom(open.server);
    const members = await apart(room, PLACES);
    await room.broadcast("E");
    const since = await positionOf(room);
    assert.equal((await call(room, "DELETE")).disconnected, PLACES);
    for (const { client } of members) assert.equal((await client.close()).code, 4200);
    for (const { userId } of members) {
      const { connected } = await returnTo(room, userId, since);
      assert.equal(connected.recovered, false);
      assert.notEqual(connected.epoch, since.split(":")[0]);
    }
    const state = await room.state();
    assert.deepEqual([state.connections, state.activeUsers], [PLACES, PLACES]);
  });

  test("P14.2, P14.3, P15.8 the lowest key epoch holds at all places before the answer", async () => {
    const room = await grownRoom(open.server);
    const members = await apart(room, PLACES);
    assert.equal((await askToRaise(room, { minKeyEpoch: 8 })).status, 200);
    assert.equal(await inForce(room), 8);
    for (const { userId, client } of members) {
      assert.equal((await client.next("KEY_EPOCH")).payload.minKeyEpoch, 8);
      client.send({ type: "SEND", eventType: "client-old", payload: sealed(7) });
      const { code, minKeyEpoch } = (await client.next("ERROR")).payload;
      assert.deepEqual([code, minKeyEpoch], ["stale_key_epoch", 8]);
      const second = await room.join({ userId });
      assert.equal((await second.next("CONNECTED")).payload.minKeyEpoch, 8);
      await second.leave();
    }
    await settleIn(room, ...clients(members));
    for (const { client } of members)
      assert.ok(!client.frames.some(({ type }) => type === "client-old"));
  });
});

describe("tokens in a room that has grown", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  const aged = (claims: Record<string, unknown>) => token({ iat: inSeconds(-100), ...claims });
  const query = (userId: string) => ({ token: aged({ sub: userId, jti: `of ${userId}` }) });

  test("P8.4, P8.5, P15.8 a user's tokens are revoked at their place before the answer", async () => {
    const room = await grownRoom(strict.server, stranger);
    const members = await apart(room, PLACES, query);
    for (const [index, { userId, client }] of members.entries()) {
      assert.equal((await call(room, "POST", "/revoke", { userId })).disconnected, 1);
      await assertOnly(room, clients(members.slice(index + 1)), [client], REVOKED.code);
      assert.equal(await received(room.connect(query(userId))), REVOKED.code);
    }
  });

  test("P8.4, P8.5 a single token is revoked wherever it is used, and the user's other one is not", async () => {
    const room = await grownRoom(strict.server, stranger);
    const members = await apart(room, 3, query);
    const others = await Promise.all(
      members.map(({ userId }) => room.join({ token: aged({ sub: userId, jti: "other" }) })),
    );
    const tokenId = `of ${members[1]?.userId}`;
    assert.equal((await call(room, "POST", "/revoke", { tokenId })).disconnected, 1);
    const [first, second, third] = clients(members) as [Client, Client, Client];
    await assertOnly(room, [first, third, ...others], [second], REVOKED.code);
  });

  test("P8.4, P8.5 everybody's tokens are revoked at all places", async () => {
    const room = await grownRoom(strict.server, stranger);
    const members = await apart(room, PLACES, query);
    const issuedBefore = Date.now() - 50_000;
    assert.equal((await call(room, "POST", "/revoke", { issuedBefore })).disconnected, PLACES);
    await assertOnly(room, [], clients(members), REVOKED.code);
    for (const { userId } of members) {
      assert.equal(await received(room.connect(query(userId))), REVOKED.code);
      const fresh = { token: token({ sub: userId, iat: inSeconds(0) }) };
      assert.equal((await received(room.connect(fresh))).projectId, room.id);
    }
  });

  test("P9.5 at every place a fresh token takes the place of one that ends, and one that ends closes", async () => {
    const room = await grownRoom(strict.server, stranger);
    const exp = inSeconds(12);
    const members = await apart(room, PLACES, (userId) => ({ token: token({ sub: userId, exp }) }));
    for (const { userId, client } of members.slice(1)) {
      client.send({ type: "AUTH", token: token({ sub: "another" }) });
      const { code, reason } = (await client.next("ERROR")).payload;
      assert.deepEqual([code, reason], ["not_allowed", "user"]);
      client.send({ type: "AUTH", token: token({ sub: userId }) });
      await client.next("AUTH_OK");
    }
    const ends = members.map(({ userId }) => room.connect({ token: token({ sub: userId, exp }) }));
    for (const client of [members[0]?.client, ...ends])
      assert.equal((await client?.close())?.code, 4101);
    await settle(room, ...clients(members.slice(1)));
  });

  test("P8.2, P8.5 what was taken back stays so at every place after a crash", async () => {
    const { server, runtime } = fragile;
    const room = await grownRoom(server, stranger);
    const members = await apart(room, PLACES, query);
    const [removed, ...revoked] = members as [Member, ...Member[]];
    await call(room, "DELETE", `/users/${removed.userId}?for=600`);
    for (const { userId } of revoked) await call(room, "POST", "/revoke", { userId });
    await runtime.kill();
    await runtime.run();
    assert.equal(await received(room.connect(query(removed.userId))), 4003);
    for (const { userId } of revoked)
      assert.equal(await received(room.connect(query(userId))), REVOKED.code);
  });
});
