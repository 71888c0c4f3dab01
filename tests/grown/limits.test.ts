/** Limits of a user and of a room that has grown: docs/protocol.md, P10 and P15. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settle } from "../support/expect.ts";
import { posted } from "../support/posted.ts";
import { received } from "../support/received.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";
import { apart, GROWING, grownRoom, LEAF_SOCKETS, PLACES, stateIs } from "./places.ts";

const MOST = PLACES * LEAF_SOCKETS - 2;
const vars = {
  ...GROWING,
  USER_SOCKETS_MAX: "2",
  ROOM_SOCKETS_MAX: `${MOST}`,
  CLIENT_EVENTS: "on",
  CLIENT_MESSAGES_PER_SECOND: "1",
  CLIENT_MESSAGE_BURST: "5",
};
const { server } = await startOwnServer({ vars });
const limit = (name: string) => ({
  code: 4201,
  reason: JSON.stringify({ code: "connection_limit", retryAfterMs: 10_000, limit: name }),
});

describe("limits in a room that has grown", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  test("P10.4 a socket over the user's limit is closed at every place, and the others stay", async () => {
    const room = await grownRoom(server);
    for (const { userId, client } of await apart(room, PLACES)) {
      const second = await room.user(userId);
      assert.deepEqual(await room.connect({ userId }).close(), limit("userSockets"));
      await settle(room, client, second);
      await second.leave();
      const third = await room.user(userId);
      await third.leave();
    }
  });

  test("P10.4 a device that comes again replaces its own socket", async () => {
    const room = await grownRoom(server);
    for (const { userId } of await apart(room, 3)) {
      const old = await room.join({ userId, _pk: "device" });
      await old.next("CONNECTED");
      const fresh = await room.join({ userId, _pk: "device" });
      assert.equal((await old.close()).code, 4010);
      await settle(room, fresh);
    }
  });

  test("P10.4, P15.9 a socket over the limit of the room is closed at every place, until one leaves", async () => {
    const room = await grownRoom(server);
    const members = await apart(room, PLACES);
    const crowd = Array.from({ length: MOST - PLACES }, () => room.join());
    const [one] = await Promise.all(crowd);
    await stateIs(room, ({ connections }) => connections === MOST, `${MOST} sockets`);
    await settle(room, ...members.map(({ client }) => client));
    for (const { userId } of members)
      assert.deepEqual(await room.connect({ userId }).close(), limit("roomSockets"));
    await one?.leave();
    await stateIs(room, ({ connections }) => connections === MOST - 1, "one less");
    await settle(room, ...members.map(({ client }) => client));
    assert.equal((await received(room.connect())).projectId, room.id);
  });

  test("P10.3 the messages of a socket are limited at every place", async () => {
    const room = await grownRoom(server);
    for (const { client } of await apart(room, 3)) {
      for (let n = 0; n < 6; n += 1) client.send({ type: "SEND", eventType: "client-x" });
      const { code, limit } = (await client.next("ERROR")).payload;
      assert.deepEqual([code, limit], ["rate_limited", "clientMessagesPerSecond"]);
    }
  });

  test("P10.2, P15.9 the events of all backends together are limited as in any room", async () => {
    const { server } = await startOwnServer({
      vars: { ...GROWING, PUBLISHES_PER_SECOND: "1", PUBLISH_BURST: "5" },
    });
    const room = await grownRoom(server);
    const [member] = await apart(room, 1);
    const answers = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(() => posted(room, { eventType: "E" })),
    );
    const statuses = answers.map(({ status }) => status as number);
    assert.deepEqual(statuses.toSorted(), [200, 200, 200, 200, 200, 429]);
    for (let n = 0; n < 5; n += 1) await member?.client.next("E");
  });
});
