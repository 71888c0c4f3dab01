/** What a backend sends reaches all places of a room that has grown: docs/protocol.md, P2, P3.4 and P15. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Client } from "../support/client.ts";
import { broadcasts, settle } from "../support/expect.ts";
import { posted } from "../support/posted.ts";
import { seqs } from "../support/recovery.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer, UNHURRIED } from "../support/target.ts";
import { apart, GROWING, grownRoom, type Member, PLACES } from "./places.ts";

const BURST = 40;
const { server } = await startOwnServer({ vars: { ...UNHURRIED, ...GROWING } });

/** A room with a user at each of three places. */
async function three(): Promise<{ room: Room; members: [Member, Member, Member] }> {
  const room = await grownRoom(server);
  return { room, members: (await apart(room, 3)) as [Member, Member, Member] };
}

const clients = (members: Member[]): Client[] => members.map(({ client }) => client);

describe("broadcasts into a room that has grown", {
  skip: NEEDS_OWN_RUNTIME,
  concurrency: true,
}, () => {
  test("P2.1, P15.4 events that are published at the same time have one order at all places", async () => {
    const room = await grownRoom(server);
    const members = await apart(room, PLACES);
    const types = Array.from({ length: BURST }, (_, number) => `E${number}`);
    const answers = await Promise.all(types.map((type) => room.broadcast(type)));
    await settle(room, ...clients(members));
    const bySeq = types.toSorted((a, b) => seqOf(a) - seqOf(b));
    function seqOf(type: string): number {
      return answers[types.indexOf(type)]?.seq ?? 0;
    }
    for (const { client } of members) assert.deepEqual(broadcasts(client), bySeq);
  });

  test("P2.3 every place passes the payload on byte for byte, with the same seq and timestamp", async () => {
    const { room, members } = await three();
    const payload = '{ "b" : 1.50, "a":"\\u00e9 \\u001f", "n":123456789012345678901234567890 }';
    await room.post(`{"eventType":"E","payload":${payload}}`);
    await settle(room, ...clients(members));
    const frames = clients(members).map(({ texts }) => texts.find((text) => text.includes('"E"')));
    for (const frame of frames) assert.equal(frame, frames[0]);
    assert.ok(frames[0]?.includes(`"payload":${payload}`), frames[0]);
  });

  test("P2.4, P2.9, P15.7 an excluded user gets nothing on any device, and the counts are sums over the places", async () => {
    const { room, members } = await three();
    const [ann, ben, cid] = members;
    const second = await room.user(ben.userId);
    const answer = await room.broadcast("E", { excludeUserId: ben.userId });
    assert.deepEqual([answer.recipients, answer.excluded], [2, 2]);
    await settle(room, ...clients(members), second);
    for (const { client } of [ann, cid]) assert.deepEqual(broadcasts(client), ["E"]);
    for (const client of [ben.client, second]) assert.deepEqual(broadcasts(client), []);
  });

  test("P2.4 one connection of a user can be excluded, and their other one follows", async () => {
    const { room, members } = await three();
    const { userId } = members[1];
    const other = await room.join({ userId, _pk: "other" });
    const fields = { excludeUserId: userId, excludeConnectionId: "other" };
    const answer = await room.broadcast("E", fields);
    assert.deepEqual([answer.recipients, answer.excluded], [3, 1]);
    await settle(room, ...clients(members), other);
    for (const { client } of members) assert.deepEqual(broadcasts(client), ["E"]);
    assert.deepEqual(broadcasts(other), []);
  });

  test("P2.4 excludeConnectionId alone leaves out the sockets of that name, wherever they are", async () => {
    const room = await grownRoom(server);
    const members = await apart(room, 3, (userId) => ({ userId, _pk: "same" }));
    const other = await room.join({ userId: "somebody", _pk: "other" });
    const answer = await room.broadcast("E", { excludeConnectionId: "same" });
    assert.deepEqual([answer.recipients, answer.excluded], [1, 3]);
    await settle(room, other, ...clients(members));
    assert.deepEqual(broadcasts(other), ["E"]);
    for (const { client } of members) assert.deepEqual(broadcasts(client), []);
  });

  test("P2.5 a targeted event reaches these users at their places, and nobody who is anonymous", async () => {
    const { room, members } = await three();
    const [ann, ben, cid] = members;
    const nobody = await room.join();
    const userIds = [ann.userId, cid.userId, "absent"];
    const answer = await room.broadcast("E", { userIds });
    assert.deepEqual([answer.recipients, answer.excluded], [2, 0]);
    await settle(room, ...clients(members), nobody);
    for (const { client } of [ann, cid]) assert.deepEqual(broadcasts(client), ["E"]);
    for (const client of [ben.client, nobody]) assert.deepEqual(broadcasts(client), []);
  });

  test("P2.11 a repeated publication is sent to nobody at any place", async () => {
    const { room, members } = await three();
    const first = await posted(room, { eventType: "E", id: "once" });
    const again = await posted(room, { eventType: "E", id: "once" });
    assert.equal(first.recipients, 3);
    const { recipients, excluded, seq, duplicate } = again;
    assert.deepEqual([recipients, excluded, seq, duplicate], [0, 0, first.seq, true]);
    assert.equal((await posted(room, { eventType: "OTHER", id: "once" })).status, 409);
    await settle(room, ...clients(members));
    for (const { client } of members) assert.deepEqual(broadcasts(client), ["E"]);
  });

  test("P2.12 a list has consecutive numbers, and counts for each event", async () => {
    const { room, members } = await three();
    const [ann, ben, cid] = members;
    const answer = await posted(room, {
      events: [
        { eventType: "ALL" },
        { eventType: "SOME", userIds: [ann.userId, ben.userId] },
        { eventType: "OTHERS", excludeUserIds: [ann.userId, ben.userId] },
      ],
    });
    const events = answer.events as { recipients: number; excluded: number; seq: number }[];
    assert.deepEqual(
      events.map(({ recipients, excluded }) => [recipients, excluded]),
      [
        [3, 0],
        [2, 0],
        [1, 2],
      ],
    );
    const first = events[0]?.seq ?? 0;
    assert.deepEqual(
      events.map(({ seq }) => seq - first),
      [0, 1, 2],
    );
    await settle(room, ...clients(members));
    for (const { client } of [ann, ben]) assert.deepEqual(broadcasts(client), ["ALL", "SOME"]);
    assert.deepEqual(broadcasts(cid.client), ["ALL", "OTHERS"]);
  });

  test("P2.12 of a list with a mistake no place gets anything", async () => {
    const { room, members } = await three();
    const answer = await posted(room, { events: [{ eventType: "GOOD" }, { eventType: "" }] });
    assert.equal(answer.status, 400);
    await settle(room, ...clients(members));
    for (const { client } of members) assert.deepEqual(broadcasts(client), []);
  });

  test("P7.2 an ephemeral event reaches all places, without a number", async () => {
    const { room, members } = await three();
    const answer = await room.broadcast("TYPING", { ephemeral: true });
    assert.deepEqual(["seq" in answer, answer.recipients], [false, 3]);
    for (const { client } of members) assert.equal("seq" in (await client.next("TYPING")), false);
  });

  test("P3.4 at each place a client that asked for batches gets a list in one frame, any other one by one", async () => {
    const room = await grownRoom(server);
    const members = await apart(room, 3, (userId) => ({ userId, frames: "batch" }));
    const singles = await Promise.all(members.map(({ userId }) => room.user(userId)));
    const events = Array.from({ length: 5 }, (_, number) => ({ eventType: `E${number}` }));
    await room.post({ events });
    await settle(room, ...clients(members), ...singles);
    const types = events.map(({ eventType }) => eventType);
    for (const client of [...clients(members), ...singles])
      assert.deepEqual(broadcasts(client), types);
    for (const { client } of members) assert.equal(arrays(client), 1);
    for (const client of singles) assert.equal(arrays(client), 0);
  });

  test("P7.1 the numbers that clients see rise by one, at all places alike", async () => {
    const { room, members } = await three();
    const start = (await room.broadcast("E")).seq ?? 0;
    for (let n = 0; n < 4; n += 1) await room.broadcast("E");
    await settle(room, ...clients(members));
    const expected = [0, 1, 2, 3, 4].map((n) => start + n);
    for (const { client } of members) assert.deepEqual(seqs(client, "E"), expected);
  });
});

function arrays({ texts }: Client): number {
  return texts.filter((text) => text.startsWith("[")).length;
}
