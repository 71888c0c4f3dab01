/** The npm client `partysocket`, unmodified and used as the product uses it. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, test } from "node:test";
import WebSocket from "ws";
import { broadcasts, count, settle } from "../support/expect.ts";
import { PartyClient } from "../support/party.ts";
import { type Room, startServer } from "../support/target.ts";

const server = await startServer();
const PING = JSON.stringify({ type: "PING" });

/** A client that has read `CONNECTED`. */
async function partyIn(room: Room, userId: string, userName?: string): Promise<PartyClient> {
  const party = new PartyClient(room, userId, userName);
  await party.next("CONNECTED");
  return party;
}

test("P3.2 its first frame is CONNECTED, with its own id and its names", async () => {
  const room = server.room();
  const party = new PartyClient(room, "ann 1+1", "Ann Lee & Söhne 😀 %41");
  const { type, payload } = await party.next();
  assert.equal(type, "CONNECTED");
  assert.equal(payload.connectionId, party.socket.id);
  const [{ userId, userName }] = payload.users;
  assert.deepEqual({ userId, userName }, { userId: "ann 1+1", userName: "Ann Lee & Söhne 😀 %41" });
});

test("P4.3 a user without a name works with it too", async () => {
  const room = server.room();
  await partyIn(room, "ann");
  assert.equal((await room.state()).users[0]?.userName, null);
});

test("P2.1 it gets a broadcast as type, payload and timestamp", async () => {
  const room = server.room();
  const party = await partyIn(room, "ann");
  await room.broadcast("TASK_UPDATED", { payload: { taskId: "t1" } });
  const { timestamp, ...event } = await party.next("TASK_UPDATED");
  assert.deepEqual(event, { type: "TASK_UPDATED", payload: { taskId: "t1" }, seq: 1 });
  assert.equal(typeof timestamp, "number");
});

test("P2.4 it gets nothing of what its user did", async () => {
  const room = server.room();
  const [ann, ben] = await Promise.all([partyIn(room, "ann"), partyIn(room, "ben")]);
  await room.broadcast("TASK_UPDATED", { excludeUserId: "ann" });
  await ben.next("TASK_UPDATED");
  await settle(room, ann);
  assert.deepEqual(broadcasts(ann), []);
});

test("P3.3 it is told who joins and leaves", async () => {
  const room = server.room();
  const ann = await partyIn(room, "ann");
  const ben = await partyIn(room, "ben", "Ben");
  const who = { userId: "ben", userName: "Ben", projectId: room.id };
  const { joinedAt, verified, ...joined } = (await ann.next("USER_JOINED")).payload;
  assert.deepEqual(joined, who);
  ben.socket.close();
  assert.deepEqual((await ann.next("USER_LEFT")).payload, who);
});

test("P4.7 its ping is answered", async () => {
  const party = await partyIn(server.room(), "ann");
  party.socket.send(PING);
  assert.deepEqual(await party.next(), { type: "PONG", payload: {} });
});

test("P4.10 messages queued before it was connected are answered", async () => {
  const party = new PartyClient(server.room(), "ann");
  party.socket.send(PING);
  assert.equal(party.socket.send(PING), false, "it was connected at once");
  assert.equal((await party.next()).type, "CONNECTED");
  for (let answered = 0; answered < 2; answered += 1)
    assert.equal((await party.next()).type, "PONG");
});

test("P4.8 an event that it sends is refused, and it stays connected", async () => {
  const party = await partyIn(server.room(), "ann");
  party.socket.send(JSON.stringify({ type: "TASK_UPDATED", payload: {} }));
  assert.equal((await party.next()).payload.code, "client_events_disabled");
  party.socket.send(PING);
  assert.equal((await party.next()).type, "PONG");
});

test("P1.1 it can ask for a path below the room", async () => {
  const room = server.room();
  const party = new PartyClient(room, "ann", null, { path: "any/thing" });
  assert.equal((await party.next("CONNECTED")).payload.projectId, room.id);
});

/** A transport on which a Close is slow: it leaves when `release` is called. */
function slowToClose() {
  const held: (() => void)[] = [];
  class SlowWebSocket extends WebSocket {
    override close(code?: number, reason?: string): void {
      held.push(() => super.close(code, reason));
      after(() => this.terminate());
    }
  }
  return { SlowWebSocket, release: () => held.splice(0).forEach((close) => void close()) };
}

/** A user whose partysocket has returned before its old socket has ended. */
async function overlapping() {
  const room = server.room();
  const witness = await partyIn(room, "ben");
  const { SlowWebSocket, release } = slowToClose();
  const party = new PartyClient(room, "ann", "Ann", { WebSocket: SlowWebSocket });
  const first = await party.next("CONNECTED");
  await witness.next("USER_JOINED");
  party.socket.reconnect();
  const second = await party.next("CONNECTED");
  assert.equal(second.payload.connectionId, first.payload.connectionId);
  return { room, witness, party, second, release };
}

/** Lets the old socket end, and waits until the room knows. */
async function endOld(room: Room, witness: PartyClient, release: () => void): Promise<void> {
  release();
  while ((await room.state()).connections > 2) await settle(room, witness);
}

test("P4.2 it returns before its old socket has ended, and both are in the room", async () => {
  const { room, second } = await overlapping();
  assert.deepEqual([second.payload.connections, second.payload.activeUsers], [3, 2]);
  const ann = (await room.state()).users.find(({ userId }) => userId === "ann");
  assert.equal(ann?.devices, 1);
});

test("P4.2 while old and new overlap, the newest gets each event once", async () => {
  const { room, party } = await overlapping();
  await room.broadcast("E");
  await settle(room, party);
  assert.deepEqual(broadcasts(party), ["E"]);
});

test("P4.2 the late end of the old socket does not take it out of the room", async () => {
  const { room, witness, party, release } = await overlapping();
  await endOld(room, witness, release);
  const { users } = await room.state();
  assert.deepEqual(users.map(({ userId }) => userId).sort(), ["ann", "ben"]);
  assert.equal((await room.broadcast("E")).recipients, 2);
  await party.next("E");
});

test("P5.1 neither the overlap nor its end is announced", async () => {
  const { room, witness, release } = await overlapping();
  await endOld(room, witness, release);
  await settle(room, witness);
  assert.deepEqual([count(witness, "USER_JOINED"), count(witness, "USER_LEFT")], [1, 0]);
});

test("P2.1 after a reconnect it gets events again", async () => {
  const room = server.room();
  const party = await partyIn(room, "ann");
  party.socket.reconnect();
  await party.next("CONNECTED");
  await room.broadcast("E");
  await party.next("E");
});

/** A partysocket that sends its position, as README.md shows, and how often it had to fetch everything again. */
function following(room: Room, from?: string): { party: PartyClient; fetches: () => number } {
  let position = from;
  let fetches = 0;
  const query = () => ({ userId: "ann", since: position });
  const party = new PartyClient(room, "ann", null, { query });
  party.socket.addEventListener("message", (message) => {
    const { type, payload, seq } = JSON.parse(message.data);
    if (type === "CONNECTED" && !payload.recovered) {
      position = payload.epoch && `${payload.epoch}:${payload.seq}`;
      fetches += 1;
    }
    if (seq && position) position = `${position.split(":")[0]}:${seq}`;
  });
  return { party, fetches: () => fetches };
}

test("P7.4 with a query function it gets what it missed while it was away", async () => {
  const room = server.room();
  const { party, fetches } = following(room);
  await party.next("CONNECTED");
  await room.broadcast("SEEN");
  await party.next("SEEN");
  party.socket.close();
  while ((await room.state()).connections > 0);
  await room.broadcast("MISSED");
  party.socket.reconnect();
  assert.equal((await party.next("CONNECTED")).payload.recovered, true);
  await settle(room, party);
  assert.deepEqual([broadcasts(party), fetches()], [["SEEN", "MISSED"], 1]);
});

test("P7.4 from the position of a server-rendered page it continues without a gap", async () => {
  const room = server.room();
  await room.broadcast("IN_THE_PAGE");
  const { epoch, seq } = await room.state();
  await room.broadcast("SINCE_THEN");
  const { party, fetches } = following(room, `${epoch}:${seq}`);
  await settle(room, party);
  assert.deepEqual([broadcasts(party), fetches()], [["SINCE_THEN"], 0]);
});

test("P6.1 it sees the close code of a refusal", async () => {
  const options = { maxRetries: 0 };
  const { socket } = new PartyClient(server.room(), "x".repeat(129), null, options);
  const [{ code }] = (await once(socket, "close")) as [CloseEvent];
  assert.equal(code, 4000);
});
