/** What clients say to each other: client events and presence data, with fake sockets. */

import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import type { Other } from "../src/index.ts";
import { type FakeSocket, online, pass, socket, withFakeClock } from "./support/fake-socket.ts";

withFakeClock();

const LIMITS = { clientFrameBytes: 16_384, presenceDataBytes: 2_048 };
const ann = { userId: "ann", userName: "Ann", joinedAt: 1, verified: true };
const ben = { userId: "ben", userName: "Ben", joinedAt: 2, verified: true };
const cem = { userId: "cem", userName: null, joinedAt: 3, verified: true };
/** What a server says that lets clients talk to each other. */
const OPEN = {
  connectionId: "c1",
  clientEvents: true,
  limits: LIMITS,
  users: [ann, ben],
  activeUsers: 2,
};
const says = (socket: FakeSocket, type: string, payload: unknown) =>
  socket.says({ type, payload, timestamp: 1 });
const at = (connectionId: string, data: unknown) => [{ connectionId, data }];
/** The patches that were sent, in order. */
const patches = ({ sent }: FakeSocket) =>
  (sent.flat() as { type: string; patch?: unknown }[])
    .filter(({ type }) => type === "PRESENCE_SET")
    .map(({ patch }) => patch);

describe("send", () => {
  test("sends an event, and those of one moment in one frame", async () => {
    const { project, first } = await online(OPEN);
    assert.equal(project.send("client-typing", { topic: "t", on: true }), true);
    await pass(0);
    project.send("client-typing", { topic: "t", on: false }, { userIds: ["ben"] });
    project.send("client-pointer", { at: "t", points: [] });
    await pass(0);
    const typing = { type: "SEND", eventType: "client-typing" };
    assert.deepEqual(first.sent, [
      { ...typing, payload: { topic: "t", on: true } },
      [
        { ...typing, payload: { topic: "t", on: false }, userIds: ["ben"] },
        { type: "SEND", eventType: "client-pointer", payload: { at: "t", points: [] } },
      ],
    ]);
  });
});

describe("setPresence", () => {
  test("sends the first change at once, and those of the next 100 ms together", async () => {
    const { project, first } = await online(OPEN);
    project.setPresence({ at: "t1" });
    await pass(0);
    assert.deepEqual(patches(first), [{ at: "t1" }]);
    project.setPresence({ status: "busy" });
    project.setPresence({ at: null });
    assert.deepEqual(project.self?.data, { status: "busy" });
    await pass(99);
    assert.equal(patches(first).length, 1);
    await pass(1);
    assert.deepEqual(patches(first).slice(1), [{ status: "busy", at: null }]);
  });

  test("repeats after a reconnect only what the server does not have", async () => {
    const { project, first } = await online(OPEN);
    project.setPresence({ at: "t1", status: "busy" });
    await pass(0);
    first.ends();
    project.setPresence({ status: null, editing: "title" });
    await pass(3_000);
    const second = await socket();
    const users = [{ ...ann, data: at("c1", { at: "t1", status: "busy" }) }, ben];
    second.accepts({ ...OPEN, users });
    await pass(0);
    assert.deepEqual(patches(second), [{ editing: "title", status: null }]);
  });
});

describe("others", () => {
  const names = (others: readonly Other[]) => others.map(({ userId }) => userId);

  test("are the users but this one, with what they say about themselves", async () => {
    const { project, first } = await online(OPEN);
    assert.deepEqual(project.others, [{ ...ben, connections: [], data: {} }]);
    const told: unknown[] = [];
    project.on("others", ({ payload }) => told.push(payload));
    says(first, "USER_UPDATED", { ...ben, projectId: "p1", data: at("b1", { at: "t1" }) });
    const [other] = project.others;
    assert.deepEqual(other?.data, { at: "t1" });
    assert.deepEqual(told, [project.others]);
    says(first, "USER_JOINED", { ...cem, projectId: "p1" });
    assert.equal(project.others[0], other);
    assert.deepEqual(names(project.others), ["ben", "cem"]);
    says(first, "USER_LEFT", ben);
    assert.deepEqual(names(project.others), ["cem"]);
  });

  test("do not change when a reconnect says the same", async () => {
    const { project, first } = await online(OPEN);
    says(first, "USER_UPDATED", { ...ben, projectId: "p1", data: at("b1", { at: "t1" }) });
    const { others } = project;
    first.ends();
    await pass(3_000);
    const users = [ann, { ...ben, data: at("b1", { at: "t1" }) }];
    (await socket()).accepts({ ...OPEN, users });
    assert.equal(project.others, others);
  });
});

test("a server without client events is told of once, and nothing is sent to it", async () => {
  const warn = mock.method(console, "warn", () => {});
  const { project, first } = await online();
  assert.equal(project.send("client-typing", { topic: "t", on: true }), false);
  project.setPresence({ at: "t1" });
  await pass(200);
  assert.deepEqual([first.sent, warn.mock.callCount()], [[], 1]);
});
