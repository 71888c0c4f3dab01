/** Presence data in an encrypted project, with fake sockets: docs/encryption.md, P12 and P14. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ProjectConnection } from "../../src/index.ts";
import { sentPatches, told as toldOf, user } from "../support/colleagues.ts";
import {
  event,
  type FakeSocket,
  pass,
  socket,
  untilRetry,
  withFakeClock,
} from "../support/fake-socket.ts";
import { encrypted, KeyApi, Member, readAs, readable, TALKING } from "../support/sealed.ts";

withFakeClock();

/** What was sent on a socket. */
const patchesOn = (socket: FakeSocket) => sentPatches(socket) as Record<string, unknown>[];

/** What the others read of a patch. */
async function read(patch: unknown) {
  const { epoch, counter, data } = await readAs("presence", "", patch);
  return { epoch, counter, data };
}

/** A user with these data of their one connection, as the server has them. */
const withData = ({ userId, from }: Member, data: object | null) => ({
  ...user(userId),
  data: [{ connectionId: from.connectionId, data }],
});

const updated = (member: Member, data: object | null) =>
  toldOf("USER_UPDATED", withData(member, data));

/** What a client knows of the others. */
const seen = ({ others }: ProjectConnection) =>
  Object.fromEntries(others.map(({ userId, data }) => [userId, data]));

/** The same with ben in the room, who has these data. */
const withBen = (ben: Member, data: object | null, more = {}) => ({
  users: [user("ann"), withData(ben, data)],
  activeUsers: 2,
  ...more,
});

describe("a client's own data", () => {
  test("are sent whole, with a tag in place of `at`, and seen by the app as ever", async () => {
    const { project, first } = await encrypted();
    project.setPresence({ at: "t1", status: "busy" });
    await pass(100);
    project.setPresence({ status: "away" });
    await pass(100);
    project.setPresence({ at: null });
    await pass(100);
    const patches = patchesOn(first);
    for (const patch of patches) assert.deepEqual(Object.keys(patch), ["e2e", "k", "n", "c", "at"]);
    assert.deepEqual(await Promise.all(patches.map(read)), [
      { epoch: 7, counter: 1, data: { at: "t1", status: "busy" } },
      { epoch: 7, counter: 2, data: { at: "t1", status: "away" } },
      { epoch: 7, counter: 3, data: { status: "away" } },
    ]);
    const [one, two, none] = patches.map(({ at }) => at);
    assert.match(String(one), /^[\w-]{22}$/);
    assert.deepEqual([two, none], [one, null]);
    assert.deepEqual(project.self?.data, { status: "away" });
  });

  test("P14.3 are told again under the new key within a second", async () => {
    const { api, project, first } = await encrypted();
    project.setPresence({ at: "t1" });
    await pass(100);
    api.epoch = 8;
    first.says(event("KEY_EPOCH", { minKeyEpoch: 8 }));
    await pass(1_000);
    const [before, after, ...rest] = patchesOn(first);
    assert.deepEqual(rest, []);
    const both = [await read(before), await read(after)];
    assert.deepEqual(
      both.map(({ epoch }) => epoch),
      [7, 8],
    );
    assert.deepEqual(both[1]?.data, { at: "t1" });
    assert.notEqual(before?.at, after?.at);
  });

  test("are told again under a newer key that the app tells of", async () => {
    const { api, project, first } = await encrypted();
    project.setPresence({ at: "t1" });
    await pass(100);
    api.epoch = 8;
    api.keys.refresh();
    await pass(1_000);
    const both = await Promise.all(patchesOn(first).map(read));
    assert.deepEqual(
      both.map(({ epoch }) => epoch),
      [7, 8],
    );
  });

  test("P14.5 are told again when they were refused, and the app hears nothing of it", async () => {
    const { api, project, first, told } = await encrypted();
    project.setPresence({ at: "t1" });
    await pass(100);
    api.epoch = 8;
    first.says(event("ERROR", { code: "stale_key_epoch", minKeyEpoch: 8, message: "" }));
    await pass(1_000);
    assert.equal((await read(patchesOn(first).at(-1))).epoch, 8);
    assert.deepEqual(told, []);
  });

  test("are only told once, as they are last, if they had to wait for the key", async () => {
    const { api, project, first } = await encrypted();
    first.says(event("KEY_EPOCH", { minKeyEpoch: 8 }));
    for (const at of ["t1", "t2", "t3"]) {
      project.setPresence({ at });
      await pass(200);
    }
    assert.deepEqual(patchesOn(first), []);
    api.epoch = 8;
    await pass(3_000);
    const [only, ...others] = await Promise.all(patchesOn(first).map(read));
    assert.deepEqual([only?.epoch, only?.data, others], [8, { at: "t3" }, []]);
  });

  test("are told after a reconnect if the server does not have them under a key that counts", async () => {
    for (const [epoch, minKeyEpoch, repeats] of [
      [7, 7, 0],
      [7, 8, 1],
      [0, 7, 1],
    ] as const) {
      const { api, project, first, told } = await encrypted();
      project.setPresence({ at: "t1" });
      await pass(100);
      const [known] = patchesOn(first);
      first.ends();
      api.epoch = Math.max(7, minKeyEpoch);
      await pass(untilRetry(project));
      const second = await socket();
      const data = epoch > 0 ? [{ connectionId: "ann1", data: known }] : undefined;
      second.accepts({ ...TALKING, minKeyEpoch, users: [{ ...user("ann"), data }] });
      await pass(200);
      assert.equal(patchesOn(second).length, repeats);
      assert.deepEqual(
        told.map(({ type }) => type),
        ["CONNECTED", "resync"],
      );
    }
  });

  test("are told again if a newer key comes while the server's first frame is decrypted", async () => {
    const { api, project, first } = await encrypted();
    const ben = new Member("ben");
    project.setPresence({ at: "t1" });
    await pass(100);
    const own = [{ connectionId: "ann1", data: patchesOn(first)[0] }];
    first.ends();
    await pass(untilRetry(project));
    const second = await socket();
    const { promise, resolve } = Promise.withResolvers<void>();
    api.gate = promise;
    const users = [{ ...user("ann"), data: own }, withData(ben, await ben.data(6, { at: "t6" }))];
    second.accepts({ ...TALKING, users, minKeyEpoch: 5 });
    api.epoch = 8;
    second.says(event("KEY_EPOCH", { minKeyEpoch: 8 }));
    await pass(0);
    assert.equal(project.status.state, "connecting");
    resolve();
    await pass(2_000);
    const [only, ...rest] = patchesOn(second);
    assert.deepEqual([(await read(only)).epoch, rest], [8, []]);
    for (let index = 0; index < 5; index += 1) second.says(await ben.event(8, "client-x", index));
    await pass(2_000);
    assert.equal(patchesOn(second).length, 1);
  });

  test("are not sent if they do not fit into a frame", async () => {
    const limits = { ...TALKING.limits, clientFrameBytes: 300 };
    const { project, first } = await encrypted({ payload: { limits } });
    project.setPresence({ at: "x".repeat(200) });
    await pass(500);
    project.setPresence({ at: "t1" });
    await pass(500);
    assert.deepEqual(
      (await Promise.all(patchesOn(first).map(read))).map(({ data }) => data),
      [{ at: "t1" }],
    );
  });
});

describe("the data of others", () => {
  test("are decrypted wherever the server has them", async () => {
    const [ben, cid] = [new Member("ben"), new Member("cid")];
    const payload = withBen(ben, await ben.data(7, { at: "t1" }));
    const { project, first, told } = await encrypted({ payload });
    assert.deepEqual(seen(project), { ben: { at: "t1" } });
    first.says(toldOf("USER_JOINED", withData(cid, await cid.data(7, { at: "t2" }))));
    first.says(updated(ben, await ben.data(7, { at: "t3" })));
    await pass(0);
    assert.deepEqual(seen(project), { ben: { at: "t3" }, cid: { at: "t2" } });
    const { data } = Object(told.at(-1)?.payload);
    assert.deepEqual(data, [{ connectionId: "ben1", data: { at: "t3" } }]);
    const users = [user("ann"), withData(cid, await cid.data(7, { at: "t4" }))];
    first.says(event("PRESENCE", { users, activeUsers: 2 }));
    first.says(updated(cid, null));
    await pass(0);
    assert.deepEqual(seen(project), { cid: {} });
  });

  test("are gone where they can't be read, which is told once for each", async () => {
    const [ben, cid] = [new Member("ben"), new Member("cid")];
    const { project, first, told } = await encrypted();
    const data = await ben.data(7, { at: "t1" });
    first.says(toldOf("USER_JOINED", withData(ben, data)));
    first.says(toldOf("USER_JOINED", withData(cid, data)));
    first.says(updated(cid, data));
    first.says(updated(ben, { at: "in the clear" }));
    first.says(updated(ben, { e2e: 1, k: 7, n: "", c: "" }));
    first.says(updated(ben, await ben.data(7, "no object")));
    await pass(0);
    assert.deepEqual(seen(project), { ben: {}, cid: {} });
    const refused = told.filter(({ type }) => type === "undecryptable");
    assert.deepEqual(refused.map(readable), [
      ["USER_JOINED", "damaged", 7],
      ["USER_UPDATED", "plaintext", null],
      ["USER_UPDATED", "malformed", 7],
      ["USER_UPDATED", "malformed", 7],
    ]);
    assert.deepEqual(Object(refused[0]?.payload).from, cid.from);
  });

  test("that are older than what was there are dropped without a word", async () => {
    const ben = new Member("ben");
    const { project, first, told } = await encrypted();
    const [older, newer] = [await ben.data(7, { at: "t1" }), await ben.data(7, { at: "t2" })];
    for (const data of [older, newer, older, newer, older]) first.says(updated(ben, data));
    await pass(0);
    assert.deepEqual(seen(project), { ben: { at: "t2" } });
    assert.ok(told.every(({ type }) => type === "USER_UPDATED"));
  });

  test("P14.6 are stale below the floor", async () => {
    const ben = new Member("ben");
    const payload = withBen(ben, await ben.data(7, { at: "t1" }), { minKeyEpoch: 8 });
    const { project, first } = await encrypted({ api: new KeyApi(8), payload });
    assert.deepEqual(seen(project), { ben: {} });
    first.says(updated(ben, await ben.data(8, { at: "t1" })));
    await pass(0);
    assert.deepEqual(seen(project), { ben: { at: "t1" } });
  });

  test("appear with their key, if they are still the last ones", async () => {
    const [ben, cid, dan] = [new Member("ben"), new Member("cid"), new Member("dan")];
    const { api, project, first, told } = await encrypted();
    const join = async (member: Member) =>
      first.says(toldOf("USER_JOINED", withData(member, await member.data(8, { at: "t8" }))));
    for (const member of [ben, cid, dan]) await join(member);
    await pass(0);
    assert.deepEqual(seen(project), { ben: {}, cid: {}, dan: {} });
    first.says(toldOf("USER_UPDATED", { ...user("ben"), userName: "Benjamin" }));
    first.says(updated(cid, await cid.data(7, { at: "t7" })));
    first.says(toldOf("USER_LEFT", user("dan")));
    await pass(0);
    api.epoch = 8;
    api.keys.refresh();
    await pass(0);
    assert.deepEqual(seen(project), { ben: { at: "t8" }, cid: { at: "t7" } });
    assert.equal(project.others.find(({ userId }) => userId === "ben")?.userName, "Benjamin");
    const refused = told.filter(({ type }) => type === "undecryptable");
    assert.deepEqual(refused.map(readable), Array(3).fill(["USER_JOINED", "no_key", 8]));
  });

  test("keep nobody from being seen while a key is missing or the app is silent", async () => {
    const ben = new Member("ben");
    const api = new KeyApi(7);
    const payload = withBen(ben, await ben.data(8, { at: "t8" }));
    const { project } = await encrypted({ api, payload });
    assert.equal(project.status.state, "online");
    assert.deepEqual(seen(project), { ben: {} });
  });

  test("are taken as they are in a project that is not encrypted", async () => {
    const ben = new Member("ben");
    const api = new KeyApi(0);
    const { promise, resolve } = Promise.withResolvers<void>();
    api.gate = promise;
    const { project, first } = await encrypted({ api, payload: withBen(ben, { at: "t1" }) });
    assert.notEqual(project.status.state, "online");
    resolve();
    await pass(0);
    assert.deepEqual(seen(project), { ben: { at: "t1" } });
    first.says(updated(ben, { at: "t2", e2e: 1 }));
    await pass(0);
    assert.deepEqual(seen(project), { ben: { at: "t2", e2e: 1 } });
  });
});

test("P12.7 in a large room, who is at the same place is told by what is decrypted", async () => {
  const [ben, cid] = [new Member("ben"), new Member("cid")];
  const { project, first } = await encrypted({ payload: { activeUsers: 500 } });
  project.setPresence({ at: "t1" });
  first.says(event("PRESENCE", { activeUsers: 500 }));
  first.says(updated(ben, await ben.data(7, { at: "t1" })));
  first.says(updated(cid, await cid.data(7, { at: "t2" })));
  await pass(0);
  assert.deepEqual(seen(project), { ben: { at: "t1" } });
});
