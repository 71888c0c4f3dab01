/** Nothing is missed by who returns: docs/protocol.md, P7.1 to P7.5. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Client } from "../support/client.ts";
import { settle } from "../support/expect.ts";
import { idle } from "../support/hibernation.ts";
import { positionOf, returnTo, seqs } from "../support/recovery.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer, startServer } from "../support/target.ts";

const server = await startServer();

/** A room with three events, and where a client stood before the first and after each. */
async function roomWithEvents(): Promise<{ room: Room; positions: string[] }> {
  const room = server.room();
  const positions = [await positionOf(room)];
  for (const n of [1, 2, 3]) {
    await room.broadcast("E", { payload: { n } });
    positions.push(await positionOf(room));
  }
  return { room, positions };
}

test("P7.1 events are numbered 1, 2, 3 in their frames and in the answers", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  const answers = [];
  for (let n = 0; n < 3; n += 1) answers.push((await room.broadcast("E")).seq);
  await settle(room, ann);
  assert.deepEqual(
    [answers, seqs(ann, "E")],
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
  );
});

test("P7.1 each room has its own numbers and its own epoch", async () => {
  const [one, other] = [server.room(), server.room()];
  assert.equal((await one.broadcast("E")).seq, 1);
  assert.equal((await other.broadcast("E")).seq, 1);
  assert.notEqual((await one.state()).epoch, (await other.state()).epoch);
});

test("P7.1 an idle room has the same epoch and seq in CONNECTED and in the state", async () => {
  const room = server.room();
  const { payload } = await (await room.join()).next("CONNECTED");
  const { epoch, seq, oldestSeq } = await room.state();
  assert.deepEqual([payload.epoch, payload.seq, oldestSeq], [epoch, seq, null]);
});

test("P7.2 an ephemeral event is delivered without a number, and is not kept", async () => {
  const room = server.room();
  const [ann, before] = [await room.user("ann"), await positionOf(room)];
  const answer = await room.broadcast("TYPING", { ephemeral: true });
  assert.deepEqual(["seq" in answer, answer.recipients], [false, 1]);
  assert.equal("seq" in (await ann.next("TYPING")), false);
  assert.equal(await positionOf(room), before);
});

test("P7.4 a client gets exactly what it missed, in order, and then live events", async () => {
  const { room, positions } = await roomWithEvents();
  for (const [missed, position] of [...positions.entries()].map(
    ([n, at]) => [3 - n, at] as const,
  )) {
    const { client, connected } = await returnTo(room, "ann", position);
    assert.equal(connected.recovered, true);
    const got = [];
    for (let n = 0; n < missed; n += 1) got.push((await client.next()).payload.n);
    assert.deepEqual(got, [1, 2, 3].slice(3 - missed));
    await settle(room, client);
    await client.leave();
  }
});

test("P7.4 a replayed frame is byte for byte the one that was sent", async () => {
  const room = server.room();
  const [ben, before] = [await room.user("ben"), await positionOf(room)];
  await room.post('{"eventType":"É\\u0022","payload": {"a" :\t1.50,"ü":"\\ud800"}}');
  await ben.next('É"');
  const sent = ben.texts.at(-1);
  const { client } = await returnTo(room, "ann", before);
  await client.next('É"');
  assert.equal(client.texts.at(-1), sent);
});

test("P7.4 exclusions and targets hold in the replay, by user, on every device", async () => {
  const room = server.room();
  const before = await positionOf(room);
  await room.broadcast("E", { excludeUserId: "ann" });
  await room.broadcast("E", { userIds: ["ann", "ben"] });
  await room.broadcast("E", { userIds: ["ben"] });
  const got = async (userId: string) => {
    const { client } = await returnTo(room, userId, before);
    await settle(room, client);
    return seqs(client, "E");
  };
  assert.deepEqual([await got("ann"), await got("ann")], [[2], [2]]);
  assert.deepEqual(await got("ben"), [1, 2, 3]);
  assert.deepEqual(await got(""), [1]);
});

test("P7.4 a client that takes batches gets what it missed in one frame", async () => {
  const { room, positions } = await roomWithEvents();
  const client = await room.join({ userId: "ann", since: positions[0] as string, frames: "batch" });
  await client.next("CONNECTED");
  assert.deepEqual((await client.next("E")).seq, 1);
  assert.equal(client.texts.length, 2);
  assert.deepEqual(seqs(client, "E"), [1, 2, 3]);
});

test("P7.4 amid traffic nobody who leaves and returns misses an event or gets one twice", async () => {
  const EVENTS = 120;
  const room = server.room();
  const { epoch } = await room.state();
  const wander = async (userId: string) => {
    const got = [0];
    while (got.at(-1) !== EVENTS) {
      const { client, connected } = await returnTo(room, userId, `${epoch}:${got.at(-1)}`);
      assert.equal(connected.recovered, true);
      await client.next("E");
      client.socket.terminate();
      got.push(...seqs(client, "E"));
    }
    return got;
  };
  const wanderers = Array.from({ length: 10 }, (_, number) => wander(`user-${number}`));
  for (let n = 0; n < EVENTS; n += 3)
    await Promise.all([room.broadcast("E"), room.broadcast("E"), room.broadcast("E")]);
  const all = Array.from({ length: EVENTS + 1 }, (_, seq) => seq);
  for (const got of await Promise.all(wanderers)) assert.deepEqual(got, all);
});

for (const [name, since] of [
  ["of another epoch", () => "000000000000:1"],
  ["from the future", (epoch: string) => `${epoch}:4`],
  ["beyond all numbers", (epoch: string) => `${epoch}:99999999999999999999`],
  ["without an epoch", () => ":1"],
  ["that is no position", () => "since ever"],
  ["that is empty", () => ""],
  ["with a sign", (epoch: string) => `${epoch}:+1`],
  ["of 10,000 characters", (epoch: string) => `${epoch}:${"1".repeat(10_000)}`],
] as const) {
  test(`P7.5 a position ${name} is not recovered, and the client stays`, async () => {
    const { room } = await roomWithEvents();
    const { epoch } = await room.state();
    const { client, connected } = await returnTo(room, "ann", since(epoch));
    assert.deepEqual([connected.recovered, connected.seq], [false, 3]);
    await settle(room, client);
    assert.deepEqual(seqs(client, "E"), []);
  });
}

test("P7.5 a client that missed more than 1 MiB is not recovered", async () => {
  const room = server.room();
  const before = await positionOf(room);
  const payload = "x".repeat(30_000);
  for (let n = 0; n < 36; n += 1) await room.broadcast("E", { payload });
  assert.equal((await returnTo(room, "ann", before)).connected.recovered, false);
  const later = before.replace(/:0$/, ":2");
  assert.equal((await returnTo(room, "ann", later)).connected.recovered, true);
});

describe("with a short history", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, async () => {
  const { server } = await startOwnServer({ vars: { HISTORY_SIZE: "3" } });
  const { server: brief } = await startOwnServer({ vars: { HISTORY_TTL_SECONDS: "1" } });

  test("P7.2 and P7.5 a client that missed more than is kept is not recovered", async () => {
    const room = server.room();
    const before = await positionOf(room);
    for (let n = 0; n < 3; n += 1) await room.broadcast("E");
    assert.equal((await returnTo(room, "ann", before)).connected.recovered, true);
    await room.broadcast("E");
    assert.equal((await returnTo(room, "ann", before)).connected.recovered, false);
    assert.equal((await room.state()).oldestSeq, 2);
  });

  test("P7.2 and P7.5 a client that missed an expired event is not recovered", async () => {
    const room = brief.room();
    const before = await positionOf(room);
    await room.broadcast("E");
    while ((await room.state()).oldestSeq !== null);
    assert.equal((await returnTo(room, "ann", before)).connected.recovered, false);
    const now = await positionOf(room);
    assert.equal((await returnTo(room, "ann", now)).connected.recovered, true);
  });
});

describe("after the object has gone", { skip: NEEDS_OWN_RUNTIME }, () => {
  test("P7.1 and P7.4 after hibernation numbering continues, and a client that returns is recovered", async () => {
    // One is woken by an event, the other by a client.
    const [published, visited] = [server.room(), server.room()];
    const ben = await published.user("ben");
    const before = await positionOf(visited);
    for (const room of [published, visited]) await room.broadcast("E");
    await idle();
    assert.equal((await published.broadcast("E")).seq, 2);
    const { client, connected } = await returnTo(visited, "ann", before);
    assert.equal(connected.recovered, true);
    // Nobody was there when it began again.
    assert.equal((await visited.broadcast("E")).seq, 1_001);
    await Promise.all([settle(published, ben), settle(visited, client)]);
    assert.deepEqual(
      [seqs(ben, "E"), seqs(client, "E")],
      [
        [1, 2],
        [1, 1_001],
      ],
    );
  });
});

describe("after a crash", { skip: NEEDS_OWN_RUNTIME, concurrency: false }, async () => {
  const crashing = await startOwnServer();

  test("P7.1 and P7.4 numbering goes on after a jump, and a client that returns is recovered", async () => {
    const room = crashing.server.room();
    const ann = await room.user("ann");
    const before = await positionOf(room);
    await room.broadcast("E");
    await crash(crashing.runtime, ann);
    assert.equal((await room.broadcast("E")).seq, 1_001);
    const { client, connected } = await returnTo(room, "ann", before);
    assert.equal(connected.recovered, true);
    await settle(room, client);
    assert.deepEqual(seqs(client, "E"), [1, 1_001]);
  });

  test("P7.5 and P7.6 a client with the position of a lost event is not recovered", async () => {
    const room = crashing.server.room();
    const ann = await room.user("ann");
    const { seq } = await room.broadcast("E");
    const { epoch } = await room.state();
    await crash(crashing.runtime, ann);
    const lost = [1, 2, 999].map((ahead) => `${epoch}:${(seq ?? 0) + ahead}`);
    await room.broadcast("E");
    for (const position of lost) {
      assert.equal((await returnTo(room, "ann", position)).connected.recovered, false);
    }
    assert.equal((await returnTo(room, "ann", `${epoch}:${seq}`)).connected.recovered, true);
  });

  test("P7.1 a room that sleeps before its first event still jumps", async () => {
    const room = crashing.server.room();
    const ann = await room.user("ann");
    await room.broadcast("E");
    await crash(crashing.runtime, ann);
    const ben = await room.user("ben");
    await idle();
    assert.equal((await room.broadcast("E")).seq, 1_001);
    assert.equal((await room.broadcast("E")).seq, 1_002);
    await settle(room, ben);
    assert.deepEqual(seqs(ben, "E"), [1_001, 1_002]);
  });
});

describe("with a changed HISTORY_SIZE", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server, runtime } = await startOwnServer();
  const room = server.room();

  async function restartWith(HISTORY_SIZE: string): Promise<void> {
    await runtime.kill();
    await runtime.configure({ HISTORY_SIZE });
    await runtime.run();
  }

  test("P7.2 with a smaller one the oldest events count no more, with a larger one all do", async () => {
    const before = await positionOf(room);
    for (let n = 0; n < 5; n += 1) await room.broadcast("E");
    await restartWith("2");
    assert.equal((await room.state()).oldestSeq, 4);
    assert.equal((await returnTo(room, "ann", before)).connected.recovered, false);
    const after3 = before.replace(/:0$/, ":3");
    assert.equal((await returnTo(room, "ann", after3)).connected.recovered, true);
    await restartWith("10");
    await room.broadcast("E");
    assert.equal((await returnTo(room, "ann", after3)).connected.recovered, true);
  });

  test("P7.2 after an event that was not kept because of 0 a new history begins", async () => {
    const before = await positionOf(room);
    await restartWith("0");
    assert.equal("seq" in (await room.broadcast("E")), false);
    await restartWith("256");
    const { connected } = await returnTo(room, "ann", before);
    assert.deepEqual([connected.recovered, connected.seq], [false, 0]);
    assert.notEqual(connected.epoch, before.split(":")[0]);
  });

  test("P7.2 0 without any event in between changes nothing", async () => {
    await room.broadcast("E");
    const before = await positionOf(room);
    await restartWith("0");
    await room.state();
    await restartWith("256");
    assert.equal((await returnTo(room, "ann", before)).connected.recovered, true);
  });
});

async function crash(
  runtime: { kill(): Promise<void>; run(): Promise<void> },
  ...clients: Client[]
): Promise<void> {
  await runtime.kill();
  for (const client of clients) await client.close();
  await runtime.run();
}
