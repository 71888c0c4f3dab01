/** Broadcasts of a backend to projects that are encrypted, against a server that answers as told: P14.4. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { epochKeys } from "../../src/encryption.ts";
import {
  type AnyEvents,
  BroadcastError,
  type BroadcasterOptions,
  createBroadcaster,
} from "../../src/server.ts";
import { fakeServer, refused, TAKEN, took } from "../support/fake-server.ts";
import { KeyApi, readAs } from "../support/sealed.ts";

const server = await fakeServer();

type Options = Omit<Partial<BroadcasterOptions>, "encryption"> &
  Partial<NonNullable<BroadcasterOptions["encryption"]>>;

function broadcaster(api: KeyApi, { name, plaintextEvents, ...options }: Options = {}) {
  const encryption = { keys: api.keys, name, plaintextEvents };
  return createBroadcaster<AnyEvents>({ url: server.url, secret: "s", encryption, ...options });
}

/** What a member reads of a request: the epoch and the payload. */
async function read(index: number, projectId = "p1", by = "b:backend") {
  const { payload, eventType } = server.asked[index]?.body ?? {};
  assert.equal(payload.by, by);
  const { epoch, data } = await readAs("event", eventType, payload, { sender: by, projectId });
  return [epoch, data];
}

const keysAsked = () => server.asked.map(({ headers }) => headers["idempotency-key"]);

describe("an event for an encrypted project", () => {
  test("is sent as its envelope, with everything else as ever", async () => {
    const realtime = broadcaster(new KeyApi(7));
    await realtime.publishToProject("p1", "TASK_UPDATED", { taskId: "t1" }, "ann", "a1");
    const { payload, ...rest } = server.asked[0]?.body ?? {};
    assert.deepEqual(rest, {
      eventType: "TASK_UPDATED",
      excludeUserId: "ann",
      excludeConnectionId: "a1",
    });
    assert.match(JSON.stringify(payload), /^\{"e2e":1,"k":7,"n":"[\w-]{16}","c":"/);
    assert.deepEqual(await read(0), [7, { taskId: "t1" }]);
  });

  test("is what the payload was when it was called", async () => {
    const realtime = broadcaster(new KeyApi(7));
    const payload = { a: 1 };
    realtime.broadcastToProject("p1", "A", payload);
    payload.a = 2;
    await realtime.flush();
    assert.deepEqual(await read(0), [7, { a: 1 }]);
  });

  test("is under the name of the backend", async () => {
    await broadcaster(new KeyApi(7), { name: "jobs" }).publishToProject("p1", "A", {});
    assert.deepEqual(await read(0, "p1", "b:jobs"), [7, {}]);
    for (const name of ["", "x".repeat(65)])
      await assert.rejects(broadcaster(new KeyApi(7), { name }).publishToProject("p1", "A", {}), {
        code: "not_set_up",
      });
  });

  test("is the same bytes under the same key in each attempt", async () => {
    let attempts = 0;
    server.answer = () => (++attempts < 3 ? refused(503, "storage_failed") : { body: TAKEN });
    await broadcaster(new KeyApi(7)).publishToProject("p1", "A", { a: 1 });
    const [first, ...others] = server.asked;
    assert.equal(others.length, 2);
    for (const other of others) assert.deepEqual(other.body, first?.body);
    assert.equal(new Set(keysAsked()).size, 1);
  });

  test("P14.4 is encrypted anew and sent again with the same id, when the server asks for a newer key", async () => {
    const api = new KeyApi(7);
    const realtime = broadcaster(api);
    await realtime.publishToProject("p1", "A", 1);
    api.epoch = 9;
    server.answer = ({ body }) =>
      body.payload.k < 9 ? refused(409, "stale_key_epoch", { minKeyEpoch: 9 }) : { body: TAKEN };
    await realtime.publishToProject("p1", "A", 2);
    const read123 = [await read(0), await read(1), await read(2)];
    assert.deepEqual(read123, [
      [7, 1],
      [7, 2],
      [9, 2],
    ]);
    const [, second, third] = keysAsked();
    assert.equal(second, third);
  });

  test("is not sent while there is no key that is new enough, which is an error of its own", async () => {
    const realtime = broadcaster(new KeyApi(7), { retries: 1 });
    server.answer = () => refused(409, "stale_key_epoch", { minKeyEpoch: 8 });
    const error = await realtime.publishToProject("p1", "A", 1).catch((error) => error);
    assert.ok(error instanceof BroadcastError);
    assert.equal(error.code, "no_key");
    assert.equal(server.asked.length, 1);
  });

  test("is not sent in the clear while keys fail, and sent when they work again", async () => {
    const api = new KeyApi(7);
    api.failure = new Error("down");
    await assert.rejects(broadcaster(api, { retries: 0 }).publishToProject("p1", "A", 1), {
      code: "no_key",
    });
    assert.equal(server.asked.length, 0);
    const sending = broadcaster(api).publishToProject("p1", "A", 2);
    api.failure = undefined;
    await sending;
    assert.deepEqual(await read(0), [7, 2]);
  });

  test("keeps its place among the events of its project", async () => {
    const api = new KeyApi(7);
    const { promise, resolve } = Promise.withResolvers<void>();
    api.gate = promise;
    const realtime = broadcaster(api);
    for (const type of ["A", "B", "C"]) realtime.broadcastToProject("p1", type, {});
    resolve();
    await realtime.flush();
    assert.deepEqual(server.types, ["A", "B", "C"]);
  });

  test("goes out in the clear if it is one of `plaintextEvents`, and is marked as such", async () => {
    const api = new KeyApi(7);
    await broadcaster(api, { plaintextEvents: ["NEWS"] }).publishToProject("p1", "NEWS", { a: 1 });
    const plaintext = { eventType: "NEWS", payload: { a: 1 }, plaintext: true };
    assert.deepEqual(server.asked[0]?.body, plaintext);
    assert.deepEqual(api.asked, []);
  });
});

describe("an event for a project that is not encrypted", () => {
  test("is sent as ever", async () => {
    await broadcaster(new KeyApi(0)).publishToProject("p1", "A", { a: 1 });
    assert.deepEqual(server.asked[0]?.body, { eventType: "A", payload: { a: 1 } });
  });

  test("P14.4 is encrypted if the project has become so since the app was asked", async () => {
    const api = new KeyApi(0);
    const realtime = broadcaster(api);
    await realtime.publishToProject("p1", "A", 1);
    api.epoch = 1;
    server.answer = ({ body }) =>
      body.payload.e2e ? { body: TAKEN } : refused(409, "not_encrypted", { minKeyEpoch: 1 });
    await realtime.publishToProject("p1", "A", 2);
    assert.deepEqual(await read(2), [1, 2]);
  });

  test("P14.4 fails if the project is encrypted and the app has no key", async () => {
    server.answer = () => refused(409, "not_encrypted", { minKeyEpoch: 1 });
    const sending = broadcaster(new KeyApi(0)).publishToProject("p1", "A", 1);
    await assert.rejects(sending, { code: "not_encrypted", minKeyEpoch: 1 });
  });
});

test("of many projects, each that is encrypted gets a message of its own, and the others stay together", async () => {
  const key = new Uint8Array(32).fill(7);
  const isEncrypted = (projectId: string) => projectId.startsWith("e");
  const keys = epochKeys({
    get: async (projectId) => (isEncrypted(projectId) ? key : null),
    current: async (projectId) => (isEncrypted(projectId) ? { epoch: 7, key } : null),
  });
  const realtime = createBroadcaster<AnyEvents>({
    url: server.url,
    secret: "s",
    encryption: { keys },
  });
  await realtime.broadcastToProjects(["p1", "e1", "p2", "e2"], "A", { a: 1 }, "ann");
  await realtime.flush();
  const paths = server.asked.map(({ path }) => path);
  assert.deepEqual(paths.toSorted(), ["/parties/main", "/parties/main/e1", "/parties/main/e2"]);
  const together = server.asked.find(({ body }) => body.projectIds)?.body;
  const rest = { eventType: "A", payload: { a: 1 }, excludeUserId: "ann" };
  assert.deepEqual(together, { projectIds: ["p1", "p2"], ...rest });
  for (const projectId of ["e1", "e2"])
    assert.deepEqual(await read(paths.indexOf(`/parties/main/${projectId}`), projectId), [
      7,
      { a: 1 },
    ]);
  assert.equal(new Set(keysAsked()).size, 3);
});

test("P14.4 of many projects, one that has become encrypted since gets its own message", async () => {
  const key = new Uint8Array(32).fill(1);
  let isEncrypted = false;
  const current = async (projectId: string) =>
    isEncrypted && projectId === "p1" ? { epoch: 1, key } : null;
  const keys = epochKeys({ get: async () => key, current });
  const encryption = { keys };
  const realtime = createBroadcaster<AnyEvents>({ url: server.url, secret: "s", encryption });
  await realtime.broadcastToProjects(["p1", "p2"], "A", 1);
  await realtime.flush();
  isEncrypted = true;
  const stale = { projectId: "p1", status: 409, code: "not_encrypted", minKeyEpoch: 1 };
  const results = [{ ...stale, success: false, error: "Words" }, took("p2")];
  server.answer = ({ path }) =>
    path === "/parties/main" ? { body: { success: false, results } } : { body: TAKEN };
  await realtime.broadcastToProjects(["p1", "p2"], "A", 2);
  await realtime.broadcastToProjects(["p1", "p2"], "A", 3);
  await realtime.flush();
  assert.deepEqual(await read(2), [1, 2]);
  const rest = server.asked.slice(3).map(({ path }) => path);
  assert.deepEqual(rest.toSorted(), ["/parties/main/p1", "/parties/main/p2"]);
});

test("P14.4 of many projects, one without a key that can be had keeps the others from nothing", async () => {
  const key = new Uint8Array(32).fill(7);
  const current = async (projectId: string) => {
    if (projectId === "lost") throw new Error("down");
    return projectId === "e1" ? { epoch: 7, key } : null;
  };
  const keys = epochKeys({ get: async () => key, current });
  const options = { url: server.url, secret: "s", retries: 0, encryption: { keys } };
  const ids = ["p1", "lost", "e1", "p2"];
  const results = await createBroadcaster<AnyEvents>(options).publishToProjects(ids, "A", 1);
  assert.deepEqual(
    results.map((result) => [result.projectId, result.success || result.error.code]),
    [
      ["p1", true],
      ["lost", "no_key"],
      ["e1", true],
      ["p2", true],
    ],
  );
  const paths = server.asked.map(({ path }) => path);
  assert.deepEqual(paths.toSorted(), ["/parties/main", "/parties/main/e1"]);
});
