/** What a client says, and who hears it: docs/protocol.md, P4.12 and P11. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { startServer } from "../support/target.ts";
import { done, heard, join, sends, settled, TALKING, typesHeard } from "./talk.ts";

const server = await startServer({ vars: TALKING });

test("P11.3 the others hear an event with its payload, and who sent it", async () => {
  const room = server.room();
  const ann = await join(room, { userId: "ann", _pk: "laptop" });
  const others = [await room.user("ben"), await join(room, {})];
  const before = Date.now();
  ann.send(sends("client-typing", { payload: { topic: "t1", on: true } }));
  for (const other of others) {
    const { timestamp, ...event } = await other.next("client-typing");
    const from = { userId: "ann", connectionId: "laptop" };
    assert.deepEqual(event, { type: "client-typing", payload: { topic: "t1", on: true }, from });
    assert.ok(Math.abs((timestamp ?? 0) - before) < 10_000);
  }
  assert.deepEqual(await settled(ann), []);
  assert.deepEqual(typesHeard(ann), []);
});

test("P11.3 an anonymous client is from nobody", async () => {
  const room = server.room();
  const [nobody, ann] = [await join(room, { _pk: "c1" }), await room.user("ann")];
  nobody.send(sends("client-x"));
  await ann.next("client-x");
  assert.deepEqual(heard(ann)[0]?.from, { userId: null, connectionId: "c1" });
});

test("P11.3 the other devices of the sender hear it, and the sending socket never", async () => {
  const room = server.room();
  const phone = await join(room, { userId: "ann", _pk: "phone" });
  const laptop = await join(room, { userId: "ann", _pk: "laptop" });
  // A client that reconnects: its old socket is still there under the same name.
  const again = await join(room, { userId: "ann", _pk: "phone" });
  again.send(sends("client-x"));
  again.send(sends("client-mine", { userIds: ["ann"] }));
  again.send(sends("client-theirs", { userIds: ["ben"] }));
  await settled(again, phone, laptop);
  for (const other of [phone, laptop])
    assert.deepEqual(typesHeard(other), ["client-x", "client-mine"]);
  assert.deepEqual(typesHeard(again), []);
});

test("P11.2 an event for some users reaches them on all devices, and nobody else", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  const bens = [await room.user("ben"), await room.user("ben")];
  const others = [await room.user("cid"), await join(room, {})];
  ann.send(sends("client-x", { userIds: ["ben", "who is away"] }));
  await settled(ann, ...bens, ...others);
  for (const ben of bens) assert.deepEqual(typesHeard(ben), ["client-x"]);
  for (const other of others) assert.deepEqual(typesHeard(other), []);
});

test("P11.3 no event crosses from one project to another", async () => {
  const [room, other] = [server.room(), server.room()];
  const [ann, ben] = [await room.user("ann"), await other.user("ben")];
  ann.send(sends("client-x"));
  await settled(ann, ben);
  assert.deepEqual(typesHeard(ben), []);
});

for (const [name, message] of Object.entries({
  "a sender in the message": sends("client-x", { from: { userId: "eve", connectionId: "eve" } }),
  "a user in the message": sends("client-x", { userId: "eve", connectionId: "eve" }),
  "a number and a time": sends("client-x", { seq: 7, timestamp: 1, ephemeral: false }),
  "a sender through the prototype": `{"type":"SEND","eventType":"client-x","__proto__":{"from":{"userId":"eve"}},"constructor":{"prototype":{"userId":"eve"}}}`,
})) {
  test(`P11.3 ${name} is ignored`, async () => {
    const room = server.room();
    const [ann, ben] = [await join(room, { userId: "ann", _pk: "c" }), await room.user("ben")];
    ann.send(message);
    const event = await ben.next("client-x");
    assert.deepEqual(Object.keys(event), ["type", "payload", "from", "timestamp"]);
    assert.deepEqual(heard(ben)[0]?.from, { userId: "ann", connectionId: "c" });
  });
}

test("P11.3 a sender in the payload stays in the payload", async () => {
  const room = server.room();
  const [ann, ben] = [await join(room, { userId: "ann", _pk: "c" }), await room.user("ben")];
  const payload =
    '{"from":{"userId":"eve"},"__proto__":{"from":1},"timestamp":1,"type":"TASK_DELETED"}';
  ann.send(`{"type":"SEND","eventType":"client-x","payload":${payload}}`);
  await ben.next("client-x");
  const text = ben.texts.at(-1) ?? "";
  const stamp = '"from":{"userId":"ann","connectionId":"c"}';
  assert.ok(text.startsWith(`{"type":"client-x","payload":${payload},${stamp},"timestamp":`), text);
});

test("P11.3 a user whose id looks like JSON is stamped as what it is", async () => {
  const room = server.room();
  const userId = String.raw`ann","connectionId":"x"},"seq":1,"\u`;
  const [ann, ben] = [await join(room, { userId, _pk: '"\\' }), await room.user("ben")];
  ann.send(sends("client-x"));
  await ben.next("client-x");
  assert.deepEqual(heard(ben)[0]?.from, { userId, connectionId: '"\\' });
});

for (const [name, eventType] of Object.entries({
  "of a backend": "TASK_UPDATED",
  "of the server": "CONNECTED",
  "with another case": "Client-x",
  "with a space before it": " client-x",
  "that only contains it": "x-client-",
  "of the prototype": "__proto__",
  "of a constructor": "constructor",
  "that is empty": "",
  "that is too long": `client-${"x".repeat(58)}`,
  "with a control character": "client-\n",
})) {
  test(`P11.2 a type ${name} is malformed, and nobody hears it`, async () => {
    const room = server.room();
    const [ann, ben] = [await room.user("ann"), await room.user("ben")];
    ann.send(sends(eventType));
    const { payload } = await ann.next("ERROR");
    assert.equal(payload.code, "malformed_message");
    assert.match(payload.message, /^eventType must be .* begins with client-$/);
    const before = ben.frames.length;
    await settled(ann, ben);
    assert.deepEqual(
      ben.frames.slice(before).map(({ type }) => type),
      ["PONG"],
    );
  });
}

for (const eventType of ["client-", "client-__proto__", "client-constructor", 'client-töne "1"']) {
  test(`P11.2 ${eventType} is a type like any other`, async () => {
    const room = server.room();
    const [ann, ben] = [await room.user("ann"), await room.user("ben")];
    ann.send(sends(eventType));
    assert.equal((await ben.next(eventType)).type, eventType);
  });
}

for (const eventType of ["client-x", "client-", "USER_UPDATED"]) {
  test(`P2.2 a backend may not send ${eventType}, alone, in a list or to many projects`, async () => {
    const room = server.room();
    const ben = await room.user("ben");
    const bodies = [{ eventType }, { events: [{ eventType: "E" }, { eventType }] }];
    for (const body of bodies) {
      const answers = [
        await room.post(body),
        await server.room("").post({ ...body, projectIds: [room.id] }),
      ];
      for (const answer of answers) {
        assert.equal(answer.status, 400);
        assert.equal(((await answer.json()) as { code: string }).code, "reserved_event_type");
      }
    }
    await done(ben);
    assert.deepEqual(
      ben.frames.map(({ type }) => type),
      ["CONNECTED", "PONG"],
    );
  });
}

for (const payload of [
  '{"a":  1.50,"a":1e400,"b":-0}',
  "12345678901234567890123",
  String.raw`"\ud800 \u0000\/ é"`,
  '"é 漢 😀"',
  "null",
  "[ [],\t{} , true ]",
  "[".repeat(5_000) + "]".repeat(5_000),
]) {
  test(`P11.3 the payload ${payload.slice(0, 30)} goes on byte for byte`, async () => {
    const room = server.room();
    const [ann, ben] = [await room.user("ann"), await room.user("ben")];
    ann.send(`{"type":"SEND", "payload" :\n${payload}  ,"eventType":"client-x"}`);
    await ben.next("client-x");
    const text = ben.texts.at(-1) ?? "";
    assert.ok(text.startsWith(`{"type":"client-x","payload":${payload},"from":`), text);
  });
}

test("P11.2 without a payload it is an empty object", async () => {
  const room = server.room();
  const [ann, ben] = [await room.user("ann"), await room.user("ben")];
  ann.send(sends("client-x"));
  assert.deepEqual((await ben.next("client-x")).payload, {});
});

test("P4.12 the messages of a list arrive in order, in one frame for who accepts it", async () => {
  const room = server.room();
  const ann = await room.user("ann");
  const ben = await join(room, { userId: "ben", frames: "batch" });
  const cid = await room.user("cid");
  ann.send([sends("client-1"), sends("client-2", { userIds: ["cid"] }), sends("client-3")]);
  await settled(ann, ben, cid);
  assert.deepEqual(typesHeard(ben), ["client-1", "client-3"]);
  assert.deepEqual(typesHeard(cid), ["client-1", "client-2", "client-3"]);
  const frames = [ben, cid].map(({ texts }) => texts.filter((text) => text.includes("client-")));
  assert.deepEqual(
    frames.map(({ length }) => length),
    [1, 3],
  );
});

test("P4.12 a message of a list that is refused does not hold up the others", async () => {
  const room = server.room();
  const [ann, ben] = [await room.user("ann"), await room.user("ben")];
  ann.send([
    sends("x"),
    7,
    [],
    { type: "AUTH", token: "a.b.c" },
    { type: "HELLO" },
    sends("client-x"),
  ]);
  assert.deepEqual(await settled(ann, ben), Array(5).fill("malformed_message"));
  assert.deepEqual(typesHeard(ben), ["client-x"]);
});

for (const [name, text] of Object.entries({
  "of nothing": "[]",
  "of 65 messages": JSON.stringify(Array(65).fill(sends("client-x"))),
  "that is cut": '[{"type":"SEND","eventType":"client-x"}',
  "of a list": '[[{"type":"SEND","eventType":"client-x"}]]',
})) {
  test(`P4.12 a list ${name} is malformed`, async () => {
    const room = server.room();
    const [ann, ben] = [await room.user("ann"), await room.user("ben")];
    ann.send(text);
    assert.deepEqual(await settled(ann, ben), ["malformed_message"]);
    assert.deepEqual(typesHeard(ben), []);
  });
}

test("P4.12 64 messages are a list", async () => {
  const room = server.room();
  const [ann, ben] = [await room.user("ann"), await room.user("ben")];
  ann.send(Array.from({ length: 64 }, (_, n) => sends(`client-${n}`)));
  await settled(ann, ben);
  assert.deepEqual(
    typesHeard(ben),
    Array.from({ length: 64 }, (_, n) => `client-${n}`),
  );
});

test("P11.4 an event has no number, and is not there for a client that returns", async () => {
  const room = server.room();
  const [ann, ben] = [await room.user("ann"), await room.user("ben")];
  const { epoch, seq } = await room.state();
  ann.send(sends("client-x"));
  const event = await ben.next("client-x");
  assert.equal(event.seq, undefined);
  const back = await join(room, { userId: "cid", since: `${epoch}:${seq}` });
  await done(back);
  assert.deepEqual(typesHeard(back), []);
  assert.deepEqual([(await room.state()).seq, (await room.state()).epoch], [seq, epoch]);
});

test("P11.3 events of a client reach each socket in the order in which they were sent", async () => {
  const room = server.room();
  const [ann, ben] = [await room.user("ann"), await room.user("ben")];
  const types = Array.from({ length: 200 }, (_, n) => `client-${n}`);
  for (const [n, type] of types.entries()) ann.send(n % 3 === 0 ? [sends(type)] : sends(type));
  await settled(ann, ben);
  assert.deepEqual(typesHeard(ben), types);
});
