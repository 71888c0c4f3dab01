/** Many sockets and many rooms at once: docs/protocol.md, clause P2.1. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "../support/client.ts";
import { broadcasts, settle } from "../support/expect.ts";
import { NEEDS_HIGH_LIMITS, type Room, startServer } from "../support/target.ts";

const server = await startServer();

const SOCKETS = 1_000;
const USERS = 250;
const EVENTS = 30;
/** So many handshakes at once do not fill the queue of a listening socket. */
const AT_ONCE = 50;

async function crowd(room: Room): Promise<Client[]> {
  const clients: Client[] = [];
  while (clients.length < SOCKETS) {
    const batch = Array.from({ length: AT_ONCE }, (_, index) =>
      room.user(`user-${(clients.length + index) % USERS}`),
    );
    clients.push(...(await Promise.all(batch)));
  }
  return clients;
}

test("P2.1 1,000 sockets of one room get every one of 30 events, in order", {
  skip: NEEDS_HIGH_LIMITS,
}, async () => {
  const room = server.room();
  const clients = await crowd(room);
  const events = Array.from({ length: EVENTS }, (_, index) => `EVENT_${index}`);
  for (const event of events) {
    const { recipients } = await room.broadcast(event, { payload: { taskId: "t1" } });
    assert.equal(recipients, SOCKETS);
  }
  await settle(room, ...clients);
  for (const client of clients) assert.deepEqual(broadcasts(client), events);
  assert.equal((await room.state()).activeUsers, USERS);
});

test("P2.1 in 50 rooms under load no event is lost or misdelivered", async () => {
  const rooms = Array.from({ length: 50 }, () => server.room());
  const members = await Promise.all(
    rooms.map((room) => Promise.all(["ann", "ben"].map((user) => room.user(user)))),
  );
  const wave = (number: number) =>
    Promise.all(rooms.map((room) => room.broadcast(`${room.id}/${number}`)));
  for (let number = 0; number < 10; number += 1) await wave(number);
  await Promise.all(rooms.map((room, index) => settle(room, ...(members[index] ?? []))));
  for (const [index, room] of rooms.entries()) {
    const expected = Array.from({ length: 10 }, (_, number) => `${room.id}/${number}`);
    for (const member of members[index] ?? []) assert.deepEqual(broadcasts(member), expected);
  }
});
