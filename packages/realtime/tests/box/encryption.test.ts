/** Projects that are encrypted from end to end, on the real server: docs/encryption.md, P14. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import WebSocket from "ws";
import { type Frame, within } from "../../../../tests/support/inbox.ts";
import {
  NEEDS_OWN_RUNTIME,
  type Room,
  SECRET,
  startOwnServer,
} from "../../../../tests/support/target.ts";
import type { ProjectConnection } from "../../src/index.ts";
import { type AnyEvents, createBroadcaster } from "../../src/server.ts";
import { KeyApi } from "../support/sealed.ts";
import { type Watcher, watcher } from "../support/watcher.ts";

const VARS = {
  CLIENT_EVENTS: "on",
  CLIENT_MESSAGES_PER_SECOND: "1000",
  CLIENT_MESSAGE_BURST: "10000",
  CLIENT_DELIVERIES_PER_SECOND: "100000",
  CLIENT_DELIVERY_BURST: "100000",
};

/** What nobody but members may read. */
const SECRET_WORDS = "the patient is better";

type Project = ProjectConnection<{ "client-note": unknown; NOTE: unknown; NEWS: unknown }>;

const projectOf = ({ project }: Watcher) => project as Project;

/** A member of the project, with the keys that the app hands to them. */
function member(room: Room, api: KeyApi, id: string, more: object = {}): Promise<Watcher> {
  const encryption = { keys: api.member(), plaintextEvents: ["NEWS"] };
  return watcher(room, { user: { id, name: id.toUpperCase() }, encryption, ...more });
}

/** The app's backend. */
function backend(room: Room, api: KeyApi) {
  const realtime = createBroadcaster<AnyEvents>({
    url: room.server.url,
    secret: SECRET,
    encryption: { keys: api.member(), plaintextEvents: ["NEWS"] },
  });
  return {
    note: (payload: unknown) => realtime.publishToProject(room.id, "NOTE", payload),
    news: () => realtime.publishToProject(room.id, "NEWS", {}),
  };
}

/** The app has a new key, and the room asks for it. */
async function rotate(room: Room, api: KeyApi, removed?: string): Promise<void> {
  api.epoch += 1;
  const headers = { Authorization: `Bearer ${SECRET}`, "Content-Type": "application/json" };
  const answer = removed
    ? await fetch(`${room.url}/users/${removed}?for=60&minKeyEpoch=${api.epoch}`, {
        method: "DELETE",
        headers,
      })
    : await fetch(`${room.url}/key-epoch`, {
        method: "POST",
        headers,
        body: JSON.stringify({ minKeyEpoch: api.epoch }),
      });
  assert.equal(answer.status, 200, await answer.text());
}

/** What came of one type, read or not. */
const payloadsOf = ({ frames }: Watcher, type: string) =>
  frames.filter((frame) => frame.type === type).map(({ payload }) => payload);

/** The reasons for which something could not be read. */
const refusals = (client: Watcher) =>
  payloadsOf(client, "undecryptable").map(({ type, reason }) => [type, reason]);

/** Waits until a client has got so many of a type. */
async function arrived(client: Watcher, type: string, count: number): Promise<unknown[]> {
  while (payloadsOf(client, type).length < count) await client.next(type);
  return payloadsOf(client, type);
}

/** Waits until a client knows this of the others. */
async function untilSeen(client: Watcher, what: Record<string, object>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => {
    const seen = client.project.others.map(({ userId, data }) => [userId, data]);
    if (JSON.stringify(Object.fromEntries(seen)) === JSON.stringify(what)) resolve();
  };
  const off = client.project.on("others", look);
  look();
  await within(promise, JSON.stringify(what));
  off();
}

/** The network of one client. */
class Network {
  isDown = false;
  /** Types of frames that do not get through. */
  readonly lost = new Set<string>();
  readonly #sockets = new Set<WebSocket>();

  /** The class of its sockets. */
  get WebSocket(): unknown {
    const network = this;
    return class extends WebSocket {
      constructor(url: string, protocols?: string[]) {
        super(network.isDown ? "ws://127.0.0.1:9" : url, protocols, {
          closeTimeout: 2_000,
        } as never);
        network.#sockets.add(this);
        const emit = this.emit.bind(this);
        this.emit = (name: string | symbol, ...rest: unknown[]) => {
          const frames: Frame[] = name === "message" ? [JSON.parse(String(rest[0]))].flat() : [];
          return frames.some(({ type }) => network.lost.has(type)) || emit(name, ...rest);
        };
      }
    };
  }

  cut(): void {
    this.isDown = true;
    for (const socket of this.#sockets) socket.terminate();
  }
}

describe("in a project that is encrypted", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server, runtime } = await startOwnServer({ vars: VARS });

  test("members and backend understand each other, and the server sees none of it", async () => {
    const [room, api] = [server.room(), new KeyApi(7)];
    const spy = await room.user("spy");
    const [ann, ben] = [await member(room, api, "ann"), await member(room, api, "ben")];
    await rotate(room, api);
    await backend(room, api).note({ text: SECRET_WORDS });
    projectOf(ann).send("client-note", { text: SECRET_WORDS });
    ann.project.setPresence({ at: SECRET_WORDS, editing: SECRET_WORDS });
    assert.deepEqual(await arrived(ben, "NOTE", 1), [{ text: SECRET_WORDS }]);
    assert.deepEqual(await arrived(ben, "client-note", 1), [{ text: SECRET_WORDS }]);
    const data = { at: SECRET_WORDS, editing: SECRET_WORDS };
    await untilSeen(ben, { spy: {}, ann: data });
    const cem = await member(room, api, "cem");
    await untilSeen(cem, { spy: {}, ann: data, ben: {} });
    assert.deepEqual(cem.project.encryption, { epoch: 8 });
    await spy.next("USER_JOINED");
    assert.ok(spy.texts.some((text) => text.includes('"e2e":1')));
    assert.ok(!spy.texts.join().includes(SECRET_WORDS));
    assert.ok(!JSON.stringify(await room.state()).includes(SECRET_WORDS));
    assert.deepEqual([refusals(ann), refusals(ben), refusals(cem)], [[], [], []]);
  });

  test("P14.2 a removal in the middle of a burst loses nothing, and the removed reads nothing that comes after", async () => {
    const [room, api] = [server.room(), new KeyApi(1)];
    await rotate(room, api);
    const [ann, ben] = [await member(room, api, "ann"), await member(room, api, "ben")];
    const cem = await member(room, api, "cem");
    const spy = await room.user("spy");
    ann.project.setPresence({ at: "t1" });
    await untilSeen(ben, { ann: { at: "t1" }, cem: {}, spy: {} });
    const realtime = backend(room, api);
    const all = Array.from({ length: 200 }, (_, index) => index);
    const broadcasts: Promise<unknown>[] = [];
    const removal = Promise.withResolvers<void>();
    for (const index of all) {
      assert.ok(projectOf(ann).send("client-note", index));
      broadcasts.push(realtime.note(index));
      if (index === 100) void rotate(room, api, "cem").then(removal.resolve, removal.reject);
      // In turns, so that they go out before, during and after the removal.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all([removal.promise, ...broadcasts]);
    assert.deepEqual(await arrived(ben, "NOTE", all.length), all);
    const notes = (await arrived(ben, "client-note", all.length)) as number[];
    assert.deepEqual(
      notes.toSorted((one, other) => one - other),
      all,
    );
    await untilSeen(ben, { ann: { at: "t1" }, spy: {} });
    await cem.until("stopped");
    assert.equal(cem.project.status.code, "removed");
    assert.deepEqual([refusals(ann), refusals(ben)], [[], []]);
    // What the server passed on after it had said so is under the new key.
    const texts = spy.texts.join("\n");
    const [before = "", later = ""] = texts.split('"KEY_EPOCH"');
    assert.ok(before.includes('"k":2,') && !before.includes('"k":3,'));
    assert.ok(later.includes('"k":3,') && !later.includes('"k":2,'));
    assert.deepEqual(ben.project.encryption, { epoch: 3 });
  });

  test("P14.5 a client that has missed KEY_EPOCH is told by the refusal, and what it says arrives once", async () => {
    const [room, api, network] = [server.room(), new KeyApi(1), new Network()];
    await rotate(room, api);
    network.lost.add("KEY_EPOCH");
    const ann = await member(room, api, "ann", { WebSocket: network.WebSocket });
    const ben = await member(room, api, "ben");
    ann.project.setPresence({ at: "t1" });
    await untilSeen(ben, { ann: { at: "t1" } });
    await rotate(room, api);
    for (const index of [1, 2, 3]) projectOf(ann).send("client-note", index);
    assert.deepEqual(await arrived(ben, "client-note", 3), [1, 2, 3]);
    ann.project.setPresence({ at: "t2" });
    await untilSeen(ben, { ann: { at: "t2" } });
    assert.deepEqual([ann.types.filter((type) => type === "ERROR"), refusals(ben)], [[], []]);
  });

  test("P14.6 a client that was away during two rotations reads all that it has missed, in order", async () => {
    const [room, api, network] = [server.room(), new KeyApi(1), new Network()];
    const realtime = backend(room, api);
    const ann = await member(room, api, "ann", { WebSocket: network.WebSocket });
    const ben = await member(room, api, "ben");
    ann.project.setPresence({ at: "t1" });
    await untilSeen(ben, { ann: { at: "t1" } });
    network.cut();
    await ann.until("waiting");
    for (const index of [1, 2, 3]) {
      await realtime.note(index);
      await rotate(room, api);
    }
    await realtime.note(4);
    network.isDown = false;
    ann.project.reconnect();
    assert.deepEqual(await arrived(ann, "NOTE", 4), [1, 2, 3, 4]);
    projectOf(ann).send("client-note", 5);
    assert.deepEqual(await arrived(ben, "client-note", 1), [5]);
    await untilSeen(ben, { ann: { at: "t1" } });
    assert.equal(ann.types.filter((type) => type === "resync").length, 1);
    assert.deepEqual([refusals(ann), refusals(ben).filter(([type]) => type === "NOTE")], [[], []]);
  });

  test("a key that comes late holds up nothing else, and then brings what had to wait", async () => {
    const [room, api, late] = [server.room(), new KeyApi(1), new KeyApi(1)];
    const realtime = backend(room, api);
    const ann = await member(room, late, "ann");
    await rotate(room, api);
    await realtime.note(1);
    await realtime.news();
    await realtime.note(2);
    assert.deepEqual((await ann.next("undecryptable")).payload, {
      ...{ type: "NOTE", reason: "no_key", epoch: 2, seq: 1 },
    });
    await ann.next("NEWS");
    late.epoch = 2;
    assert.deepEqual(await arrived(ann, "NOTE", 2), [1, 2]);
    assert.equal(refusals(ann).length, 2);
  });

  test("P14.4 a backend without keys reaches nobody, and nobody believes what comes unencrypted", async () => {
    const [room, api] = [server.room(), new KeyApi(1)];
    const ann = await member(room, api, "ann");
    const careless = createBroadcaster<AnyEvents>({ url: server.url, secret: SECRET });
    await careless.publishToProject(room.id, "NOTE", { text: "forged" });
    assert.deepEqual((await ann.next("undecryptable")).payload, {
      ...{ type: "NOTE", reason: "plaintext", epoch: null, seq: 1 },
    });
    await rotate(room, api);
    const sending = careless.publishToProject(room.id, "NOTE", { text: "in the clear" });
    await assert.rejects(sending, { code: "not_encrypted", minKeyEpoch: 2 });
    await backend(room, api).news();
    await ann.next("NEWS");
    assert.deepEqual(payloadsOf(ann, "NOTE"), []);
  });

  test("P14.5 a client without keys is told so in words", async () => {
    const [room, api] = [server.room(), new KeyApi(1)];
    await rotate(room, api);
    const ann = await watcher(room);
    projectOf(ann).send("client-note", 1);
    const { payload } = await ann.next("ERROR");
    assert.equal(payload.code, "not_encrypted");
    assert.match(payload.message, /encrypt/i);
    assert.equal(ann.project.encryption, null);
  });

  test("typing and presence work as ever, also after the whole server has crashed", async () => {
    const [room, api] = [server.room(), new KeyApi(1)];
    await rotate(room, api);
    const [ann, ben] = [await member(room, api, "ann"), await member(room, api, "ben")];
    ann.project.setPresence({ at: "t1" });
    await untilSeen(ben, { ann: { at: "t1" } });
    await runtime.kill();
    await runtime.run();
    await Promise.all([ann.next("CONNECTED"), ben.next("CONNECTED")]);
    await untilSeen(ben, { ann: { at: "t1" } });
    ann.project.send("client-typing", { topic: "t1", on: true });
    assert.deepEqual(await arrived(ben, "client-typing", 1), [{ topic: "t1", on: true }]);
    assert.deepEqual(refusals(ben), []);
  });
});
