/** The queue and its conflicts in React. */

import "../support/dom.ts";
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { QueryClient } from "@tanstack/react-query";
import { act } from "react";
import {
  createOfflineMutations,
  type OfflineMutation,
  type OfflineMutations,
  useConflicts,
  useOfflineQueue,
} from "../../src/offline.ts";
import { ask, lww, type Patch, rebaseBy, set } from "../../src/patch.ts";
import { pass, withFakeClock } from "../support/fake-socket.ts";
import { probe, render } from "../support/render.ts";

withFakeClock();

type Change = Patch & { id: string };
type Offline = OfflineMutations<{ change: OfflineMutation<Change> }>;

const policies = { title: ask, status: lww, labels: set };
const current = { version: 18, title: "C", status: "doing", labels: ["z"] };
let offline: Offline;
let sent: Change[];

afterEach(() => offline.close());

/** A queue whose API answers with these statuses, one after the other. */
function queueWith(...statuses: number[]): void {
  const values = new Map<string, unknown>();
  sent = [];
  offline = createOfflineMutations(new QueryClient(), {
    storage: {
      get: async (key) => values.get(key),
      set: async (key, value) => values.set(key, value),
      del: async (key) => values.delete(key),
      keys: async () => [...values.keys()],
    },
    user: `${Math.random()}`,
    fetch: (async (_input: string, init: RequestInit) => {
      sent.push(JSON.parse(`${init.body}`));
      const status = statuses.shift() ?? 200;
      return Response.json({ code: "conflict", current, fields: ["title"] }, { status });
    }) as typeof fetch,
    mutations: {
      change: {
        mutationFn: (change: Change, { fetch }) =>
          fetch("/tasks", { method: "PATCH", body: JSON.stringify(change) }),
        onConflict: rebaseBy(policies),
      },
    },
  });
}

const change: Change = {
  id: "t1",
  set: { title: "B", status: "done" },
  base: { title: "A", status: "todo" },
  baseVersion: 17,
};

/** The turns of the loop that a queue needs, with some time for what it waits for. */
async function settle(): Promise<void> {
  for (let n = 0; n < 5; n += 1)
    await act(async () => {
      await pass(100);
    });
}

test("a component sees what waits, and what was refused with its reason", async () => {
  queueWith(403);
  const queue = probe((from: Offline) => useOfflineQueue(from));
  await render(queue.with(offline));
  assert.equal(queue.seen.result?.items.length, 0);
  await act(async () => void offline.mutate("change", change));
  assert.deepEqual(
    queue.seen.result?.items.map(({ state }) => state),
    ["waiting"],
  );
  await settle();
  const [item] = queue.seen.result?.items ?? [];
  assert.deepEqual([item?.state, item?.reason], ["refused", "403"]);
  await act(async () => queue.seen.result?.discard(item?.id ?? ""));
  await settle();
  assert.equal(queue.seen.result?.items.length, 0);
});

test("a refused act can be tried again, as a new act", async () => {
  queueWith(403);
  const queue = probe((from: Offline) => useOfflineQueue(from));
  await render(queue.with(offline));
  await act(async () => void offline.mutate("change", change));
  await settle();
  const { id = "" } = queue.seen.result?.items[0] ?? {};
  await act(async () => {
    queue.seen.result?.retry(id);
    // A second click.
    queue.seen.result?.retry(id);
  });
  await settle();
  assert.deepEqual([sent.length, queue.seen.result?.items], [2, []]);
});

test("a conflict shows mine and theirs, and the answer is sent on top of theirs", async () => {
  queueWith(409);
  const conflicts = probe((from: Offline) => useConflicts(from));
  await render(conflicts.with(offline));
  await act(async () => void offline.mutate("change", change));
  await settle();
  const [conflict] = conflicts.seen.result ?? [];
  assert.deepEqual(conflict?.outcome.ask, [
    { field: "title", base: "A", mine: "B", theirs: "C", merged: "B" },
  ]);
  await act(async () => conflict?.resolve({ title: "B and C" }));
  await settle();
  assert.deepEqual(sent[1], {
    id: "t1",
    set: { title: "B and C", status: "done" },
    base: { title: "C", status: "doing" },
    baseVersion: 18,
  });
  assert.deepEqual(conflicts.seen.result, []);
});

test("a conflict that is left to the others sends the rest only", async () => {
  queueWith(409);
  const conflicts = probe((from: Offline) => useConflicts(from));
  await render(conflicts.with(offline));
  await act(async () => void offline.mutate("change", change));
  await settle();
  await act(async () => conflicts.seen.result?.[0]?.resolve({ title: "C" }));
  await settle();
  assert.deepEqual(sent[1]?.set, { status: "done" });
});
