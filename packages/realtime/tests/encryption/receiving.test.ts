/** What comes on a connection to an encrypted project, with fake sockets: docs/encryption.md, P14. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { event, type FakeSocket, pass, withFakeClock } from "../support/fake-socket.ts";
import { backendEvent, encrypted, KeyApi, Member, readable, type Told } from "../support/sealed.ts";

withFakeClock();

const kinds = (told: Told[]) => told.map(({ type }) => type);

describe("what a backend sends", () => {
  test("arrives decrypted, in order, with its number and time", async () => {
    const { first, told } = await encrypted();
    first.says([
      await backendEvent(7, "TASK_UPDATED", { taskId: "t1" }, { seq: 1 }),
      await backendEvent(6, "TASK_DELETED", { taskId: "t2" }, { seq: 2, by: "b:jobs" }),
    ]);
    await pass(0);
    assert.deepEqual(told, [
      { type: "TASK_UPDATED", payload: { taskId: "t1" }, timestamp: 1, seq: 1 },
      { type: "TASK_DELETED", payload: { taskId: "t2" }, timestamp: 1, seq: 2 },
    ]);
  });

  test("is told once, however often the server repeats it", async () => {
    const { first, told } = await encrypted();
    const once = await backendEvent(7, "A", {}, { seq: 1 });
    first.says([once, { ...once, seq: 2 }, await backendEvent(7, "B", {}, { seq: 3 })]);
    await pass(0);
    assert.deepEqual(kinds(told), ["A", "B"]);
  });

  for (const [what, change, reason, epoch] of [
    ["under another type", { type: "TASK_DELETED" }, "damaged", 7],
    ["as a client's", { type: "client-x" }, "malformed", 7],
    ["without its backend", { by: undefined }, "malformed", 7],
    ["with a sender that is no backend", { by: "u:ann" }, "malformed", 7],
    ["of another backend", { by: "b:other" }, "damaged", 7],
    ["under another epoch", { k: 6 }, "damaged", 6],
    ["of another version", { e2e: 2 }, "malformed", null],
    ["cut short", { c: "AAAA" }, "malformed", 7],
  ] as const)
    test(`is refused once ${what}, and what follows arrives`, async () => {
      const { first, told } = await encrypted();
      const { payload, ...rest } = await backendEvent(7, "A", {}, { seq: 1 });
      const { type = "A", ...changed } = change as { type?: string };
      const forged = { ...rest, type, payload: { ...(payload as object), ...changed } };
      first.says([forged, await backendEvent(7, "B", {}, { seq: 2 })]);
      await pass(0);
      assert.deepEqual(told, [
        {
          type: "undecryptable",
          payload: { type, reason, epoch, seq: 1 },
          timestamp: 1,
          seq: 1,
        },
        { type: "B", payload: {}, timestamp: 1, seq: 2 },
      ]);
    });

  test("is refused unencrypted, unless the app expects its type so, or it is the server's own", async () => {
    const { first, told } = await encrypted({ plaintextEvents: ["NEWS"] });
    const types = ["NEWS", "DOC_CHANGED", "TASK_UPDATED", "client-x", "USER_LEFT"];
    for (const type of types) first.says(event(type, { userId: "x" }));
    await pass(0);
    assert.deepEqual(kinds(told), [
      "NEWS",
      "DOC_CHANGED",
      "undecryptable",
      "undecryptable",
      "USER_LEFT",
    ]);
    assert.deepEqual(readable(told[2]), ["TASK_UPDATED", "plaintext", null]);
    assert.deepEqual(readable(told[3]), ["client-x", "plaintext", null]);
  });

  test("is not taken for the connection's own word, encrypted or not", async () => {
    const { first, told, project } = await encrypted();
    for (const type of ["status", "self", "encryption", "undecryptable", "resync"])
      first.says(await backendEvent(7, type, {}));
    const said: unknown[] = [];
    for (const type of ["status", "self", "encryption"] as const)
      project.on(type, (event) => said.push(event));
    await pass(0);
    assert.deepEqual([...told, ...said], []);
  });
});

describe("what a client sends", () => {
  test("arrives decrypted, from whom the server says", async () => {
    const { first, told } = await encrypted();
    const ben = new Member("ben");
    first.says(await ben.event(7, "client-x", { a: 1 }));
    await pass(0);
    assert.deepEqual(told, [{ type: "client-x", payload: { a: 1 }, from: ben.from, timestamp: 1 }]);
  });

  test("is refused under another sender's name, and dropped when it is repeated", async () => {
    const { first, told } = await encrypted();
    const ben = new Member("ben");
    const [one, two] = [await ben.event(7, "client-x", 1), await ben.event(7, "client-x", 2)];
    first.says([one, two, one, two, { ...one, from: { userId: "cid", connectionId: "c1" } }]);
    await pass(0);
    assert.deepEqual(told.map(({ payload }) => payload).slice(0, 2), [1, 2]);
    assert.equal(told.length, 3);
    assert.deepEqual(readable(told[2]), ["client-x", "damaged", 7]);
    const { from } = Object(told[2]?.payload);
    assert.deepEqual(from, { userId: "cid", connectionId: "c1" });
  });

  test("P14.5 is stale below the floor, and not what came before the floor went up", async () => {
    const api = new KeyApi(8);
    const { first, told } = await encrypted({ api });
    const ben = new Member("ben");
    first.says([
      await ben.event(7, "client-x", "before"),
      event("KEY_EPOCH", { minKeyEpoch: 8 }),
      await ben.event(7, "client-x", "after"),
      await ben.event(8, "client-x", "new"),
      await backendEvent(7, "FROM_THE_HISTORY", {}),
    ]);
    await pass(0);
    const types = ["client-x", "KEY_EPOCH", "undecryptable", "client-x", "FROM_THE_HISTORY"];
    assert.deepEqual(kinds(told), types);
    assert.deepEqual(readable(told[2]), ["client-x", "stale", 7]);
  });
});

describe("without the key", () => {
  test("it is told once that there is none, nothing else waits, and it arrives in order with the key", async () => {
    const api = new KeyApi(8);
    api.withheld.add(8);
    const { first, told } = await encrypted({ api });
    const ben = new Member("ben");
    first.says([
      await backendEvent(8, "A", {}, { seq: 1 }),
      await backendEvent(7, "B", {}, { seq: 2 }),
      await ben.event(8, "client-c", {}),
      await backendEvent(8, "D", {}, { seq: 3 }),
    ]);
    await pass(0);
    assert.deepEqual(kinds(told), ["undecryptable", "B", "undecryptable", "undecryptable"]);
    assert.deepEqual(told.filter(({ type }) => type !== "B").map(readable), [
      ["A", "no_key", 8],
      ["client-c", "no_key", 8],
      ["D", "no_key", 8],
    ]);
    api.withheld.clear();
    await pass(1_000);
    assert.deepEqual(kinds(told).slice(4), ["A", "client-c", "D"]);
  });

  test("it is not told of a second time if it turns out to be damaged", async () => {
    const { api, first, told } = await encrypted();
    const { payload, ...rest } = await backendEvent(8, "A", {}, { seq: 1 });
    first.says({ ...rest, payload: { ...(payload as object), by: "b:other" } });
    await pass(0);
    api.epoch = 8;
    api.keys.refresh();
    await pass(5_000);
    assert.deepEqual(told.map(readable), [["A", "no_key", 8]]);
  });

  for (const [what, how] of [
    ["the app says that there are new keys", (api: KeyApi) => api.keys.refresh("p1")],
    ["the app says so of all projects", (api: KeyApi) => api.keys.refresh()],
    [
      "P14.3 the floor goes up",
      (_: KeyApi, first: FakeSocket) => first.says(event("KEY_EPOCH", { minKeyEpoch: 8 })),
    ],
  ] as const)
    test(`it is tried again at once when ${what}`, async () => {
      const { api, first, told } = await encrypted();
      first.says(await backendEvent(8, "A", {}, { seq: 1 }));
      await pass(0);
      api.epoch = 8;
      how(api, first);
      await pass(0);
      assert.ok(kinds(told).includes("A"), kinds(told).join());
    });

  test("it is asked for less and less often: after 1 s at first, and once a minute in the end", async () => {
    const api = new KeyApi(7);
    api.withheld.add(6);
    const { first } = await encrypted({ api });
    first.says(await backendEvent(6, "A", {}, { seq: 1 }));
    await pass(10 * 60_000);
    const asked = api.asked.filter((what) => what === 6).length;
    assert.ok(asked > 10 && asked < 25, `${asked}`);
    first.says(Array.from({ length: 50 }, () => event("NEWS")));
    first.says(await Promise.all(Array.from({ length: 50 }, () => backendEvent(6, "A", {}))));
    await pass(0);
    assert.equal(api.asked.filter((what) => what === 6).length, asked);
  });

  test("a server that names a thousand epochs does not make the app be asked for all of them again", async () => {
    const { api, first, told } = await encrypted();
    const { payload, ...rest } = await backendEvent(7, "A", {});
    const envelope = payload as object;
    for (let k = 1_001; k <= 2_000; k += 1) first.says({ ...rest, payload: { ...envelope, k } });
    await pass(0);
    assert.equal(told.length, 1_000);
    const { length } = api.asked;
    await pass(1_000);
    assert.ok(api.asked.length - length <= 33, `${api.asked.length - length}`);
  });

  test("an API that fails is an API without the key, until it answers", async () => {
    const { api, first, told } = await encrypted();
    api.failure = new Error("down");
    first.says(await backendEvent(6, "A", {}, { seq: 1 }));
    await pass(0);
    assert.deepEqual(told.map(readable), [["A", "no_key", 6]]);
    api.failure = undefined;
    await pass(2_000);
    assert.deepEqual(kinds(told), ["undecryptable", "A"]);
  });

  test("an API that does not answer holds up the others for 5 s, once", async () => {
    const { api, first, told } = await encrypted();
    const { promise, resolve } = Promise.withResolvers<void>();
    api.gate = promise;
    first.says([
      await backendEvent(6, "A", {}, { seq: 1 }),
      await backendEvent(7, "B", {}, { seq: 2 }),
      await backendEvent(6, "C", {}, { seq: 3 }),
      await backendEvent(7, "D", {}, { seq: 4 }),
    ]);
    await pass(4_500);
    assert.deepEqual(told, []);
    await pass(1_000);
    assert.deepEqual(kinds(told), ["undecryptable", "B", "undecryptable", "D"]);
    resolve();
    await pass(20_000);
    assert.deepEqual(kinds(told).slice(4), ["A", "C"]);
  });

  test("at most 1,000 events are held: for more, the app fetches again when the key is there", async () => {
    const api = new KeyApi(8);
    api.withheld.add(8);
    const { first, told } = await encrypted({ api });
    const events = await Promise.all(
      Array.from({ length: 1_002 }, (_, index) =>
        backendEvent(8, `E${index}`, {}, { seq: index + 1 }),
      ),
    );
    first.says(events);
    await pass(0);
    assert.equal(told.length, 1_002);
    api.withheld.clear();
    api.keys.refresh();
    await pass(0);
    const after = kinds(told).slice(1_002);
    assert.equal(after.length, 1_001);
    assert.deepEqual([after[0], after[1], after.at(-1)], ["resync", "E2", "E1001"]);
    assert.deepEqual(told[1_002]?.payload, { projectId: "p1", first: false });
  });
});
