/** An encrypted project across lost connections, ends and changes of the user, with fake sockets. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ProjectConnection } from "../../src/index.ts";
import { sentEvents, told as toldOf, user } from "../support/colleagues.ts";
import {
  connect,
  event,
  FakeSocket,
  online,
  pass,
  socket,
  tokenOf,
  untilRetry,
  withFakeClock,
} from "../support/fake-socket.ts";
import {
  backendEvent,
  encrypted,
  KeyApi,
  Member,
  readAs,
  readable,
  TALKING,
  type Told,
} from "../support/sealed.ts";

withFakeClock();

const kinds = (told: Told[]) => told.map(({ type }) => type).filter((type) => type !== "CONNECTED");

/** Until this is called, the app does not answer. */
function silence(api: KeyApi): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  api.gate = promise;
  return resolve;
}

/** Loses the connection. Returns the next socket. */
async function lose(project: ProjectConnection, current: FakeSocket): Promise<FakeSocket> {
  current.ends();
  await pass(untilRetry(project));
  return socket();
}

const sinceOf = ({ url }: FakeSocket) => url.searchParams.get("since");

describe("a connection that is lost", () => {
  test("while an event is decrypted has not passed it: it comes again, and is told once", async () => {
    const { api, project, first, told } = await encrypted();
    const speak = silence(api);
    const [one, two] = [
      await backendEvent(7, "A", {}, { seq: 1 }),
      await backendEvent(6, "B", {}, { seq: 2 }),
    ];
    first.says([one, two]);
    await pass(0);
    const second = await lose(project, first);
    assert.equal(sinceOf(second), "e:1");
    speak();
    await pass(0);
    assert.deepEqual(kinds(told), ["A"]);
    second.accepts({ recovered: true });
    second.says(two);
    await pass(0);
    assert.deepEqual(kinds(told), ["A", "B"]);
    assert.equal(sinceOf(await lose(project, second)), "e:2");
  });

  test("has passed what waits for its key, and does not go back when it is told", async () => {
    const { api, project, first, told } = await encrypted();
    first.says([
      await backendEvent(8, "A", {}, { seq: 1 }),
      await backendEvent(7, "B", {}, { seq: 2 }),
    ]);
    await pass(0);
    const second = await lose(project, first);
    assert.equal(sinceOf(second), "e:2");
    second.accepts({ recovered: true });
    api.epoch = 8;
    api.keys.refresh();
    await pass(0);
    assert.deepEqual(kinds(told), ["undecryptable", "B", "A"]);
    assert.equal(sinceOf(await lose(project, second)), "e:2");
  });

  test("is online for the app only while it is: a word of the last socket is not believed", async () => {
    const ben = new Member("ben");
    const api = new KeyApi(7);
    const data = [{ connectionId: "ben1", data: await ben.data(6, { at: "t1" }) }];
    const { project, first } = await online({}, { encryption: { keys: api.keys } });
    const second = await lose(project, first);
    const speak = silence(api);
    second.accepts({ users: [{ ...user("ben"), data }], activeUsers: 1 });
    await pass(0);
    second.ends();
    assert.equal(project.status.state, "waiting");
    speak();
    await pass(0);
    assert.equal(project.status.state, "waiting");
    await pass(untilRetry(project));
    (await socket()).accepts();
    await pass(0);
    assert.equal(project.status.state, "online");
  });

  test("before it is known whether the project is encrypted tells what came once it is", async () => {
    const api = new KeyApi(0);
    const speak = silence(api);
    const { project, first, told } = await encrypted({ api });
    first.says({ ...event("A"), seq: 1 });
    await pass(6_000);
    const second = await lose(project, first);
    second.accepts({ recovered: true });
    second.says([
      { ...event("A"), seq: 1 },
      { ...event("B"), seq: 2 },
    ]);
    await pass(0);
    assert.deepEqual(kinds(told), []);
    speak();
    await pass(20_000);
    assert.deepEqual(kinds(told), ["A", "B"]);
  });

  test("and can't be recovered begins anew, also with its numbers", async () => {
    const { project, first, told } = await encrypted();
    first.says(await backendEvent(7, "A", {}, { seq: 50 }));
    await pass(0);
    const second = await lose(project, first);
    second.accepts({ epoch: "f", seq: 3 });
    second.says(await backendEvent(7, "B", {}, { seq: 4 }));
    await pass(0);
    assert.deepEqual(kinds(told), ["A", "resync", "B"]);
    assert.equal(sinceOf(await lose(project, second)), "f:4");
  });
});

describe("an app that", () => {
  for (const [what, act] of [
    ["closes the connection", (project: ProjectConnection) => project.close()],
    ["connects anew", (project: ProjectConnection) => project.reconnect()],
  ] as const)
    test(`${what} while something is decrypted is not told of it, and nothing is rejected unheard`, async () => {
      const { api, project, first, told } = await encrypted();
      const rejections: unknown[] = [];
      const note = (reason: unknown) => rejections.push(reason);
      process.on("unhandledRejection", note);
      const { promise, reject } = Promise.withResolvers<void>();
      api.gate = promise;
      first.says([
        await backendEvent(6, "A", {}, { seq: 1 }),
        event("KEY_EPOCH", { minKeyEpoch: 9 }),
      ]);
      project.send("client-typing", { topic: "t", on: true });
      await pass(0);
      act(project);
      reject(new Error("down"));
      await pass(10_000);
      process.off("unhandledRejection", note);
      assert.deepEqual([kinds(told), rejections], [[], []]);
    });

  test("closes the connection in a handler is told nothing more of what waited", async () => {
    const { api, project, first, told } = await encrypted();
    for (const [index, type] of ["A", "B"].entries())
      first.says(await backendEvent(8, type, {}, { seq: index + 1 }));
    await pass(0);
    project.on("*", ({ type }) => (type as string) === "A" && project.close());
    api.epoch = 8;
    api.keys.refresh();
    await pass(0);
    assert.deepEqual(kinds(told), ["undecryptable", "undecryptable", "A"]);
  });

  test("comes back after the server has stopped it gets what has waited", async () => {
    const { api, project, first, told } = await encrypted();
    first.says(await backendEvent(8, "A", {}, { seq: 1 }));
    await pass(0);
    first.ends(4001, { code: "not_allowed" });
    assert.equal(project.status.state, "stopped");
    api.epoch = 8;
    api.keys.refresh();
    await pass(5_000);
    assert.deepEqual(kinds(told), ["undecryptable"]);
    project.reconnect();
    const second = await socket();
    assert.equal(sinceOf(second), "e:1");
    second.accepts({ recovered: true });
    await pass(0);
    assert.deepEqual(kinds(told), ["undecryptable", "A"]);
  });

  test("signs in another user tells them nothing of what the one before was waiting for", async () => {
    let who = "ann";
    const options = { getToken: () => tokenOf(who) };
    const { api, project, first, told } = await encrypted({ options });
    const ben = new Member("ben");
    first.says(await backendEvent(8, "A", {}, { seq: 1 }));
    first.says(
      toldOf("USER_JOINED", {
        ...user("ben"),
        data: [{ connectionId: "ben1", data: await ben.data(8, { at: "t1" }) }],
      }),
    );
    await pass(0);
    who = "cid";
    project.reconnect();
    const second = await socket();
    second.accepts({ ...TALKING, users: [user("cid"), user("ben")], activeUsers: 2 });
    api.epoch = 8;
    await pass(10_000);
    second.says(await backendEvent(8, "B", {}, { seq: 1 }));
    await pass(0);
    const after = kinds(told).slice(3);
    assert.deepEqual(kinds(told).slice(0, 3), ["undecryptable", "USER_JOINED", "undecryptable"]);
    assert.deepEqual(after, ["resync", "B"]);
    assert.deepEqual(
      project.others.map(({ data }) => data),
      [{}],
    );
  });

  test("has no keys that could be used is told so, and nothing is thrown", async () => {
    const keys = {} as never;
    const project = connect({ encryption: { keys } });
    assert.equal(project.status.state, "stopped");
    assert.equal(FakeSocket.made.length, 0);
  });
});

describe("in a project that is not encrypted", () => {
  test("everything arrives as ever, and in the same turn", async () => {
    const { project, first, told, api } = await encrypted({ api: new KeyApi(0) });
    first.says([{ ...event("A", { a: 1 }), seq: 1 }, event("client-x", 1)]);
    first.says(
      toldOf("USER_JOINED", { ...user("ben"), data: [{ connectionId: "b", data: { at: "t" } }] }),
    );
    assert.deepEqual(kinds(told), ["A", "client-x", "USER_JOINED"]);
    assert.deepEqual(project.others[0]?.data, { at: "t" });
    assert.equal(project.encryption, null);
    assert.deepEqual(api.asked, ["current"]);
  });

  test("what is encrypted under a key that the app has by now is read, and from then on it is encrypted", async () => {
    const { project, first, told, api } = await encrypted({ api: new KeyApi(0) });
    const states: unknown[] = [];
    project.on("encryption", ({ payload }) => states.push(payload));
    api.epoch = 1;
    first.says([await backendEvent(1, "A", {}), event("B")]);
    await pass(0);
    assert.deepEqual(kinds(told), ["A", "undecryptable"]);
    assert.deepEqual(readable(told[1]), ["B", "plaintext", null]);
    assert.deepEqual(states, [{ epoch: 1 }]);
    project.send("client-typing", { topic: "t", on: true });
    await pass(0);
    const [sent] = sentEvents(first, "client-typing");
    assert.equal((await readAs("client", "client-typing", sent?.payload)).epoch, 1);
  });
});
