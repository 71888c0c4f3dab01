/** What a client says to the others: client events, with fake sockets. */

import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import {
  type FakeSocket,
  online,
  pass,
  socket,
  tokenOf,
  withFakeClock,
} from "./support/fake-socket.ts";

withFakeClock();

const FRAME_BYTES = 16_384;
const ann = { userId: "ann", userName: "Ann", joinedAt: 1, verified: true };
/** What a server says that lets this client talk to others. */
const OPEN = {
  connectionId: "a1",
  clientEvents: true,
  limits: { clientFrameBytes: FRAME_BYTES, presenceDataBytes: 2_048 },
  users: [ann],
  activeUsers: 1,
};
const TYPING = { type: "SEND", eventType: "client-typing" };
const typing = (topic: string) => ({ ...TYPING, payload: { topic, on: true } });

/** What was sent, frame by frame: always a list. */
const framesOf = ({ sent }: FakeSocket) => (sent as unknown[]).map((frame) => [frame].flat());

describe("send", () => {
  test("sends an event at the end of the turn, for everybody or for some users", async () => {
    const { project, first } = await online(OPEN);
    assert.equal(project.send("client-typing", { topic: "t", on: true }), true);
    await pass(0);
    project.send("client-typing", { topic: "u", on: true }, { userIds: ["ben"] });
    await pass(0);
    assert.deepEqual(first.sent, [typing("t"), { ...typing("u"), userIds: ["ben"] }]);
  });

  test("sends those of one turn in one frame, in order, with what changes in presence data", async () => {
    const { project, first } = await online(OPEN);
    project.send("client-typing", { topic: "t", on: true });
    project.setPresence({ at: "t1" });
    project.send("client-typing", { topic: "u", on: true });
    await pass(0);
    const patch = { type: "PRESENCE_SET", patch: { at: "t1" } };
    assert.deepEqual(first.sent, [[typing("t"), patch, typing("u")]]);
  });

  test("makes frames of 64 messages at most, and of as many bytes as the server takes", async () => {
    const { project, first } = await online(OPEN);
    for (let sent = 0; sent < 130; sent += 1)
      project.send("client-typing", { topic: "t", on: true });
    await pass(0);
    assert.deepEqual(
      framesOf(first).map(({ length }) => length),
      [64, 64, 2],
    );
    // 3 bytes in UTF-8, 1 in JavaScript.
    const topic = "€".repeat(1_700);
    for (let sent = 0; sent < 7; sent += 1) project.send("client-typing", { topic, on: true });
    await pass(0);
    const large = framesOf(first).slice(3);
    assert.deepEqual(
      large.map(({ length }) => length),
      [3, 3, 1],
    );
    for (const frame of first.sent)
      assert.ok(Buffer.byteLength(JSON.stringify(frame)) <= FRAME_BYTES);
  });

  for (const [excess, frames] of [
    [0, 1],
    [1, 2],
  ] as const)
    test(`needs ${frames} for two events with ${excess} bytes more than a frame can have`, async () => {
      const { project, first } = await online(OPEN);
      const empty = Buffer.byteLength(JSON.stringify([typing(""), typing("")]));
      project.send("client-typing", { topic: "x".repeat(FRAME_BYTES - empty), on: true });
      project.send("client-typing", { topic: "x".repeat(excess), on: true });
      await pass(0);
      assert.equal(first.sent.length, frames);
    });

  test("refuses an event that is larger than a frame, for which the server would hang up for good", async () => {
    const { project, first } = await online(OPEN);
    const frame = Buffer.byteLength(JSON.stringify(typing("")));
    const topic = "x".repeat(FRAME_BYTES - frame);
    assert.equal(project.send("client-typing", { topic: `${topic}x`, on: true }), false);
    assert.equal(project.send("client-typing", { topic, on: true }), true);
    await pass(0);
    assert.deepEqual(first.sent, [typing(topic)]);
  });

  test("returns false and keeps nothing while the client is not connected", async () => {
    const { project, first } = await online(OPEN);
    first.ends();
    for (let sent = 0; sent < 1_000; sent += 1)
      assert.equal(project.send("client-typing", { topic: "t", on: true }), false);
    await pass(3_000);
    const second = await socket();
    second.open();
    assert.equal(project.send("client-typing", { topic: "t", on: true }), false);
    second.accepts(OPEN);
    await pass(200);
    assert.deepEqual([first.sent, second.sent], [[], []]);
  });

  test("works from the moment on at which the client is online", async () => {
    const { project, first } = await online(OPEN);
    first.ends();
    const sent: boolean[] = [];
    project.on("status", ({ payload }) => {
      if (payload.state === "online")
        sent.push(project.send("client-typing", { topic: "t", on: true }));
    });
    project.on("CONNECTED", () =>
      sent.push(project.send("client-typing", { topic: "u", on: true })),
    );
    await pass(3_000);
    (await socket()).accepts(OPEN);
    assert.deepEqual(sent, [true, true]);
  });

  test("still sends what was sent just before close()", async () => {
    const { project, first } = await online(OPEN);
    project.send("client-typing", { topic: "t", on: true });
    project.close();
    assert.deepEqual(first.sent, [typing("t")]);
    assert.equal(project.send("client-typing", { topic: "t", on: true }), false);
  });

  for (const [whose, payload] of [
    [
      "that has client events off, or this user may not",
      { ...OPEN, clientEvents: false, limits: {} },
    ],
    ["that is older", { limits: undefined }],
  ] as const)
    test(`to a server ${whose}, sends nothing, and says so once on the console`, async () => {
      const warn = mock.method(console, "warn", () => {});
      const { project, first } = await online(payload);
      for (const topic of ["t", "u"])
        assert.equal(project.send("client-typing", { topic, on: true }), false);
      project.setPresence({ at: "t1" });
      first.ends();
      await pass(3_000);
      const second = await socket();
      second.accepts(payload);
      project.setPresence({ at: "t2" });
      await pass(200);
      assert.deepEqual([first.sent, second.sent, warn.mock.callCount()], [[], [], 1]);
      assert.equal(project.status.state, "online");
      assert.equal(project.self?.maySend, false);
    });
});

describe("a client event", () => {
  test("arrives with who sent it, under whatever name", async () => {
    const { project, first } = await online(OPEN);
    const heard: unknown[] = [];
    project.on("client-typing", ({ payload, from }) => heard.push([payload.topic, from]));
    project.on("*", ({ type }) => heard.push(type));
    const from = { userId: "ben", connectionId: "b1" };
    first.says([
      { type: "client-typing", payload: { topic: "t", on: true }, from, timestamp: 1 },
      { type: "client-__proto__", payload: null, from, timestamp: 1 },
    ]);
    assert.deepEqual(heard, [["t", from], "client-typing", "client-__proto__"]);
  });
});

test("a fresh token that allows to send does so at once, and one that does not ends it", async () => {
  const { project, first } = await online({ ...OPEN, clientEvents: false });
  const may: unknown[] = [];
  project.on("self", ({ payload }) => may.push(payload?.maySend));
  for (const clientEvents of [true, true, undefined, false])
    first.says({ type: "AUTH_OK", payload: { expiresAt: 2e12, clientEvents }, timestamp: 1 });
  assert.deepEqual(may, [true, false]);
});

describe("a message that the server refuses", () => {
  test("is no refused token: no other is fetched", async () => {
    let fetched = 0;
    const getToken = () => {
      fetched += 1;
      return tokenOf("ann");
    };
    const { project, first } = await online(OPEN, { getToken });
    const errors: string[] = [];
    project.on("ERROR", ({ payload }) => errors.push(payload.code));
    for (const code of ["rate_limited", "not_allowed", "malformed_message"])
      first.says({ type: "ERROR", payload: { code, message: "" }, timestamp: 1 });
    await pass(60_000);
    assert.deepEqual([errors.length, fetched], [3, 1]);
  });
});
