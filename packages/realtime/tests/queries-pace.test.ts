/** TanStack Query: how often events have queries fetched. With the real QueryClient, fake sockets and a fake clock. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { invalidateQueriesOnEvents } from "../src/react.ts";
import { event, type FakeSocket, pass, withFakeClock } from "./support/fake-socket.ts";
import { accept, inAct, opener, render } from "./support/render.ts";

withFakeClock();

const queryKey = ["tasks", "p1"];

describe("while one event follows another", () => {
  let client: QueryClient;
  let socket: FakeSocket;
  let fetches: number;
  /** What the backend has, and how long it takes to say it. */
  let version: number;
  let takesMs: number;
  const ends: (() => void)[] = [];

  beforeEach(async () => {
    const staleTime = Number.POSITIVE_INFINITY;
    client = new QueryClient({ defaultOptions: { queries: { staleTime } } });
    client.setQueryData(queryKey, 0);
    fetches = 0;
    version = 0;
    takesMs = 20;
    await render(opener("p1"));
    socket = await accept();
    const queryFn = () => {
      fetches += 1;
      const answer = version;
      return new Promise<number>((resolve) => setTimeout(() => resolve(answer), takesMs));
    };
    ends.push(new QueryObserver(client, { queryKey, queryFn }).subscribe(() => {}));
    ends.push(invalidateQueriesOnEvents(client));
  });

  afterEach(() => {
    for (const end of ends.splice(0)) end();
    client.clear();
  });

  /** So many events, this far from each other; the backend changes with each. */
  const changes = (count: number, apartMs: number, frame: () => void) =>
    inAct(async () => {
      for (let number = 0; number < count; number += 1) {
        version += 1;
        frame();
        await pass(apartMs);
      }
    });
  const task = () => socket.says(event("TASK_UPDATED", { taskId: "t1" }));
  const resync = () => socket.accepts();

  for (const [what, frame] of [
    ["events", task],
    ["resyncs", resync],
  ] as const) {
    test(`200 ${what} in 2 s are at most three fetches a second of a query, and one is after the last`, async () => {
      await changes(200, 10, frame);
      await inAct(() => pass(1_000));
      assert.ok(fetches >= 4 && fetches <= 7, `${fetches} fetches`);
      assert.equal(client.getQueryData(queryKey), 200);
    });
  }

  test("the first is fetched at once", async () => {
    await inAct(() => {
      version = 1;
      task();
    });
    assert.equal(fetches, 1);
  });

  test("a slow fetch still ends, and what it missed is fetched after it", async () => {
    takesMs = 800;
    const seen: unknown[] = [];
    ends.push(client.getQueryCache().subscribe(() => seen.push(client.getQueryData(queryKey))));
    await changes(60, 100, task);
    const during = new Set(seen);
    assert.ok(during.size >= 4, `the page showed ${[...during]}`);
    await inAct(() => pass(3_000));
    assert.equal(client.getQueryData(queryKey), 60);
    assert.ok(fetches <= 10, `${fetches} fetches`);
  });

  test("what came before it was called off is still fetched", async () => {
    await changes(3, 10, task);
    for (const end of ends.splice(1)) end();
    await inAct(() => pass(1_000));
    assert.equal(client.getQueryData(queryKey), 3);
  });
});
