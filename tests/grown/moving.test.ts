/** People move to another place when their room grows, and nobody notices: docs/protocol.md, P5, P12.6 and P15. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import WebSocket from "ws";
import { TALKING } from "../client-events/talk.ts";
import { CLOSE_TIMEOUT_MS, type ConnectOptions } from "../support/client.ts";
import { PartyClient } from "../support/party.ts";
import { summary } from "../support/presence.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer, UNHURRIED } from "../support/target.ts";
import { counts, GROWING, LEAF_SOCKETS, PLACES, stateIs } from "./places.ts";

const { server } = await startOwnServer({ vars: { ...UNHURRIED, ...TALKING, ...GROWING } });
const PEOPLE = LEAF_SOCKETS - 1;
/** A client is back long before its grace period is over, as in a browser. */
const RETURN = {
  minReconnectionDelay: 50,
  maxReconnectionDelay: 200,
  WebSocket: class extends WebSocket {
    constructor(url: string) {
      const options: ConnectOptions = { closeTimeout: CLOSE_TIMEOUT_MS };
      super(url, options);
    }
  },
};

/** People who are all at the same place of the product, in a room that is still small. */
async function together(room: Room): Promise<PartyClient[]> {
  const people = Array.from(
    { length: PEOPLE },
    (_, index) => new PartyClient(room, `user-${index}`, null, RETURN),
  );
  await Promise.all(people.map((person) => person.next("CONNECTED")));
  for (const [index, { socket }] of people.entries())
    socket.send(JSON.stringify({ type: "PRESENCE_SET", patch: { at: "task", n: index } }));
  const all = (person: PartyClient) =>
    new Set(person.frames.filter(({ type }) => type === "USER_UPDATED").map(userOf)).size;
  for (const person of people) while (all(person) < PEOPLE - 1) await person.next("USER_UPDATED");
  return people;
}

const userOf = ({ payload }: { payload: { userId: string } }) => payload.userId;

/** Lets anonymous clients in until the room has several places, and everybody is where they belong. */
async function grow(room: Room): Promise<void> {
  const crowd = Array.from(
    { length: (PLACES - 1) * LEAF_SOCKETS },
    () => new PartyClient(room, "", null, RETURN),
  );
  await Promise.all(crowd.map((client) => client.next("CONNECTED")));
  await stateIs(room, (state) => counts(state).length >= PLACES, `${PLACES} places`);
  await untilAtRest(room, PEOPLE + crowd.length);
}

/** Until the sockets at each place are the same over several seconds. */
async function untilAtRest(room: Room, sockets: number): Promise<void> {
  let [before, since] = ["", Date.now()];
  await stateIs(
    room,
    (state) => {
      const now = `${counts(state)}`;
      if (now !== before || state.connections !== sockets) [before, since] = [now, Date.now()];
      return Date.now() - since > 3_000;
    },
    `${sockets} sockets at rest`,
  );
}

describe("a room that grows while people are in it", { skip: NEEDS_OWN_RUNTIME }, () => {
  test("P12.6, P15.10 those who move stay present, and their data stand", async () => {
    const room = server.room();
    const people = await together(room);
    const before = await room.state();
    await grow(room);
    const after = await room.state();
    assert.ok(counts(after).filter((sockets) => sockets > 0).length > 1, `${counts(after)}`);
    assert.equal(after.activeUsers, PEOPLE);
    assert.deepEqual(
      after.users.toSorted((a, b) => a.userId.localeCompare(b.userId)),
      before.users.toSorted((a, b) => a.userId.localeCompare(b.userId)),
    );
    const moved = people.filter(({ frames }) => frames.filter(isConnected).length > 1);
    assert.ok(moved.length > 0, "nobody has moved");
    for (const { frames } of people) {
      const left = summary(frames).filter((text) => text.startsWith("USER_LEFT"));
      assert.deepEqual(left, []);
      const gone = frames.filter(
        ({ type, payload }) => type === "USER_UPDATED" && payload.data?.[0].data === null,
      );
      assert.deepEqual(gone, []);
    }
    // Each still has what they said: who changes a key is heard with all others.
    const [speaker, listener] = people as [PartyClient, PartyClient];
    speaker.socket.send('{"type":"PRESENCE_SET","patch":{"m":1}}');
    for (;;) {
      const { payload } = await listener.next("USER_UPDATED");
      if (payload.data?.[0].data.m !== 1) continue;
      assert.deepEqual(payload.data[0].data, { at: "task", m: 1, n: 0 });
      break;
    }
  });
});

const isConnected = ({ type }: { type: string }) => type === "CONNECTED";
