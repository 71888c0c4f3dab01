/** What handlers and readers are handed: with fake sockets. */

import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import type { AnyEvent, ProjectConnection } from "../src/index.ts";
import {
  connect,
  type FakeSocket,
  online,
  pass,
  socket,
  untilRetry,
  withFakeClock,
} from "./support/fake-socket.ts";

withFakeClock();

const task = (seq: number) => ({
  type: "TASK_UPDATED",
  payload: { taskId: "t" },
  timestamp: 1,
  seq,
});

/** What comes from now on, as types with their numbers. */
function heard(project: ProjectConnection): string[] {
  const all: string[] = [];
  project.on("*", ({ type, seq }) => all.push(type + (seq ?? "")));
  return all;
}

describe("a handler", () => {
  test("gets the events of its type, alone or in a batch, until it is taken away", async () => {
    const { project, first } = await online();
    const numbers: unknown[] = [];
    const off = project.on("TASK_UPDATED", ({ seq, payload }) =>
      numbers.push([seq, payload.taskId]),
    );
    first.says(task(1));
    first.says([task(2), { type: "OTHER", payload: 1, timestamp: 1, seq: 3 }, task(4)]);
    off();
    first.says(task(5));
    assert.deepEqual(numbers, [
      [1, "t"],
      [2, "t"],
      [4, "t"],
    ]);
  });

  test("that throws or rejects disturbs nobody, and is reported", async () => {
    const { project, first } = await online();
    const errors = mock.method(console, "error", () => {});
    project.on("TASK_UPDATED", () => {
      throw new Error("thrown");
    });
    project.on("TASK_UPDATED", async () => {
      throw new Error("rejected");
    });
    const all = heard(project);
    first.says([task(1), task(2)]);
    await pass(0);
    assert.deepEqual(all, ["TASK_UPDATED1", "TASK_UPDATED2"]);
    assert.equal(project.status.state, "online");
    assert.equal(errors.mock.callCount(), 4);
  });

  test("that throws ends no process in Deno, which ends it for an error that is reported", async () => {
    const reported = mock.fn();
    const errors = mock.method(console, "error", () => {});
    Object.assign(globalThis, { Deno: {}, reportError: reported });
    try {
      const { project, first } = await online();
      project.on("TASK_UPDATED", () => {
        throw new Error("thrown");
      });
      const all = heard(project);
      first.says(task(1));
      assert.deepEqual(all, ["TASK_UPDATED1"]);
      assert.deepEqual([reported.mock.callCount(), errors.mock.callCount()], [0, 1]);
    } finally {
      for (const name of ["Deno", "reportError"]) Reflect.deleteProperty(globalThis, name);
    }
  });

  test("that is added or taken away by another one is not called for the same event", async () => {
    const { project, first } = await online();
    const calls: string[] = [];
    const again = () => {
      calls.push("first");
      project.on("TASK_UPDATED", again);
      off();
    };
    project.on("TASK_UPDATED", again);
    const off = project.on("TASK_UPDATED", () => calls.push("second"));
    first.says(task(1));
    assert.deepEqual(calls, ["first"]);
  });

  test("that closes the connection gets nothing more", async () => {
    const { project, first } = await online();
    const all = heard(project);
    project.on("TASK_UPDATED", () => project.close());
    first.says([task(1), task(2)]);
    assert.deepEqual(all, ["TASK_UPDATED1"]);
  });

  test("that closes the connection as soon as it stands gets nothing at all", async () => {
    const project = connect();
    const all = heard(project);
    project.on("status", ({ payload }) => payload.state === "online" && project.close());
    (await socket()).accepts();
    assert.deepEqual(all, []);
  });

  test("that closes the connection when it hears of the users gets nothing at all", async () => {
    const project = connect();
    const all = heard(project);
    project.on("users", () => project.close());
    (await socket()).accepts({ users: [{ userId: "ann" }], activeUsers: 1 });
    assert.deepEqual([all, project.status.state], [[], "closed"]);
  });

  test("hears nothing of answers to pings, and of broadcasts under the client's own names", async () => {
    const { project, first } = await online();
    const all = heard(project);
    let resyncs = 0;
    project.on("resync", () => (resyncs += 1));
    first.says([
      { type: "PONG", payload: {} },
      { type: "resync", payload: {}, seq: 1 },
    ]);
    assert.deepEqual([all, resyncs], [[], 0]);
    first.ends();
    await pass(3_000);
    assert.equal((await socket()).url.searchParams.get("since"), "e:1");
  });

  test("hears nothing of what is no frame", async () => {
    const { project, first } = await online();
    const all = heard(project);
    for (const data of ["", "{", new Uint8Array(2)])
      first.dispatchEvent(new MessageEvent("message", { data }));
    for (const frame of [null, 1, {}, [null], { type: 1 }]) first.says(frame);
    first.says(task(1));
    assert.deepEqual(all, ["TASK_UPDATED1"]);
  });
});

describe("a server that is newer than the client", () => {
  test("may say what it does not understand: nothing else is lost, and no process ends", async () => {
    const { project, first } = await online({ seq: 7 });
    const errors = mock.method(console, "error", () => {});
    const all = heard(project);
    first.says([
      { type: "CONNECTED", payload: null },
      { type: "USER_JOINED", payload: null },
      { type: "AUTH_OK", payload: null },
      { type: "CURSOR_MOVED", payload: [1, 2], timestamp: 1 },
      task(8),
    ]);
    assert.deepEqual(all.slice(-2), ["CURSOR_MOVED", "TASK_UPDATED8"]);
    assert.ok(errors.mock.callCount() > 0);
    assert.equal(project.status.state, "online");
  });

  test("may keep no history, and name nobody", async () => {
    const { project } = await online({ epoch: undefined, seq: undefined, users: undefined });
    assert.deepEqual([project.status.state, project.users], ["online", []]);
  });
});

describe("the position", () => {
  /** The position that a client gives when it returns now. */
  async function since(of: FakeSocket): Promise<string | null> {
    of.ends();
    await pass(9_000);
    return (await socket()).url.searchParams.get("since");
  }

  test("is that of CONNECTED, until an event has a number", async () => {
    const { first } = await online({ seq: 7 });
    assert.equal(await since(first), "e:7");
  });

  test("moves with each event that has a number", async () => {
    const { first } = await online({ seq: 7 });
    first.says([task(8), task(9), { type: "EPHEMERAL", payload: {}, timestamp: 1 }]);
    assert.equal(await since(first), "e:9");
  });

  test("stays when the client is recovered: what it missed is still on its way", async () => {
    const { first } = await online({ seq: 7 });
    assert.equal(await since(first), "e:7");
    const second = await socket();
    second.accepts({ seq: 20, recovered: true });
    assert.equal(await since(second), "e:7");
    const third = await socket();
    third.accepts({ seq: 20, recovered: true });
    third.says(task(8));
    assert.equal(await since(third), "e:8");
  });

  test("is the one that the app started from", async () => {
    connect({ since: "e:5" });
    assert.equal((await socket()).url.searchParams.get("since"), "e:5");
  });

  test("is none where no history is kept", async () => {
    const { first } = await online({ epoch: undefined, seq: undefined });
    assert.equal(await since(first), null);
  });
});

describe("resync", () => {
  test("comes once after each CONNECTED that is not recovered, and never after one that is", async () => {
    const project = connect();
    const all = heard(project);
    const firsts: boolean[] = [];
    project.on("resync", ({ payload }) => firsts.push(payload.first));
    for (const recovered of [false, true, false]) {
      (await socket()).accepts({ recovered });
      (await socket()).ends();
      await pass(untilRetry(project));
    }
    assert.deepEqual(all, ["CONNECTED", "resync", "CONNECTED", "CONNECTED", "resync"]);
    assert.deepEqual(firsts, [true, false]);
  });

  test("comes when the client counts as online", async () => {
    const project = connect();
    const states: string[] = [];
    project.on("resync", () => states.push(project.status.state));
    (await socket()).accepts();
    assert.deepEqual(states, ["online"]);
  });
});

describe("iteration", () => {
  test("has all events in order, and ends when the connection is closed", async () => {
    const { project, first } = await online();
    const reader = read(project);
    first.says([task(1), task(2)]);
    await pass(0);
    first.says(task(3));
    project.close();
    assert.deepEqual(await reader, ["TASK_UPDATED1", "TASK_UPDATED2", "TASK_UPDATED3"]);
  });

  test("ends when the server stops the client", async () => {
    const { project, first } = await online();
    const reader = read(project);
    first.ends(4003, { code: "removed" });
    assert.deepEqual(await reader, []);
    assert.deepEqual(await read(project), []);
  });

  test("that is left gets no more, and the connection stays", async () => {
    const { project, first } = await online();
    first.says(task(1));
    const leaving = (async () => {
      for await (const event of project) return event;
    })();
    first.says(task(2));
    assert.equal((await leaving)?.seq, 2);
    assert.equal(project.status.state, "online");
  });

  test("of a reader who falls 1,000 events behind goes on with a resync", async () => {
    const { project, first } = await online();
    const events = project[Symbol.asyncIterator]();
    first.says(Array.from({ length: 1_001 }, (_, seq) => task(seq + 1)));
    const [one, two] = [await events.next(), await events.next()];
    assert.deepEqual([one.value?.type, two.value?.seq], ["resync", 1_001]);
  });

  async function read(project: ProjectConnection): Promise<string[]> {
    const all: string[] = [];
    for await (const event of project) all.push(nameOf(event));
    return all;
  }

  const nameOf = ({ type, seq }: AnyEvent) => type + (seq ?? "");
});
