/** TanStack Query: what events invalidate and remove. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { QueryClient, type QueryKey, QueryObserver } from "@tanstack/react-query";
import { invalidateQueriesOnEvents, type QueryMap } from "../src/react.ts";
import { event, type FakeSocket, pass, withFakeClock } from "./support/fake-socket.ts";
import { accept, inAct, opener, render } from "./support/render.ts";

withFakeClock();

const KEYS: QueryKey[] = [
  ["tasks", "p1"],
  ["tasks", "p1", { status: "todo" }],
  ["task", "t1"],
  ["task", "t2"],
  ["project", "p1"],
  ["members", "p1"],
  ["comments", "t1"],
  ["comments", "t2"],
  ["threads", "t1"],
  ["unread"],
  ["tasks", "p2"],
  ["project", "p2"],
];

describe("with the keys of the product", () => {
  let client: QueryClient;
  let socket: FakeSocket;
  let off: () => void;

  beforeEach(async () => {
    client = new QueryClient();
    for (const key of KEYS) client.setQueryData(key, {});
    await render(opener("p1"));
    socket = await accept();
    off = invalidateQueriesOnEvents(client);
  });

  const stale = () => names(({ isInvalidated }) => isInvalidated);
  const names = (wanted: (state: { isInvalidated: boolean }) => boolean) =>
    client
      .getQueryCache()
      .getAll()
      .filter(({ state }) => wanted(state))
      .map(({ queryKey }) =>
        queryKey.map((part) => (typeof part === "string" ? part : "…")).join(" "),
      );

  const says = (type: string, payload: unknown) => inAct(() => socket.says(event(type, payload)));

  for (const type of ["TASK_CREATED", "TASK_UPDATED", "TASK_STATUS_CHANGED", "TASK_ASSIGNED"]) {
    test(`${type} makes the task and the lists old`, async () => {
      await says(type, { taskId: "t1" });
      assert.deepEqual(stale(), ["tasks p1", "tasks p1 …", "task t1"]);
    });
  }

  test("TASK_DELETED removes the task, and makes the lists old", async () => {
    await says("TASK_DELETED", { taskId: "t1" });
    assert.deepEqual(stale(), ["tasks p1", "tasks p1 …"]);
    assert.ok(!names(() => true).includes("task t1"));
    assert.ok(names(() => true).includes("task t2"));
  });

  test("an event is dropped where its version of the task is shown already", async () => {
    client.setQueryData(["task", "t1"], { id: "t1", version: 5 });
    client.setQueryData(["tasks", "p1"], [{ id: "t1", version: 4 }, null]);
    await says("TASK_UPDATED", { taskId: "t1", version: 5 });
    assert.deepEqual(stale(), ["tasks p1", "tasks p1 …"]);
  });

  test("an event of a later version is not dropped, nor one about a task that is not shown", async () => {
    client.setQueryData(["task", "t1"], { id: "t1", version: 5 });
    await says("TASK_UPDATED", { taskId: "t1", version: 6 });
    await inAct(() => pass(350));
    await says("TASK_UPDATED", { taskId: "t2", version: 1 });
    assert.deepEqual(stale(), ["tasks p1", "tasks p1 …", "task t1", "task t2"]);
  });

  test("TASK_DELETED that does not say which removes nothing", async () => {
    for (const payload of [{}, null]) await says("TASK_DELETED", payload);
    assert.equal(names(() => true).length, KEYS.length);
  });

  test("PROJECT_UPDATED makes the project old, MEMBER_ADDED the members", async () => {
    await says("PROJECT_UPDATED", {});
    assert.deepEqual(stale(), ["project p1"]);
    await inAct(() => pass(350));
    await says("MEMBER_ADDED", { userId: "ben" });
    assert.deepEqual(stale(), ["project p1", "members p1"]);
  });

  for (const type of ["COMMENT_ADDED", "COMMENT_UPDATED", "COMMENT_DELETED"])
    test(`${type} makes the task's comments and threads old, and what is unread`, async () => {
      await says(type, { taskId: "t1", commentId: "c1" });
      assert.deepEqual(stale(), ["comments t1", "threads t1", "unread"]);
    });

  test("REACTION_CHANGED makes the task's comments old: it is nothing to read", async () => {
    await says("REACTION_CHANGED", { taskId: "t1", commentId: "c1" });
    assert.deepEqual(stale(), ["comments t1"]);
  });

  for (const type of ["THREAD_RESOLVED", "THREAD_READ"])
    test(`${type} makes the task's threads old, and what is unread`, async () => {
      await says(type, { taskId: "t1", threadId: "c1" });
      assert.deepEqual(stale(), ["threads t1", "unread"]);
    });

  test("COMMENT_ADDED that does not say of which task makes the comments of all old", async () => {
    await says("COMMENT_ADDED", null);
    assert.deepEqual(stale(), ["comments t1", "comments t2", "threads t1", "unread"]);
  });

  test("resync waits for what is to be sent first", async () => {
    off();
    const { promise, resolve } = Promise.withResolvers<void>();
    const after = () => promise;
    off = invalidateQueriesOnEvents(client, { after });
    await inAct(() => socket.accepts());
    assert.deepEqual(stale(), []);
    await inAct(() => resolve());
    assert.ok(stale().includes("task t2"));
  });

  test("resync makes all of the project old, and nothing of another", async () => {
    await inAct(() => socket.accepts());
    assert.deepEqual(stale(), [
      "tasks p1",
      "tasks p1 …",
      "task t1",
      "task t2",
      "project p1",
      "members p1",
      "comments t1",
      "comments t2",
      "threads t1",
      "unread",
    ]);
  });

  test("comings and goings, and events that it does not know, make nothing old", async () => {
    for (const type of ["USER_JOINED", "PRESENCE", "FILE_UPLOADED"])
      await says(type, { users: [] });
    assert.deepEqual(stale(), []);
  });

  test("after it was called off nothing is made old", async () => {
    off();
    await says("TASK_UPDATED", { taskId: "t1" });
    assert.deepEqual(stale(), []);
  });
});

describe("with keys of one's own", () => {
  async function asked(map: QueryMap, frames: unknown): Promise<string[]> {
    const calls: string[] = [];
    const queryClient = {
      invalidateQueries: async ({ queryKey }: { queryKey: QueryKey }) =>
        calls.push(`old ${queryKey}`),
      removeQueries: ({ queryKey }: { queryKey: QueryKey }) => calls.push(`gone ${queryKey}`),
      getQueryCache: () => ({ findAll: () => [] }),
    };
    await render(opener("p1"));
    const socket = await accept();
    invalidateQueriesOnEvents(queryClient, map);
    await inAct(() => socket.says(frames));
    return calls;
  }

  const task = (type: string, taskId: string) => event(type, { taskId });

  test("each key is made old once, however many events come together", async () => {
    const frames = Array.from({ length: 64 }, () => task("TASK_UPDATED", "t"));
    const map = { tasks: (id: string) => ["board", id] };
    assert.deepEqual(await asked(map, frames), ["old board,p1", "old task,t"]);
  });

  test("a key within another one is made old by that one", async () => {
    const map: QueryMap = {
      tasks: (id) => ["board", id],
      task: (taskId, id) => ["board", id, taskId],
    };
    assert.deepEqual(await asked(map, task("TASK_UPDATED", "t")), ["old board,p1"]);
  });

  test("what was changed and then deleted is removed, and not asked for", async () => {
    const frames = [task("TASK_UPDATED", "t"), task("TASK_DELETED", "t")];
    assert.deepEqual(await asked({}, frames), ["gone task,t", "old tasks,p1"]);
  });

  test("more can be made old by an event", async () => {
    const map: QueryMap = {
      events: { TASK_ASSIGNED: ({ payload }, id) => [["inbox", payload.assigneeId, id]] },
    };
    const frames = { ...task("TASK_ASSIGNED", "t"), payload: { taskId: "t", assigneeId: "ben" } };
    assert.deepEqual(await asked(map, frames), ["old tasks,p1", "old task,t", "old inbox,ben,p1"]);
  });

  test("comments, threads and what is unread can have other keys", async () => {
    const map: QueryMap = {
      comments: (taskId, id) => ["talk", id, taskId],
      threads: (taskId, id) => ["talks", id, taskId],
      unread: (id) => ["inbox", id],
    };
    const frames = { ...task("COMMENT_ADDED", "t"), payload: { taskId: "t", commentId: "c" } };
    assert.deepEqual(await asked(map, frames), ["old talk,p1,t", "old talks,p1,t", "old inbox,p1"]);
  });

  test("a resync makes old what the app has beside them", async () => {
    const map: QueryMap = { events: { resync: (_event, id) => [["files", id]] } };
    const again = event("CONNECTED", { recovered: false, users: [], activeUsers: 0 });
    const all = ["old tasks,p1", "old task", "old project,p1", "old members,p1"];
    const said = ["old comments", "old threads", "old unread"];
    assert.deepEqual(await asked(map, again), [...all, ...said, "old files,p1"]);
  });
});

describe("what is being fetched when its event comes", () => {
  const queryKey = ["tasks", "p1"];
  let client: QueryClient;
  let socket: FakeSocket;
  /** Answers the fetches that are under way, the oldest first. */
  let answers: ((data: string) => void)[];
  const ends: (() => void)[] = [];

  beforeEach(async () => {
    client = new QueryClient({
      defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } },
    });
    answers = [];
    await render(opener("p1"));
    socket = await accept();
    ends.push(invalidateQueriesOnEvents(client));
  });

  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  const queryFn = () => new Promise<string>((resolve) => answers.push(resolve));
  const answer = (data: string) => inAct(() => answers.shift()?.(data));
  const changes = () => inAct(() => socket.says(event("TASK_CREATED", { taskId: "t1" })));
  const look = () =>
    ends.push(new QueryObserver(client, { queryKey, queryFn }).subscribe(() => {}));
  const data = () => client.getQueryData(queryKey);

  test("for the first time is fetched again, once", async () => {
    look();
    await changes();
    await changes();
    assert.equal(answers.length, 1);
    await answer("old");
    assert.equal(answers.length, 1);
    await answer("new");
    assert.deepEqual([data(), answers.length], ["new", 0]);
  });

  test("for the first time and in vain is not", async () => {
    const observer = new QueryObserver(client, {
      queryKey,
      queryFn: () => queryFn().then(() => Promise.reject(new Error("no network"))),
      retry: false,
    });
    ends.push(observer.subscribe(() => {}));
    await changes();
    await answer("");
    assert.deepEqual([observer.getCurrentResult().isError, answers.length], [true, 0]);
  });

  test("for the second time is fetched again at once", async () => {
    client.setQueryData(queryKey, "before");
    look();
    void client.refetchQueries({ queryKey });
    await changes();
    assert.equal(answers.length, 2);
    await answer("old");
    await answer("new");
    assert.equal(data(), "new");
  });

  test("for nobody is fetched when somebody looks", async () => {
    void client.prefetchQuery({ queryKey, queryFn });
    await changes();
    await answer("old");
    assert.equal(answers.length, 0);
    look();
    await answer("new");
    assert.equal(data(), "new");
  });
});
