/** The React hooks that tell of a project that is open, with fake sockets and a fake clock. */

import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import {
  checkConnections,
  useOnlineUsers,
  useProjectEvent,
  useProjectRealtime,
} from "../src/react.ts";
import { event, FakeSocket, withFakeClock } from "./support/fake-socket.ts";
import { accept, both, inAct, lingered, opener, options, probe, render } from "./support/render.ts";

withFakeClock();

describe("useProjectEvent", () => {
  test("calls the newest handler, never renders, and ends with the component", async () => {
    const calls: string[] = [];
    const user = probe((name: string) => {
      useProjectEvent("TASK_UPDATED", ({ payload }) => calls.push(`${name} ${payload.taskId}`));
    });
    const page = await render(both(user.with("first"), opener("p1")));
    const socket = await accept();
    await inAct(() => socket.says([event("TASK_UPDATED", { taskId: "t" }), event("OTHER")]));
    await page.show(both(user.with("second"), opener("p1")));
    await inAct(() => socket.says(event("TASK_UPDATED", { taskId: "u" })));
    assert.deepEqual(calls, ["first t", "second u"]);
    assert.equal(user.seen.renders, 2);
    await page.show(both(opener("p1")));
    await inAct(() => socket.says(event("TASK_UPDATED", { taskId: "v" })));
    assert.equal(calls.length, 2);
  });

  test("with * hears all, of the project that it names", async () => {
    const calls: string[] = [];
    const user = probe(() => useProjectEvent("*", ({ type }) => calls.push(type), "p2"));
    await render(both(opener("p1"), opener("p2"), user.with()));
    const [one, two] = FakeSocket.made;
    await inAct(() => one?.accepts());
    await inAct(() => two?.accepts());
    assert.deepEqual(calls, ["CONNECTED", "resync"]);
  });

  for (const unknown of [undefined, null]) {
    test(`of a project that is ${unknown} yet hears nothing, until its id is there`, async () => {
      const calls: string[] = [];
      const user = probe((id: string | null | undefined) =>
        useProjectEvent("*", ({ type }) => calls.push(type), id),
      );
      const page = await render(both(user.with(unknown), opener("p1")));
      const socket = await accept();
      assert.deepEqual(calls, []);
      await page.show(both(user.with("p1"), opener("p1")));
      await inAct(() => socket.says(event("TASK_UPDATED", { taskId: "t" })));
      assert.deepEqual(calls, ["TASK_UPDATED"]);
    });
  }

  test("that throws breaks nothing", async () => {
    const errors = mock.method(console, "error", () => {});
    const holder = probe(() => useProjectRealtime("p1", options()).lastEvent);
    const user = probe(() =>
      useProjectEvent("TASK_UPDATED", () => {
        throw new Error("of the handler");
      }),
    );
    await render(both(holder.with(), user.with()));
    const socket = await accept();
    await inAct(() => socket.says(event("TASK_UPDATED")));
    assert.equal(holder.seen.result?.type, "TASK_UPDATED");
    assert.equal(errors.mock.callCount(), 1);
  });
});

describe("useOnlineUsers", () => {
  const ann = { userId: "ann", userName: null, joinedAt: 1, verified: false };

  test("has the users of the project that the page has open, and follows it", async () => {
    const users = probe(() => useOnlineUsers());
    const named = probe(() => useOnlineUsers("p1"));
    const page = await render(both(users.with(), named.with(), opener("p1")));
    const socket = await accept({ users: [ann], activeUsers: 1 });
    assert.deepEqual(users.seen.result, [ann]);
    assert.equal(users.seen.result, named.seen.result);
    const { renders } = users.seen;
    await inAct(() => socket.says(event("TASK_UPDATED", { taskId: "t" })));
    assert.equal(users.seen.renders, renders);
    await page.show(both(users.with(), opener("p2")));
    assert.deepEqual(users.seen.result, []);
  });

  for (const unknown of [undefined, null]) {
    test(`of a project that is ${unknown} yet are none, until its id is there`, async () => {
      const users = probe((id: string | null | undefined) => useOnlineUsers(id));
      const page = await render(both(users.with(unknown), opener("p1")));
      await accept({ users: [ann], activeUsers: 1 });
      assert.deepEqual(users.seen.result, []);
      await page.show(both(users.with("p1"), opener("p1")));
      assert.deepEqual(users.seen.result, [ann]);
    });
  }
});

test("checkConnections asks every connection of the page", async () => {
  const page = await render(both(opener("p1"), opener("p2"), opener("p3")));
  for (const socket of FakeSocket.made) await inAct(() => socket.accepts());
  await page.show(both(opener("p1"), opener("p2")));
  await lingered();
  checkConnections();
  assert.deepEqual(
    FakeSocket.made.map((socket) => socket.count("PING")),
    [1, 1, 0],
  );
});
