/** What a client sends in an encrypted project, with fake sockets: docs/encryption.md, P14.5. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ProjectConnection } from "../../src/index.ts";
import { type SentMessage, sentEvents } from "../support/colleagues.ts";
import {
  event,
  type FakeSocket,
  pass,
  socket,
  tokenOf,
  untilRetry,
  withFakeClock,
} from "../support/fake-socket.ts";
import { encrypted, KeyApi, readAs, TALKING } from "../support/sealed.ts";

withFakeClock();

const X = "client-x";

type Sender = ProjectConnection<{ "client-x": unknown }>;

/** Sends each of these. */
function say(project: ProjectConnection, ...payloads: unknown[]): boolean {
  return payloads.map((payload) => (project as Sender).send(X, payload)).every(Boolean);
}

/** What the others read of what was sent on a socket: the epoch and the payload. */
function heard(socket: FakeSocket, from = 0) {
  return Promise.all(
    sentEvents(socket, X)
      .slice(from)
      .map(async ({ payload }) => {
        const { epoch, data } = await readAs("client", X, payload);
        return [epoch, data];
      }),
  );
}

/** The server refuses these of what was sent on a socket. */
function refuse(socket: FakeSocket, minKeyEpoch: number, ...indexes: number[]): void {
  const sent = sentEvents(socket, X);
  for (const index of indexes) {
    const { n: nonce } = Object(sent[index]?.payload);
    socket.says(event("ERROR", { code: "stale_key_epoch", minKeyEpoch, nonce, message: "" }));
  }
}

describe("what a client says", () => {
  test("is encrypted as the server reads it, in order, and in one frame", async () => {
    const { project, first } = await encrypted();
    assert.ok(say(project, { a: 1 }, undefined, null, [2]));
    (project as Sender).send(X, "for ben", { userIds: ["ben"] });
    await pass(0);
    assert.deepEqual(await heard(first), [
      [7, { a: 1 }],
      [7, {}],
      [7, null],
      [7, [2]],
      [7, "for ben"],
    ]);
    const frames = first.sent.filter((frame) => Array.isArray(frame)) as unknown as SentMessage[][];
    assert.equal(frames.length, 1);
    assert.match(JSON.stringify(frames[0]?.[0]?.payload), /^\{"e2e":1,"k":7,"n":"[\w-]{16}","c":"/);
    assert.deepEqual(frames[0]?.at(-1)?.userIds, ["ben"]);
  });

  test("counts up within one session, which another connection does not share", async () => {
    const { project, first } = await encrypted();
    say(project, 1, 2);
    await pass(0);
    say(project, 3);
    await pass(0);
    const read = (socket: FakeSocket) =>
      Promise.all(sentEvents(socket, X).map(({ payload }) => readAs("client", X, payload)));
    const said = await read(first);
    assert.deepEqual(
      said.map(({ counter }) => counter),
      [1, 2, 3],
    );
    const other = await encrypted();
    say(other.project, 1);
    await pass(0);
    const sessions = [...said, ...(await read(other.first))].map(({ session }) => session);
    assert.equal(new Set(sessions).size, 2);
    for (const session of sessions) assert.match(session, /^[\w-]{22}$/);
  });

  test("of an anonymous client is under its connection", async () => {
    const { project, first } = await encrypted({ options: { user: { id: "" } } });
    say(project, 1);
    await pass(0);
    const { payload } = sentEvents(first, X)[0] ?? {};
    assert.equal((await readAs("client", X, payload, { sender: "c:ann1" })).data, 1);
  });

  test("is what the payload was when it was said", async () => {
    const { project, first } = await encrypted();
    const payload = { a: 1 };
    say(project, payload);
    payload.a = 2;
    await pass(0);
    assert.deepEqual(await heard(first), [[7, { a: 1 }]]);
  });

  test("is too big by what it has encrypted: nothing over the limit of the server is sent", async () => {
    const limits = { ...TALKING.limits, clientFrameBytes: 500 };
    const { project, first } = await encrypted({ payload: { limits } });
    const fitting = Array.from({ length: 400 }, (_, length) => "x".repeat(length)).filter((text) =>
      say(project, text),
    );
    await pass(0);
    const sizes = first.sent.map((frame) => JSON.stringify(frame).length);
    assert.ok(Math.max(...sizes) <= 500, `${Math.max(...sizes)}`);
    // The epoch and the counter may have fewer digits than are counted with, and base64 rounds.
    assert.ok(Math.max(...sizes) > 460, `${Math.max(...sizes)}`);
    assert.equal(sentEvents(first, X).length, fitting.length);
    assert.ok(fitting.length < 256);
  });
});

describe("until the app has answered", () => {
  test("nothing is sent, and then everything in order", async () => {
    const api = new KeyApi(7);
    const { promise, resolve } = Promise.withResolvers<void>();
    api.gate = promise;
    const { project, first } = await encrypted({ api });
    assert.equal(project.encryption, null);
    assert.ok(say(project, 1, 2));
    await pass(3_000);
    assert.deepEqual(first.sent, []);
    resolve();
    await pass(0);
    assert.deepEqual(await heard(first), [
      [7, 1],
      [7, 2],
    ]);
    assert.deepEqual(project.encryption, { epoch: 7 });
  });

  test("what waits goes out as it is, if the project is not encrypted", async () => {
    const api = new KeyApi(0);
    const { promise, resolve } = Promise.withResolvers<void>();
    api.gate = promise;
    const { project, first } = await encrypted({ api });
    say(project, { a: 1 });
    project.setPresence({ at: "t1" });
    resolve();
    await pass(0);
    say(project, undefined);
    await pass(0);
    assert.deepEqual(first.sent.flat(), [
      { type: "SEND", eventType: X, payload: { a: 1 } },
      { type: "PRESENCE_SET", patch: { at: "t1" } },
      { type: "SEND", eventType: X },
    ]);
    assert.equal(project.encryption, null);
  });

  test("an app that fails is asked again, and at most 256 messages wait", async () => {
    const api = new KeyApi(7);
    api.failure = new Error("down");
    const { project, first } = await encrypted({ api });
    for (let index = 0; index < 256; index += 1) assert.ok(say(project, index));
    assert.equal(say(project, "too much"), false);
    await pass(10_000);
    assert.deepEqual(first.sent, []);
    api.failure = undefined;
    await pass(20_000);
    const all = Array.from({ length: 256 }, (_, index) => [7, index]);
    assert.deepEqual(await heard(first), all);
  });
});

describe("when the keys change", () => {
  test("P14.3 what is said after KEY_EPOCH waits for the newer key", async () => {
    const { api, project, first } = await encrypted();
    say(project, 1);
    await pass(0);
    first.says(event("KEY_EPOCH", { minKeyEpoch: 8 }));
    say(project, 2);
    await pass(500);
    say(project, 3);
    assert.deepEqual(await heard(first), [[7, 1]]);
    api.epoch = 8;
    await pass(2_000);
    assert.deepEqual(await heard(first), [
      [7, 1],
      [8, 2],
      [8, 3],
    ]);
    assert.deepEqual(project.encryption, { epoch: 8 });
  });

  test("P14.5 exactly what was refused is sent again, before what is said later, and the app hears nothing of it", async () => {
    const { api, project, first, told } = await encrypted();
    say(project, 1, 2, 3, 4);
    await pass(0);
    api.epoch = 8;
    first.says(event("KEY_EPOCH", { minKeyEpoch: 8 }));
    say(project, 5);
    refuse(first, 8, 3, 1, 2);
    await pass(0);
    assert.deepEqual(await heard(first, 4), [
      [8, 2],
      [8, 3],
      [8, 4],
      [8, 5],
    ]);
    refuse(first, 8, 1);
    await pass(0);
    assert.deepEqual(
      told.map(({ type }) => type),
      ["KEY_EPOCH", "ERROR"],
    );
    assert.equal(sentEvents(first, X).length, 8);
  });

  test("a client that has not heard of it learns it from the refusal, twice if need be", async () => {
    const { api, project, first } = await encrypted();
    say(project, 1);
    await pass(0);
    api.epoch = 8;
    refuse(first, 8, 0);
    await pass(0);
    api.epoch = 9;
    refuse(first, 9, 1);
    await pass(0);
    assert.deepEqual(await heard(first), [
      [7, 1],
      [8, 1],
      [9, 1],
    ]);
  });

  test("a client that was away during two rotations begins with the newest key", async () => {
    const { api, project, first } = await encrypted();
    first.ends();
    api.epoch = 9;
    await pass(untilRetry(project));
    const second = await socket();
    second.accepts({ ...TALKING, minKeyEpoch: 9 });
    say(project, 1);
    await pass(0);
    assert.deepEqual(await heard(second), [[9, 1]]);
  });

  test("a newer key that the app tells of is used at once, before the server asks for it", async () => {
    const { api, project, first } = await encrypted();
    api.epoch = 8;
    const states: unknown[] = [];
    project.on("encryption", ({ payload }) => states.push(payload));
    api.keys.refresh("p1");
    say(project, 1);
    await pass(0);
    assert.deepEqual(await heard(first), [[8, 1]]);
    assert.deepEqual(states, [{ epoch: 8 }]);
  });

  test("P14.5 a project that becomes encrypted is so from the first word of it", async () => {
    const api = new KeyApi(0);
    const { project, first, told } = await encrypted({ api });
    say(project, 1);
    project.setPresence({ at: "t1" });
    await pass(200);
    api.epoch = 1;
    const refusal = { code: "not_encrypted", minKeyEpoch: 1, message: "Words" };
    first.says(event("ERROR", refusal));
    say(project, 2);
    await pass(0);
    const [, , ...later] = first.sent.flat() as SentMessage[];
    assert.equal(later.length, 2);
    for (const { payload, patch } of later) assert.equal(Object(payload ?? patch).k, 1);
    assert.deepEqual(
      told.map(({ payload }) => payload),
      [refusal],
    );
    assert.deepEqual(project.encryption, { epoch: 1 });
  });
});

describe("when the connection ends", () => {
  test("what was not encrypted yet is not sent on the next one", async () => {
    const { api, project, first } = await encrypted();
    first.says(event("KEY_EPOCH", { minKeyEpoch: 8 }));
    say(project, 1);
    await pass(0);
    first.ends();
    await pass(untilRetry(project));
    const second = await socket();
    second.accepts({ ...TALKING, minKeyEpoch: 8 });
    api.epoch = 8;
    await pass(60_000);
    assert.deepEqual([await heard(first), await heard(second)], [[], []]);
  });

  test("nothing is encrypted, asked or told after close", async () => {
    const { api, project, first, told } = await encrypted();
    api.failure = new Error("down");
    first.says(event("KEY_EPOCH", { minKeyEpoch: 8 }));
    say(project, 1);
    await pass(0);
    project.close();
    const { length } = api.asked;
    await pass(120_000);
    assert.equal(api.asked.length, length);
    assert.deepEqual(
      told.map(({ type }) => type),
      ["KEY_EPOCH"],
    );
    assert.deepEqual(first.sent, []);
    api.keys.refresh();
    await pass(0);
    assert.equal(api.asked.length, length);
  });

  test("another user begins a session of their own, and sends nothing of the one before", async () => {
    let user = "ann";
    const getToken = () => tokenOf(user);
    const { api, project, first } = await encrypted({ options: { getToken } });
    say(project, 1);
    await pass(0);
    api.gate = new Promise((resolve) => setTimeout(resolve, 5_000));
    first.says(event("KEY_EPOCH", { minKeyEpoch: 8 }));
    api.epoch = 8;
    say(project, "ann's");
    await pass(0);
    user = "ben";
    project.reconnect();
    const second = await socket();
    second.accepts({ ...TALKING, connectionId: "ben1", minKeyEpoch: 8 });
    say(project, "ben's");
    await pass(10_000);
    const [sent, ...others] = sentEvents(second, X);
    assert.deepEqual(others, []);
    const ben = await readAs("client", X, sent?.payload, { sender: "u:ben" });
    const ann = await readAs("client", X, sentEvents(first, X)[0]?.payload);
    assert.deepEqual([ben.data, ben.epoch, ben.counter], ["ben's", 8, 1]);
    assert.notEqual(ben.session, ann.session);
    assert.equal(sentEvents(first, X).length, 1);
  });
});
