/** What a client says about its user: presence data, with fake sockets. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random, SEED } from "../../../tests/support/random.ts";
import type { PresencePatch } from "../src/index.ts";
import {
  type FakeSocket,
  online,
  pass,
  socket,
  untilRetry,
  withFakeClock,
} from "./support/fake-socket.ts";

withFakeClock();

const ann = { userId: "ann", userName: "Ann", joinedAt: 1, verified: true };
const OPEN = {
  connectionId: "a1",
  clientEvents: true,
  limits: { clientFrameBytes: 16_384, presenceDataBytes: 2_048 },
  users: [ann],
  activeUsers: 1,
};

/** What a server says that has these data of the client. */
const knowing = (data: unknown) => ({
  ...OPEN,
  users: [{ ...ann, data: [{ connectionId: "other" }, { connectionId: "a1", data }] }],
});

interface PresenceSet {
  type: string;
  patch: Record<string, unknown>;
}

/** The patches that were sent, in order. */
function patchesOf({ sent }: FakeSocket): Record<string, unknown>[] {
  const messages = sent.flat() as PresenceSet[];
  return messages.filter(({ type }) => type === "PRESENCE_SET").map(({ patch }) => patch);
}

describe("setPresence", () => {
  test("sends the first change at once, and those of the next 100 ms together", async () => {
    const { project, first } = await online(OPEN);
    project.setPresence({ at: "t1" });
    await pass(0);
    assert.deepEqual(patchesOf(first), [{ at: "t1" }]);
    project.setPresence({ status: "busy", editing: "title" });
    project.setPresence({ at: null, editing: null });
    await pass(99);
    assert.equal(patchesOf(first).length, 1);
    await pass(1);
    assert.deepEqual(patchesOf(first).slice(1), [{ status: "busy", at: null }]);
    await pass(100);
    project.setPresence({ status: "away" });
    await pass(0);
    assert.deepEqual(patchesOf(first).slice(2), [{ status: "away" }]);
  });

  test("shows in self at once, which is the same object until something changes", async () => {
    const { project } = await online(OPEN);
    const { self } = project;
    assert.deepEqual(self, {
      ...{ connectionId: "a1", userId: "ann", userName: "Ann", verified: true },
      ...{ data: {}, maySend: true },
    });
    const told: unknown[] = [];
    project.on("self", ({ payload }) => told.push(payload));
    project.setPresence({ at: "t1", status: undefined });
    assert.deepEqual(project.self?.data, { at: "t1" });
    const { self: after } = project;
    project.setPresence({ at: "t1", editing: null });
    assert.equal(project.self, after);
    assert.deepEqual(told, [after]);
  });

  test("that changes nothing sends nothing", async () => {
    const { project, first } = await online(OPEN);
    project.setPresence({ cursor: [0, 1] });
    project.setPresence({ status: "busy" });
    project.setPresence({ status: null });
    await pass(200);
    project.setPresence({ cursor: [0, 1] });
    project.setPresence({ at: null });
    await pass(200);
    assert.equal(patchesOf(first).length, 1);
  });

  test("before the client is connected counts once it is, and keeps the last state only", async () => {
    const { project, first } = await online(OPEN);
    first.ends();
    for (let time = 0; time < 1_000; time += 1) project.setPresence({ at: `t${time}` });
    await pass(3_000);
    const second = await socket();
    second.accepts(OPEN);
    await pass(200);
    assert.deepEqual(patchesOf(second), [{ at: "t999" }]);
  });

  test("is told again after a reconnect, as far as the server does not have it", async () => {
    const { project, first } = await online(OPEN);
    project.setPresence({ at: "t1", status: "busy" });
    await pass(0);
    first.ends();
    project.setPresence({ status: null, editing: "title" });
    await pass(3_000);
    const second = await socket();
    second.accepts(knowing({ status: "busy", at: "t1" }));
    await pass(200);
    assert.deepEqual(patchesOf(second), [{ editing: "title", status: null }]);
    second.ends();
    await pass(6_000);
    const third = await socket();
    third.accepts(knowing({ editing: "title", at: "t1" }));
    await pass(200);
    assert.deepEqual(patchesOf(third), []);
  });

  test("is told whole to a server that names no data, with what is gone", async () => {
    const { project, first } = await online(OPEN);
    project.setPresence({ at: "t1", status: "busy" });
    await pass(0);
    first.ends();
    project.setPresence({ status: null });
    await pass(3_000);
    const second = await socket();
    second.accepts(OPEN);
    await pass(200);
    assert.deepEqual(patchesOf(second), [{ at: "t1", status: null }]);
  });

  test("that the server refuses for its rate is told again after the time that the server says", async () => {
    const { project, first } = await online(OPEN);
    project.setPresence({ at: "t1" });
    await pass(0);
    const payload = { code: "rate_limited", message: "", retryAfterMs: 500 };
    first.says({ type: "ERROR", payload, timestamp: 1 });
    project.setPresence({ status: "busy" });
    await pass(499);
    assert.equal(patchesOf(first).length, 1);
    await pass(1);
    assert.deepEqual(patchesOf(first).slice(1), [{ at: "t1", status: "busy" }]);
  });

  test("that is too big for the server is told again with the next change, and not before", async () => {
    const { project, first } = await online(OPEN);
    project.setPresence({ editing: "x".repeat(3_000), at: "t1" });
    await pass(0);
    first.says({ type: "ERROR", payload: { code: "presence_data_too_big", message: "" } });
    await pass(60_000);
    assert.equal(patchesOf(first).length, 1);
    project.setPresence({ editing: null });
    await pass(0);
    assert.deepEqual(patchesOf(first).slice(1), [{ at: "t1", editing: null }]);
  });

  test("that is made small again before the server has refused it is told soon", async () => {
    const { project, first } = await online(OPEN);
    project.setPresence({ editing: "x".repeat(3_000), at: "t1" });
    await pass(0);
    project.setPresence({ editing: null });
    first.says({ type: "ERROR", payload: { code: "presence_data_too_big", message: "" } });
    await pass(100);
    assert.deepEqual(patchesOf(first).slice(1), [{ at: "t1", editing: null }]);
  });

  test("of more keys than one message can have is told in several", async () => {
    const { project, first } = await online(OPEN);
    const keys = Array.from({ length: 70 }, (_, index) => [`k${index}`, index]);
    project.setPresence(Object.fromEntries(keys));
    for (let times = 0; times < 3; times += 1) await pass(100);
    assert.deepEqual(
      patchesOf(first).map((patch) => Object.keys(patch).length),
      [32, 32, 6],
    );
    assert.deepEqual(Object.assign({}, ...patchesOf(first)), project.self?.data);
  });

  test("with names of prototypes as keys harms nothing", async () => {
    const { project, first } = await online(OPEN);
    const patch = JSON.parse('{"__proto__":{"at":"forged"},"constructor":1,"toString":2}');
    project.setPresence(patch);
    await pass(0);
    const data = project.self?.data as Record<string, unknown>;
    assert.deepEqual(Object.keys(data), ["__proto__", "constructor", "toString"]);
    assert.equal(Object.getPrototypeOf(data), Object.prototype);
    assert.equal(JSON.stringify(patchesOf(first)), JSON.stringify([patch]));
  });
});

/** A server that may refuse, lose its memory, or lose the connection. It has the data of one client. */
class FickleServer {
  data: Record<string, unknown> = {};
  #read = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Deals with what has come on this socket since the last time. */
  read(socket: FakeSocket): void {
    const patches = patchesOf(socket);
    for (const patch of patches.slice(this.#read)) {
      assert.ok(Object.keys(patch).length <= 32);
      if (this.#random.below(4) === 0) this.#refuse(socket);
      else this.#take(patch);
    }
    this.#read = patches.length;
  }

  #refuse(socket: FakeSocket): void {
    const payload = {
      code: "rate_limited",
      message: "",
      retryAfterMs: 50 + this.#random.below(300),
    };
    socket.says({ type: "ERROR", payload, timestamp: 1 });
  }

  #take(patch: Record<string, unknown>): void {
    for (const [key, value] of Object.entries(patch)) {
      if (value === null) delete this.data[key];
      else
        Object.defineProperty(this.data, key, {
          value,
          configurable: true,
          enumerable: true,
          writable: true,
        });
    }
  }

  /** The client comes back. The server may have lost its data, or not tell of them in a large room. */
  accept(socket: FakeSocket): void {
    this.#read = 0;
    const fate = this.#random.below(3);
    if (fate === 0) this.data = {};
    socket.accepts(fate === 1 && Object.keys(this.data).length > 0 ? knowing(this.data) : OPEN);
  }
}

test("when it is quiet the server has what the client has, whatever was refused, lost or forgotten", async () => {
  const { project, first } = await online(OPEN);
  const random = new Random("presence data");
  const server = new FickleServer(random);
  let current = first;
  const rounds = 40;
  for (let round = 0; round < rounds; round += 1) {
    for (let step = random.below(12); step > 0; step -= 1) {
      const key = random.of(
        "at",
        "status",
        "editing",
        "cursor",
        "__proto__",
        "valueOf",
        `k${random.below(60)}`,
      );
      const value = random.of<unknown>(null, 1, "one", [0.5, 1], { a: { b: null } });
      project.setPresence(
        JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value)}}`) as PresencePatch,
      );
      if (random.below(3) === 0) await pass(random.below(120));
      server.read(current);
      if (random.below(8) > 0) continue;
      current.ends();
      await pass(untilRetry(project));
      current = await socket();
      server.accept(current);
    }
    for (let quiet = 0; quiet < 20; quiet += 1) {
      await pass(400);
      server.read(current);
    }
    const sorted = (data: object | undefined) =>
      JSON.stringify(Object.entries(data ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
    assert.equal(sorted(server.data), sorted(project.self?.data), `SEED=${SEED} round ${round}`);
  }
});
