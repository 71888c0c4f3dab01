/** Broadcasts of a backend, against a server that answers, refuses or is silent. */

import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { freePort } from "../../../tests/support/ports.ts";
import {
  type AnyEvents,
  BroadcastError,
  BroadcastEvent,
  type BroadcasterOptions,
  createBroadcaster,
} from "../src/server.ts";
import { fakeServer, refused, TAKEN, taken } from "./support/fake-server.ts";

const server = await fakeServer();
const failures: [string, readonly string[], string][] = [];

beforeEach(() => {
  mock.restoreAll();
  failures.length = 0;
});

function broadcaster(options: Partial<BroadcasterOptions> = {}) {
  return createBroadcaster<AnyEvents>({
    url: server.url,
    secret: "s",
    onError: ({ code }, { projectIds, type }) => failures.push([code, projectIds, type]),
    ...options,
  });
}

describe("what is sent", () => {
  test("is the event, with secret and a key of its own", async () => {
    const realtime = broadcaster({ url: `${server.url}/` });
    realtime.broadcastToProject("a b/c", "CUSTOM_EVENT", { data: "anything" }, "ann");
    realtime.broadcastToProject("a b/c", "CUSTOM_EVENT", { data: "anything" });
    await realtime.flush();
    const [first, second] = server.asked;
    assert.equal(first?.path, "/parties/main/a%20b%2Fc");
    assert.equal(first?.headers.authorization, "Bearer s");
    const payload = { data: "anything" };
    assert.deepEqual(first?.body, { eventType: "CUSTOM_EVENT", payload, excludeUserId: "ann" });
    assert.deepEqual(second?.body, { eventType: "CUSTOM_EVENT", payload });
    const keys = server.asked.map(({ headers }) => headers["idempotency-key"]);
    assert.match(String(keys[0]), /^[0-9a-f-]{36}$/);
    assert.notEqual(keys[0], keys[1]);
  });

  test("of a task or a project has their ids", async () => {
    const realtime = broadcaster();
    realtime.broadcastTaskEvent("p", "t", BroadcastEvent.TASK_UPDATED, { status: "done" }, "ann");
    realtime.broadcastProjectEvent("p", BroadcastEvent.MEMBER_ADDED, { userId: "ben" });
    realtime.broadcastTaskEvent("p", "t", "TASK_DELETED", undefined, null);
    await realtime.flush();
    assert.deepEqual(
      server.asked.map(({ body }) => body),
      [
        {
          eventType: "TASK_UPDATED",
          payload: { status: "done", taskId: "t", projectId: "p" },
          excludeUserId: "ann",
        },
        { eventType: "MEMBER_ADDED", payload: { userId: "ben", projectId: "p" } },
        { eventType: "TASK_DELETED", payload: { taskId: "t", projectId: "p" } },
      ],
    );
  });

  test("leaves out a user, or one connection of the user", async () => {
    const realtime = broadcaster();
    realtime.broadcastToProject("p", "E", {}, "ann", "a1");
    realtime.broadcastToProjects(["p", "q"], "E", {}, null, "a1");
    realtime.broadcastTaskEvent("p", "t", "E", {}, "ann", null);
    realtime.broadcastProjectEvent("p", "E", {}, "ann", "a1");
    await realtime.publishToProject("p", "E", {}, "ann", "a1");
    await realtime.flush();
    const excluded = server.asked.map(({ body }) => [body.excludeUserId, body.excludeConnectionId]);
    const both = ["ann", "a1"];
    assert.deepEqual(
      excluded.sort(),
      [both, both, both, ["ann", undefined], [undefined, "a1"]].sort(),
    );
  });

  for (const id of ["x".repeat(129), "a\n", "é", "\ud800"])
    test(`leaves nobody out for the connection ${JSON.stringify(id).slice(0, 20)}, which no client has`, async () => {
      const realtime = broadcaster();
      await realtime.publishToProject("p", "E", {}, "ann", id);
      assert.deepEqual(server.asked[0]?.body, { eventType: "E", payload: {} });
    });

  test("to some users goes to 1,000 at once, to each only once, and to nobody not at all", async () => {
    const realtime = broadcaster();
    realtime.broadcastToUsers("p", ["ann"], "E", {}, "ann", "a1");
    const ids = Array.from({ length: 1_001 }, (_, number) => `u${number}`);
    realtime.broadcastToUsers("p", [...ids, "u0"], "E", {});
    realtime.broadcastToUsers("p", [], "E", {});
    await realtime.flush();
    const [first, ...rest] = server.asked.map(({ body }) => body);
    const only = { userIds: ["ann"], excludeUserId: "ann", excludeConnectionId: "a1" };
    assert.deepEqual(first, { eventType: "E", payload: {}, ...only });
    assert.deepEqual(
      rest.map(({ userIds }) => userIds?.length),
      [1_000, 1],
    );
  });

  test("to many projects goes to 100 at once, to each only once", async () => {
    const realtime = broadcaster();
    const ids = Array.from({ length: 201 }, (_, number) => `p${number}`);
    realtime.broadcastToProjects([...ids, "p0"], "E", {});
    await realtime.flush();
    const sizes = server.asked.map(({ path, body }) => [path, body.projectIds?.length]);
    assert.deepEqual(sizes.sort(), [
      ["/parties/main", 100],
      ["/parties/main", 100],
      ["/parties/main/p200", undefined],
    ]);
  });

  test("is the payload as it was when it was given", async () => {
    const release = server.holds();
    const realtime = broadcaster();
    const payload = { taskId: "t" };
    realtime.broadcastToProject("p", "FIRST", {});
    realtime.broadcastToProject("p", "TASK_UPDATED", payload);
    payload.taskId = "changed";
    release();
    await realtime.flush();
    assert.deepEqual(server.asked[1]?.body.payload, { taskId: "t" });
  });
});

describe("order", () => {
  test("is kept in a project, also while one event is tried again", async () => {
    const realtime = broadcaster();
    server.answer = (asked) =>
      server.asked.length === 1 ? refused(503, "room_unavailable") : taken(asked);
    for (const type of ["A", "B", "C"]) realtime.broadcastToProject("p", type, {});
    realtime.broadcastToProjects(["q", "p"], "D", {});
    realtime.broadcastToProject("p", "E", {});
    await realtime.flush();
    assert.deepEqual(server.types, ["A", "A", "B", "C", "D", "E"]);
  });

  test("is kept for as long as an event may be tried, and no longer", async ({ mock }) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const release = server.holds();
    const realtime = broadcaster({ timeoutMs: 20_000, retries: 0 });
    realtime.broadcastToProject("p", "STUCK", {});
    const next = realtime.publishToProject("p", "NEXT", {});
    while (server.asked.length === 0) await turn();
    server.answer = () => ({ body: TAKEN });
    mock.timers.tick(19_999);
    await realtime.publishToProject("q", "OTHER", {});
    assert.deepEqual(server.types, ["STUCK", "OTHER"]);
    mock.timers.tick(1);
    await next;
    release();
    await realtime.flush();
  });

  test("of one project does not hold up another", async () => {
    const realtime = broadcaster({ timeoutMs: 300, retries: 0 });
    server.answer = ({ path }) => (path.endsWith("/stuck") ? undefined : { body: TAKEN });
    realtime.broadcastToProject("stuck", "A", {});
    realtime.broadcastToProject("stuck", "B", {});
    await realtime.publishToProject("p", "C", {});
    assert.ok(!server.types.includes("B"));
    await realtime.flush();
    assert.deepEqual(server.types.sort(), ["A", "B", "C"]);
  });
});

describe("a broadcast that fails", () => {
  test("for a reason that passes is repeated with its key", async () => {
    const answers = [
      refused(503, "storage_failed"),
      refused(429, "rate_limited", { retryAfterMs: 5 }),
    ];
    server.answer = () => answers.shift() ?? { body: { ...TAKEN, duplicate: true } };
    const reply = await broadcaster().publishToProject("p", "E", {});
    assert.equal(reply.duplicate, true);
    assert.equal(server.asked.length, 3);
    assert.equal(new Set(server.asked.map(({ headers }) => headers["idempotency-key"])).size, 1);
  });

  test("waits as long as the server says", async () => {
    const answers = [refused(429, "rate_limited", { retryAfterMs: 400 })];
    server.answer = () => answers.shift() ?? { body: TAKEN };
    const start = Date.now();
    await broadcaster().publishToProject("p", "E", {});
    assert.ok(Date.now() - start >= 400);
  });

  for (const [status, code] of [
    [401, "unauthorized"],
    [413, "payload_too_large"],
    [503, "not_configured"],
    [503, "misconfigured"],
  ] as const) {
    test(`with ${code} is not repeated, and is told`, async () => {
      server.answer = () => refused(status, code);
      const realtime = broadcaster();
      await realtime.broadcastToProject("p", "E", {});
      await realtime.flush();
      assert.equal(server.asked.length, 1);
      assert.deepEqual(failures, [[code, ["p"], "E"]]);
    });
  }

  test("again and again is given up after the last retry", async () => {
    server.answer = () => refused(503, "room_unavailable");
    const realtime = broadcaster({ retries: 2 });
    await assert.rejects(realtime.publishToProject("p", "E", {}), (error) => {
      assert.ok(error instanceof BroadcastError);
      assert.deepEqual(
        [error.code, error.status, error.message],
        ["room_unavailable", 503, "Words"],
      );
      return true;
    });
    assert.equal(server.asked.length, 3);
  });

  test("because nothing answers is told in time", async () => {
    server.answer = () => undefined;
    const realtime = broadcaster({ timeoutMs: 50, retries: 1 });
    await assert.rejects(realtime.publishToProject("p", "E", {}), /did not answer in time/);
    assert.equal(server.asked.length, 2);
  });

  test("because another server answers is told", async () => {
    server.answer = () => ({ body: "<html>" });
    await assert.rejects(
      broadcaster().publishToProject("p", "E", {}),
      /not from a realtime server/,
    );
  });

  test("because nobody listens, or there is no such host, is told", async () => {
    for (const [url, why] of [
      [`http://127.0.0.1:${await freePort()}`, /ECONNREFUSED/],
      ["http://nowhere.invalid", /ENOTFOUND|EAI_AGAIN/],
    ] as const) {
      const realtime = broadcaster({ url, retries: 0 });
      const error = await realtime.publishToProject("p", "E", {}).catch((error) => error);
      assert.equal(error.code, "unreachable");
      assert.match(error.message, why);
    }
  });
});

describe("the caller", () => {
  test("is not delayed: the promise resolves while nothing has answered", async () => {
    const release = server.holds();
    const realtime = broadcaster();
    let done = false;
    await realtime.broadcastToProject("p", "E", {});
    const flushing = realtime.flush().then(() => (done = true));
    assert.equal(done, false);
    release();
    await flushing;
    assert.deepEqual(server.types, ["E"]);
  });

  test("is not thrown at, whatever it gives and whatever its hooks throw", async () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const errors = mock.method(console, "error", () => {});
    const thrower = () => {
      throw new Error("of a hook");
    };
    const realtime = broadcaster({ onError: thrower, waitUntil: thrower });
    await realtime.broadcastToProject("p", "E", circular);
    await realtime.broadcastToProject("p", "E", 1n);
    await realtime.broadcastToProject("\ud800", "E", {});
    await realtime.flush();
    assert.equal(server.asked.length, 0);
    assert.equal(errors.mock.callCount(), 6);
  });

  test("is not disturbed by a hook that rejects", async () => {
    const errors = mock.method(console, "error", () => {});
    server.answer = () => refused(401, "unauthorized");
    const onError = async () => {
      throw new Error("of a hook");
    };
    const kept: Promise<unknown>[] = [];
    const realtime = broadcaster({ onError, waitUntil: (work) => kept.push(work) });
    await realtime.broadcastToProject("p", "E", {});
    await kept[0];
    assert.equal(errors.mock.callCount(), 1);
  });

  test("is told by console.error without a hook", async () => {
    const errors = mock.method(console, "error", () => {});
    server.answer = () => refused(401, "unauthorized");
    const realtime = broadcaster({ onError: undefined });
    realtime.broadcastToProject("p", "E", {});
    await realtime.flush();
    const line = errors.mock.calls[0]?.arguments[0];
    assert.equal(line, "Broadcast E to p failed (unauthorized): Words");
  });

  test("who makes more than may wait is told which were dropped", async () => {
    const release = server.holds();
    const realtime = broadcaster({ maxPending: 2 });
    for (const type of ["A", "B", "C"]) await realtime.broadcastToProject("p", type, {});
    assert.deepEqual(failures, [["queue_full", ["p"], "C"]]);
    release();
    await realtime.flush();
    await realtime.publishToProject("p", "D", {});
    assert.deepEqual(server.types, ["A", "B", "D"]);
  });

  test("who had to wait for over 30 s is told what was dropped", async () => {
    mock.timers.enable({ apis: ["Date"] });
    const release = server.holds();
    const realtime = broadcaster();
    for (const type of ["A", "B"]) await realtime.broadcastToProject("p", type, {});
    mock.timers.tick(30_001);
    release();
    await realtime.flush();
    mock.timers.reset();
    assert.deepEqual(server.types, ["A"]);
    assert.deepEqual(failures, [["too_late", ["p"], "B"]]);
  });

  test("in a Worker has its answer outlived by the work", async () => {
    const kept: Promise<unknown>[] = [];
    const realtime = broadcaster({ waitUntil: (work) => kept.push(work) });
    await realtime.broadcastToProject("p", "E", {});
    assert.equal(kept.length, 1);
    await kept[0];
    assert.deepEqual(server.types, ["E"]);
  });
});
