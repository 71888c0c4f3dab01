/** One event of a backend for many projects, against a server that leaves some for later, refuses or breaks off. */

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import {
  type AnyEvents,
  BroadcastError,
  type BroadcasterOptions,
  createBroadcaster,
  type ProjectResult,
} from "../src/server.ts";
import { type Asked, fakeServer, refused, taken, took } from "./support/fake-server.ts";

const server = await fakeServer();
const failures: [string, readonly string[], string][] = [];

beforeEach(() => {
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

const numbered = (amount: number) => Array.from({ length: amount }, (_, n) => `p${n}`);
const lists = () => server.asked.map(({ body }) => body.projectIds as string[]);
const keys = () => new Set(server.asked.map(({ headers }) => headers["idempotency-key"]));
const failed = (projectId: string, status: number, code: string, more = {}) => ({
  ...{ projectId, status, success: false, code, error: "Words" },
  ...more,
});

/** What can be compared of a result. */
const plain = (result: ProjectResult) =>
  result.success ? [result.projectId, result.seq] : [result.projectId, result.error.code];

/** A server that reaches only this many projects in a request (P2.13). */
function reaching(most: number) {
  return ({ body }: Asked) => {
    const ids = body.projectIds as string[];
    const remaining = ids.length > most ? ids.slice(most) : undefined;
    const results = ids.slice(0, most).map(took);
    return { body: { success: remaining === undefined, results, remaining } };
  };
}

describe("P2.13 an event for many projects", () => {
  test("goes to any number of them, and the results are in order, each project once", async () => {
    const ids = numbered(1_050);
    const results = await broadcaster().publishToProjects([...ids, "p0"], "E", { n: 1 }, "ann");
    assert.deepEqual(
      results,
      ids.map((projectId) => {
        const { status: _, ...result } = took(projectId);
        return result;
      }),
    );
    const sizes = lists().map((list) => list.length);
    assert.deepEqual(
      sizes.sort((a, b) => a - b),
      [50, ...Array(10).fill(100)],
    );
    const { projectIds: _, ...event } = server.asked[0]?.body ?? {};
    assert.deepEqual(event, { eventType: "E", payload: { n: 1 }, excludeUserId: "ann" });
  });

  test("goes on with those that the server left, at once and with the same id", async () => {
    server.answer = reaching(40);
    const ids = numbered(100);
    const start = Date.now();
    const results = await broadcaster({ retries: 0 }).publishToProjects(ids, "E", {});
    assert.ok(Date.now() - start < 1_000, "waited");
    assert.deepEqual(
      results.map(plain),
      ids.map((id) => [id, 1]),
    );
    assert.deepEqual(lists(), [ids, ids.slice(40), ids.slice(80)]);
    assert.equal(keys().size, 1);
  });

  test("is repeated for those alone that may still get it, with the same id", async () => {
    const passing = [
      failed("b", 503, "storage_failed"),
      failed("b", 429, "rate_limited", { retryAfterMs: 5 }),
    ];
    const answerFor = (id: string) => {
      if (id === "c") return failed("c", 409, "idempotency_conflict");
      return (id === "b" && passing.shift()) || took(id);
    };
    server.answer = ({ body }) => ({
      body: { success: false, results: body.projectIds.map(answerFor) },
    });
    const results = await broadcaster().publishToProjects(["a", "b", "c"], "E", {});
    assert.deepEqual(results.map(plain), [
      ["a", 1],
      ["b", 1],
      ["c", "idempotency_conflict"],
    ]);
    assert.deepEqual(lists(), [["a", "b", "c"], ["b"], ["b"]]);
    assert.equal(keys().size, 1);
  });

  test("comes to an end with a server that knows no rest, and can call only some", async () => {
    server.answer = ({ body }) => {
      const ids = body.projectIds as string[];
      const beyond = ids.slice(50).map((id) => failed(id, 503, "room_unavailable"));
      return { body: { success: false, results: [...ids.slice(0, 50).map(took), ...beyond] } };
    };
    const ids = numbered(100);
    const results = await broadcaster().publishToProjects(ids, "E", {});
    assert.ok(results.every(({ success }) => success));
    assert.deepEqual(lists(), [ids, ids.slice(50)]);
  });

  test("goes on after a server that breaks off in the middle", async () => {
    server.answer = (asked) => {
      if (server.asked.length === 1) return reaching(2)(asked);
      return server.asked.length === 2 ? { status: 503, body: "error code: 1102" } : taken(asked);
    };
    const results = await broadcaster().publishToProjects(numbered(4), "E", {});
    assert.deepEqual(results.map(plain), [
      ["p0", 1],
      ["p1", 1],
      ["p2", 1],
      ["p3", 1],
    ]);
    assert.deepEqual(lists(), [numbered(4), ["p2", "p3"], ["p2", "p3"]]);
    assert.equal(keys().size, 1);
  });

  test("is given up after the last retry, without what has succeeded being lost", async () => {
    server.answer = (asked) =>
      server.asked.length === 1 ? reaching(1)(asked) : refused(503, "room_unavailable");
    const results = await broadcaster({ retries: 1 }).publishToProjects(["a", "b"], "E", {});
    assert.deepEqual(results.map(plain), [
      ["a", 1],
      ["b", "room_unavailable"],
    ]);
    assert.deepEqual(lists(), [["a", "b"], ["b"], ["b"]]);
    const [, missed] = results;
    assert.ok(missed?.success === false && missed.error instanceof BroadcastError);
    assert.deepEqual([missed.error.status, missed.error.message], [503, "Words"]);
  });

  for (const [name, body] of [
    ["is not from a realtime server", "<html>"],
    ["is about other projects", { success: false, results: [took("x")] }],
    ["has no result", { success: false, results: [], remaining: ["a", "b"] }],
  ] as const)
    test(`fails if the answer ${name}`, async () => {
      server.answer = () => ({ body });
      const results = await broadcaster().publishToProjects(["a", "b"], "E", {});
      assert.deepEqual(results.map(plain), [
        ["a", "unreachable"],
        ["b", "unreachable"],
      ]);
      assert.equal(server.asked.length, 1);
    });

  test("is not sent to the rest when that is too late", async ({ mock }) => {
    mock.timers.enable({ apis: ["Date"] });
    server.answer = (asked) => {
      mock.timers.tick(30_001);
      return reaching(1)(asked);
    };
    const results = await broadcaster().publishToProjects(["a", "b"], "E", {});
    assert.deepEqual(results.map(plain), [
      ["a", 1],
      ["b", "too_late"],
    ]);
  });

  test("keeps its place among the events of each project until all have it", async () => {
    server.answer = (asked) => (asked.body.projectIds ? reaching(1)(asked) : taken(asked));
    const realtime = broadcaster();
    realtime.broadcastToProjects(["a", "b", "c"], "FIRST", {});
    realtime.broadcastToProject("c", "SECOND", {});
    await realtime.flush();
    assert.deepEqual(server.types, ["FIRST", "FIRST", "FIRST", "SECOND"]);
  });

  test("has a result for each project even if it can't be sent at all", async () => {
    const results = await broadcaster({ secret: "" }).publishToProjects(["a", "b"], "E", {});
    assert.deepEqual(results.map(plain), [
      ["a", "not_set_up"],
      ["b", "not_set_up"],
    ]);
    assert.deepEqual(await broadcaster().publishToProjects([], "E", {}), []);
    const [one] = await broadcaster().publishToProjects(["a"], "E", {});
    assert.deepEqual(one && plain(one), ["a", 1]);
  });
});

test("P2.13 of a broadcast to many projects each reason is told once, with the projects that it kept from it", async () => {
  const results = [
    took("a"),
    failed("b", 409, "not_encrypted"),
    failed("c", 503, "storage_failed"),
    failed("d", 409, "not_encrypted"),
  ];
  server.answer = ({ body }) => {
    const asked = new Set(body.projectIds as string[]);
    const some = results.filter(({ projectId }) => asked.has(projectId));
    return { body: { success: false, results: some } };
  };
  const realtime = broadcaster({ retries: 1 });
  realtime.broadcastToProjects(["a", "b", "c", "d"], "E", {});
  await realtime.flush();
  assert.deepEqual(lists(), [["a", "b", "c", "d"], ["c"]]);
  assert.deepEqual(failures, [
    ["not_encrypted", ["b", "d"], "E"],
    ["storage_failed", ["c"], "E"],
  ]);
});
