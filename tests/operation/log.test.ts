/** What the server logs: docs/protocol.md, clause P1.7, and the setting LOG_LEVEL. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Runtime } from "../support/runtime.ts";
import {
  NEEDS_OWN_RUNTIME,
  type Room,
  SECRET,
  type Server,
  startOwnServer,
} from "../support/target.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };

/** Texts that only senders and receivers may ever see. */
const PRIVATE = {
  payload: "payload-for-the-members",
  token: "token-in-a-subprotocol",
  query: "token-in-the-query",
  frame: "text-of-a-client",
  wrong: "wrong-secret-of-somebody",
  reason: "reason-of-a-close",
};

/** Everything that is worth a line, once, with something private in each place for it. */
async function aDay(server: Server): Promise<Room> {
  const room = server.room();
  const options = { protocols: ["chat", `bearer.${PRIVATE.token}`] };
  const ann = await room.join({ userId: "ann", _pk: "laptop", token: PRIVATE.query }, options);
  await ann.next("CONNECTED");
  await room.broadcast("TASK_UPDATED", { payload: PRIVATE.payload, excludeUserId: "ben" });
  await ann.next("TASK_UPDATED");
  await room.post({ eventType: "PONG", payload: PRIVATE.payload });
  await room.post({ eventType: "E" }, { Authorization: `Bearer ${PRIVATE.wrong}` });
  await room.post(`{"payload":"${PRIVATE.payload}"`);
  ann.send({ type: PRIVATE.frame });
  await ann.next("ERROR");
  await room.connect({ userId: `${PRIVATE.query}\n` }).close();
  ann.socket.close(1000, PRIVATE.reason);
  await ann.close();
  return room;
}

const REFUSALS = [
  "reserved_event_type",
  "unauthorized",
  "invalid_json",
  "client_events_disabled",
  "bad_request",
];

/** All that a Worker wrote, from a start to an end. */
async function logOfADay(level: string | undefined): Promise<{ room: Room; runtime: Runtime }> {
  const { server, runtime } = await startOwnServer({ vars: { LOG_LEVEL: level } });
  return { room: await aDay(server), runtime };
}

test(
  "LOG_LEVEL is info by default: a line for each connect, broadcast and leave",
  OWN,
  async () => {
    const { room, runtime } = await logOfADay(undefined);
    const [left] = await runtime.untilLines("leave", 1);
    const who = { level: "info", projectId: room.id, connectionId: "laptop", userId: "ann" };
    const [connect] = runtime.lines("connect");
    const missed = { recovered: false, replayed: 0 };
    assert.deepEqual(connect, {
      ...who,
      event: "connect",
      connections: 1,
      activeUsers: 1,
      ...missed,
    });
    assert.deepEqual(left, { ...who, event: "leave", code: 1000, connections: 0, activeUsers: 0 });
    assert.deepEqual(runtime.lines("broadcast"), [
      {
        level: "info",
        event: "broadcast",
        projectId: room.id,
        eventType: "TASK_UPDATED",
        recipients: 1,
        excluded: 0,
        seq: 1,
      },
    ]);
  },
);

test("a list of events is one line: how many, to how many, and their numbers", OWN, async () => {
  const { server, runtime } = await startOwnServer();
  const room = server.room();
  for (const userId of ["ann", "ben"]) await (await room.join({ userId })).next("CONNECTED");
  const events = Array.from({ length: 100 }, () => ({ eventType: "TASK_UPDATED" }));
  await room.post({ events });
  await room.post({ events: [{ eventType: "CURSOR", ephemeral: true }] });
  const lines = await runtime.untilLines("broadcast", 2);
  const each = { level: "info", event: "broadcast", projectId: room.id };
  assert.deepEqual(lines, [
    { ...each, events: 100, deliveries: 200, seq: "1..100" },
    { ...each, events: 1, deliveries: 2, seq: null },
  ]);
});

test("LOG_LEVEL warn: a line for each refusal with its code, and no other", OWN, async () => {
  const { room, runtime } = await logOfADay("warn");
  const lines = await runtime.untilLines("refusal", REFUSALS.length);
  assert.deepEqual(lines.map(({ code }) => code).sort(), REFUSALS.toSorted());
  for (const { level, projectId } of lines) assert.deepEqual([level, projectId], ["warn", room.id]);
  assert.equal(runtime.log.length, REFUSALS.length, runtime.log.join("\n"));
});

test("LOG_LEVEL warn: a request that matches no route is a refusal too", OWN, async () => {
  const { server, runtime } = await startOwnServer({ vars: { LOG_LEVEL: "warn" } });
  await fetch(`${server.url}/nowhere`);
  const [line] = await runtime.untilLines("refusal", 1);
  assert.deepEqual(line, { level: "warn", event: "refusal", projectId: null, code: "not_found" });
});

test(
  "LOG_LEVEL info: a body in chunks that is too large is a refusal like any other",
  OWN,
  async () => {
    const { server, runtime } = await startOwnServer();
    const room = server.room();
    const body = new Blob(["x".repeat(40_000)]).stream();
    const headers = { Authorization: `Bearer ${SECRET}` };
    const init: RequestInit & { duplex: "half" } = {
      method: "POST",
      headers,
      body,
      duplex: "half",
    };
    assert.equal((await fetch(room.url, init)).status, 413);
    const [line] = await runtime.untilLines("refusal", 1);
    assert.equal(line?.code, "payload_too_large");
  },
);

for (const level of ["error", "off"]) {
  test(`LOG_LEVEL ${level}: nothing is written while nothing fails`, OWN, async () => {
    const { runtime } = await logOfADay(level);
    await runtime.kill();
    assert.deepEqual(runtime.log, []);
  });
}

test("P1.7 every line is one JSON object, and none shows anything private", OWN, async () => {
  const { runtime } = await logOfADay("info");
  await runtime.untilLines("leave", 1);
  for (const line of runtime.log) assert.equal(typeof JSON.parse(line).event, "string");
  const all = runtime.log.join("\n");
  for (const hidden of [SECRET, ...Object.values(PRIVATE)])
    assert.ok(!all.includes(hidden), `${hidden} is in the log`);
});
