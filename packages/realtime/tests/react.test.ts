/** The React hooks that connect, with fake sockets and a fake clock. */

import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import type { RealtimeOptions } from "../src/index.ts";
import {
  useOnlineUsers,
  useProjectEvent,
  useProjectRealtime,
  useTaskRealtime,
} from "../src/react.ts";
import { event, FakeSocket, pass, withFakeClock } from "./support/fake-socket.ts";
import {
  accept,
  both,
  inAct,
  lingered,
  options,
  probe,
  render,
  strictly,
} from "./support/render.ts";

withFakeClock();

const projectsOf = (sockets: FakeSocket[]) =>
  sockets.map(({ url }) => url.pathname.split("/").at(-1));

describe("useProjectRealtime", () => {
  test("connects, and answers status, users and last event", async () => {
    const all = probe((id: string) => ({ ...useProjectRealtime(id, options()) }));
    await render(all.with("p1"));
    assert.equal(all.seen.result?.status.state, "connecting");
    const users = [{ userId: "ann", userName: null, joinedAt: 1, verified: false }];
    const socket = await accept({ users, activeUsers: 1 });
    assert.equal(all.seen.result?.status.state, "online");
    assert.deepEqual(all.seen.result?.users, users);
    await inAct(() => socket.says(event("TASK_UPDATED", { taskId: "t" })));
    assert.deepEqual(all.seen.result?.lastEvent?.payload, { taskId: "t" });
    assert.equal(all.seen.result?.connection?.projectId, "p1");
  });

  test("shows as the last event what a backend broadcast, not what server and client say of themselves", async () => {
    const types: (string | undefined)[] = [];
    const last = probe(() => types.push(useProjectRealtime("p1", options()).lastEvent?.type));
    await render(last.with());
    const socket = await accept();
    await inAct(() => socket.says(event("TASK_UPDATED", { taskId: "t" })));
    await inAct(() => socket.says(event("USER_JOINED", { userId: "ben", userName: null })));
    await inAct(() => socket.says(event("USER_LEFT", { userId: "ben", userName: null })));
    assert.deepEqual(types, [undefined, "TASK_UPDATED"]);
  });

  test("has one socket, however many components ask, until the last is gone", async () => {
    const one = probe(() => useProjectRealtime("p1", options()).status);
    const two = probe(() => useProjectRealtime("p1", options()).status);
    const three = probe(() => useTaskRealtime("t", "p1").status);
    const page = await render(both(one.with(), two.with(), three.with()));
    const socket = await accept();
    assert.equal(FakeSocket.made.length, 1);
    for (const { seen } of [one, two, three]) assert.equal(seen.result?.state, "online");
    await page.show(both(two.with()));
    assert.equal(socket.closedWith, undefined);
    await page.show(null);
    await lingered();
    assert.equal(socket.closedWith, 1000);
  });

  test("in StrictMode has one socket too, and leaves with it", async () => {
    const all = probe(() => useProjectRealtime("p1", options()).status);
    const page = await render(strictly(all.with()));
    const socket = await accept();
    assert.equal(FakeSocket.made.length, 1);
    await page.unmount();
    await lingered();
    assert.equal(socket.closedWith, 1000);
    await inAct(() => pass(60_000));
    assert.equal(FakeSocket.made.length, 1);
  });

  test("goes to another project with its props, and shows nothing of the one before", async () => {
    const all = probe((id: string) => ({ ...useProjectRealtime(id, options()) }));
    const page = await render(all.with("p1"));
    const first = await accept({ users: [{ userId: "x" }], activeUsers: 1 });
    await page.show(all.with("p2"));
    assert.deepEqual(projectsOf(FakeSocket.made), ["p1", "p2"]);
    assert.deepEqual(all.seen.result?.users, []);
    assert.equal(all.seen.result?.lastEvent, undefined);
    await lingered();
    assert.equal(first.closedWith, 1000);
  });

  test("keeps the socket when the page around it is another one that wants it too", async () => {
    const one = probe(() => useProjectRealtime("p1", options()).status);
    const two = probe(() => useProjectRealtime("p1", options()).status);
    const page = await render(createElement("main", { key: 1 }, one.with()));
    await accept();
    await page.show(createElement("main", { key: 2 }, two.with()));
    assert.equal(FakeSocket.made.length, 1);
    assert.equal(two.seen.result?.state, "online");
  });

  test("connects again as another user", async () => {
    const all = probe((user: string) => useProjectRealtime("p1", options(user)).status);
    const page = await render(all.with("ann"));
    const first = await accept();
    await page.show(all.with("ben"));
    assert.equal(first.closedWith, 1000);
    assert.deepEqual(FakeSocket.queried("userId"), ["ann", "ben"]);
  });

  test("has one socket, of who came last, where components do not agree on the user", async () => {
    const one = probe(() => useProjectRealtime("p1", options("ann")).status);
    const two = probe(() => useProjectRealtime("p1", options("ben")).status);
    await render(both(one.with(), two.with()));
    await accept();
    await inAct(() => pass(10_000));
    assert.deepEqual(FakeSocket.queried("userId"), ["ben"]);
    assert.equal(one.seen.result?.state, "online");
  });

  test("calls the newest getToken on the next connect, and opens nothing for it", async () => {
    const withToken = (token: string): RealtimeOptions => ({
      host: "example.com",
      getToken: () => token,
      WebSocket: FakeSocket,
    });
    const all = probe((token: string) => useProjectRealtime("p1", withToken(token)).status);
    const page = await render(all.with("a.a.a"));
    const first = await accept();
    await page.show(all.with("b.b.b"));
    assert.equal(FakeSocket.made.length, 1);
    await inAct(() => first.ends());
    await inAct(() => pass(3_000));
    assert.deepEqual(FakeSocket.tokens, ["a.a.a", "b.b.b"]);
  });

  test("without a project, or without options of anybody, connects to nothing", async () => {
    const none = probe(() => useProjectRealtime(null, options()).status);
    const alone = probe(() => useProjectRealtime("p1").status);
    await render(both(none.with(), alone.with()));
    await inAct(() => pass(60_000));
    assert.equal(FakeSocket.made.length, 0);
  });

  test("renders for nothing that the component does not read", async () => {
    const blind = probe(() => void useProjectRealtime("p1", options()));
    const status = probe(() => useProjectRealtime("p1").status);
    const users = probe(() => useProjectRealtime("p1").users);
    await render(both(blind.with(), status.with(), users.with()));
    const socket = await accept();
    const before = [blind.seen.renders, status.seen.renders, users.seen.renders];
    for (let seq = 1; seq <= 5; seq += 1)
      await inAct(() => socket.says({ ...event("TASK_UPDATED", { taskId: "t" }), seq }));
    assert.deepEqual([blind.seen.renders, status.seen.renders, users.seen.renders], before);
    assert.equal(blind.seen.renders, 1);
    await inAct(() => socket.says(event("PRESENCE", { activeUsers: 140 })));
    assert.equal(users.seen.renders, before[2]);
    await inAct(() => socket.says(event("USER_JOINED", { userId: "ben", userName: null })));
    assert.equal(users.seen.renders, (before[2] ?? 0) + 1);
    assert.equal(status.seen.renders, before[1]);
  });

  test("answers the same object while nothing has changed that was read", async () => {
    const answers = new Set<unknown>();
    const all = probe((_: number) => {
      const realtime = useProjectRealtime("p1", options());
      answers.add(realtime);
      return realtime.status;
    });
    const page = await render(all.with(1));
    const socket = await accept();
    answers.clear();
    await inAct(() => socket.says(event("E")));
    for (const number of [2, 3]) await page.show(all.with(number));
    assert.equal(answers.size, 1);
  });

  test("shows what is new to a click that reads what no render has read", async () => {
    const all = probe(() => useProjectRealtime("p1", options()));
    await render(all.with());
    await accept();
    assert.equal(all.seen.renders, 1);
    assert.equal(all.seen.result?.connection?.status.state, "online");
  });

  test("renders on a server, and connects to nothing there", async () => {
    const errors = mock.method(console, "error", () => {});
    const all = probe(() => {
      useProjectEvent("TASK_UPDATED", () => {});
      const { status } = useProjectRealtime("p1", options());
      return [status.state, useTaskRealtime("t", "p1").status.state, useOnlineUsers().length];
    });
    renderToString(all.with());
    assert.deepEqual(all.seen.result, ["connecting", "connecting", 0]);
    await pass(60_000);
    assert.equal(FakeSocket.made.length, 0);
    assert.equal(errors.mock.callCount(), 0);
  });
});

describe("useTaskRealtime", () => {
  test("has the last event of its task, and renders for no other", async () => {
    const task = probe((id: string) => useTaskRealtime(id, "p1", options()).lastEvent);
    const page = await render(task.with("t1"));
    const socket = await accept();
    await inAct(() => socket.says(event("TASK_UPDATED", { taskId: "t1" })));
    assert.equal(task.seen.result?.type, "TASK_UPDATED");
    const { renders } = task.seen;
    for (const payload of [{ taskId: "t2" }, {}, null as never])
      await inAct(() => socket.says(event("TASK_UPDATED", payload)));
    assert.equal(task.seen.renders, renders);
    await page.show(task.with("t2"));
    assert.equal(task.seen.result, undefined);
  });
});
