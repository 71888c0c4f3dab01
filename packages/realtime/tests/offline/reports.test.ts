/** What people have reported about offline queues elsewhere, and what an app relies on. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import { onlineManager, QueryClient, QueryObserver } from "@tanstack/react-query";
import {
  createOfflineMutations,
  NoAnswer,
  type OfflineMutation,
  type OfflineMutations,
  type OfflineStorage,
  uuidv7,
} from "../../src/offline.ts";

interface Change {
  id: string;
  title: string;
}

interface Asked {
  key: string;
  body: unknown;
}

type Answer = (asked: Asked) => Response | Promise<Response>;

const turn = () => new Promise((resolve) => setImmediate(resolve));
let open: OfflineMutations<{ change: OfflineMutation<Change> }>[] = [];
let asked: Asked[] = [];

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_800_000_000_000 });
  // Otherwise Node's own would join the tabs of different tests.
  Object.assign(globalThis, { BroadcastChannel: undefined });
  asked = [];
});

afterEach(() => {
  for (const each of open) each.close();
  open = [];
  onlineManager.setOnline(true);
  mock.timers.reset();
});

/** Lets this much time pass, and everything happen that is due. */
async function pass(ms = 0): Promise<void> {
  for (let n = 0; n < 30; n += 1) {
    await turn();
    mock.timers.tick(ms / 30);
  }
  await turn();
}

function memory(): OfflineStorage & { values: Map<string, unknown> } {
  const values = new Map<string, unknown>();
  return {
    values,
    get: async (key) => structuredClone(values.get(key)),
    set: async (key, value) => values.set(key, structuredClone(value)),
    del: async (key) => values.delete(key),
    keys: async () => [...values.keys()],
  };
}

const json = (status: number, body: unknown = {}, headers: HeadersInit = {}) =>
  Response.json(body, { status, headers });

/** A page, whose API answers like this. */
async function page(
  answer: Answer,
  {
    storage = memory() as OfflineStorage,
    client = new QueryClient(),
    buster = "",
    mutation = {} as Partial<OfflineMutation<Change>>,
    refresh = undefined as (() => Promise<unknown>) | undefined,
  } = {},
) {
  const offline = createOfflineMutations(client, {
    storage,
    user: "ann",
    buster,
    refresh,
    fetch: (async (_input: string, init: RequestInit) => {
      const key = new Headers(init.headers).get("Idempotency-Key") ?? "";
      asked.push({ key, body: JSON.parse(`${init.body}`) });
      return answer({ key, body: init.body });
    }) as typeof fetch,
    mutations: {
      change: {
        mutationFn: (change: Change, { fetch }) =>
          fetch(`/tasks/${change.id}`, { method: "PATCH", body: JSON.stringify(change) }),
        scope: ({ id }: Change) => id,
        ...mutation,
      } as OfflineMutation<Change>,
    },
  });
  open.push(offline);
  await pass(100);
  return { offline, client };
}

const never = () => new Promise<Response>(() => {});
const noNetwork: Answer = () => Promise.reject(new TypeError("Failed to fetch"));
const states = ({ queue }: { queue: OfflineMutations["queue"] }) =>
  queue.items.map(({ state }) => state);

describe("reports about other queues", () => {
  test("TanStack/query#6238: an act that is in flight when the page ends is not lost", async () => {
    const storage = memory();
    const first = await page(never, { storage });
    first.offline.mutate("change", { id: "t1", title: "B" });
    await pass(10);
    assert.deepEqual(states(first.offline), ["sending"]);
    first.offline.close();
    await page(() => json(200), { storage });
    assert.equal(asked.length, 2);
    assert.equal(asked[0]?.key, asked[1]?.key);
    assert.equal(storage.values.size, 0);
  });

  test("TanStack/db#921: an act is not applied twice after a reload, as its key stays the same", async () => {
    const storage = memory();
    const applied = new Set<string>();
    const lost: Answer = ({ key }) => {
      applied.add(key);
      return never();
    };
    const { offline } = await page(lost, { storage });
    offline.mutate("change", { id: "t1", title: "B" });
    await pass(10);
    offline.close();
    await page(({ key }) => json(applied.has(key) ? 200 : 500), { storage });
    assert.deepEqual([applied.size, asked.length], [1, 2]);
  });

  test("TanStack/db#1659: it was accepted, but could not be forgotten: it is sent again with its key", async () => {
    const storage = memory();
    const broken = { ...storage, del: () => Promise.reject(new Error("storage")) };
    const { offline } = await page(() => json(200), { storage: broken });
    const { outcome } = offline.mutate("change", { id: "t1", title: "B" });
    await pass(10);
    assert.equal((await outcome).status, "done");
    offline.close();
    const next = await page(() => json(200), { storage });
    assert.equal(asked[1]?.key, asked[0]?.key);
    assert.deepEqual([next.offline.queue.items.length, storage.values.size], [0, 0]);
  });

  test("TanStack/db#1767: a mistake in the program is told, and not tried for ever", async () => {
    const mutationFn = () => Promise.reject(new TypeError("x is not a function"));
    const { offline } = await page(() => json(200), { mutation: { mutationFn } });
    const { outcome } = offline.mutate("change", { id: "t1", title: "B" });
    await pass(60_000);
    assert.deepEqual(await outcome, {
      status: "refused",
      reason: "TypeError: x is not a function",
    });
    assert.equal(offline.queue.items[0]?.attempts, 1);
  });

  test("TanStack/db#1592: an answer is judged by its status, whatever its message says", async () => {
    const { offline } = await page(() => json(503, { message: "see 401 and 422" }));
    offline.mutate("change", { id: "t1", title: "B" });
    await pass(10);
    assert.deepEqual(states(offline), ["waiting"]);
    assert.equal(offline.queue.items[0]?.reason, "503");
  });

  test("TanStack/db#1323: what is fetched while an act waits does not take it from the screen", async () => {
    const client = new QueryClient();
    const optimistic = ({ title }: Change) =>
      [[["task"], (task: object) => ({ ...task, title })]] as const;
    const { offline } = await page(noNetwork, { client, mutation: { optimistic } });
    const queryFn = async () => ({ title: "A", more: Date.now() });
    const stop = new QueryObserver(client, { queryKey: ["task"], queryFn }).subscribe(() => {});
    await pass(10);
    const { id } = offline.mutate("change", { id: "t1", title: "B" });
    const shown = () => client.getQueryData<{ title: string }>(["task"])?.title;
    assert.equal(shown(), "B");
    await client.refetchQueries();
    assert.equal(shown(), "B");
    offline.discard(id);
    await pass(10);
    assert.equal(shown(), "A");
    stop();
  });

  test("TanStack/query#5847, #7019: what waited is sent when the network is back, in order", async () => {
    onlineManager.setOnline(false);
    const { offline } = await page(() => json(200));
    for (const title of ["B", "C", "D"]) offline.mutate("change", { id: "t1", title });
    await pass(1_000);
    assert.equal(asked.length, 0);
    onlineManager.setOnline(true);
    await pass(100);
    assert.deepEqual(
      asked.map(({ body }) => (body as Change).title),
      ["B", "C", "D"],
    );
  });
});

describe("what an answer means", () => {
  for (const status of [408, 425, 429, 500, 502, 503]) {
    test(`after ${status} it is sent again, with the same key`, async () => {
      const { offline } = await page(() => json(asked.length === 1 ? status : 200));
      const { outcome } = offline.mutate("change", { id: "t1", title: "B" });
      await pass(2_000);
      assert.equal((await outcome).status, "done");
      assert.equal(asked[0]?.key, asked[1]?.key);
    });
  }

  test("it waits as long as Retry-After says, even if somebody is impatient", async () => {
    const { offline } = await page(() => json(429, {}, { "retry-after": "20" }));
    const { id } = offline.mutate("change", { id: "t1", title: "B" });
    await pass(15_000);
    offline.retry(id);
    await pass(1_000);
    assert.equal(asked.length, 1);
    await pass(6_000);
    assert.equal(asked.length, 2);
  });

  test("a 409 that says in_progress is not a conflict", async () => {
    const { offline } = await page(() =>
      asked.length === 1 ? json(409, { code: "in_progress" }, { "retry-after": "1" }) : json(200),
    );
    const { outcome } = offline.mutate("change", { id: "t1", title: "B" });
    await pass(2_000);
    assert.equal((await outcome).status, "done");
  });

  test("after a 401 a fresh token is fetched, and it is sent again at once", async () => {
    let fresh = 0;
    const refresh = async () => {
      fresh += 1;
    };
    const { offline } = await page(() => json(fresh > 0 ? 200 : 401), { refresh });
    const { outcome } = offline.mutate("change", { id: "t1", title: "B" });
    await pass(10);
    assert.equal((await outcome).status, "done");
    assert.deepEqual([fresh, asked[0]?.key === asked[1]?.key], [1, true]);
  });

  test("a token that is refused again and again loses nothing, and is no reason to hurry", async () => {
    const { offline } = await page(() => json(401), { refresh: async () => {} });
    offline.mutate("change", { id: "t1", title: "B" });
    await pass(1_000);
    assert.ok(asked.length <= 4, `${asked.length}`);
    assert.deepEqual(states(offline), ["waiting"]);
  });

  test("another 4xx is told and taken from the screen, and the rest goes on", async () => {
    const { offline } = await page(({ body }) => json(`${body}`.includes("bad") ? 403 : 200));
    const first = offline.mutate("change", { id: "t1", title: "bad" });
    const second = offline.mutate("change", { id: "t1", title: "good" });
    await pass(10);
    assert.deepEqual(
      [(await first.outcome).status, (await second.outcome).status],
      ["refused", "done"],
    );
    assert.deepEqual(
      [states(offline), offline.queue.items[0]?.outcome?.status],
      [["refused"], "refused"],
    );
    offline.discard(first.id);
    await pass(10);
    assert.deepEqual(offline.queue.items, []);
  });

  test("a conflict that can be merged is sent at the same place, under a new key", async () => {
    const onConflict = ({ id }: Change) => ({ variables: { id, title: "merged" }, ask: [] });
    const { offline } = await page(() => json(asked.length === 1 ? 412 : 200), {
      mutation: { onConflict },
    });
    offline.mutate("change", { id: "t1", title: "B" });
    offline.mutate("change", { id: "t1", title: "C" });
    await pass(10);
    assert.deepEqual(
      asked.map(({ body }) => (body as Change).title),
      ["B", "merged", "C"],
    );
    assert.notEqual(asked[0]?.key, asked[1]?.key);
  });

  test("a library that throws NoAnswer, or its response, is understood", async () => {
    const errors: unknown[] = [new NoAnswer(), { response: json(503) }, { response: json(422) }];
    const mutationFn = () => Promise.reject(errors.shift());
    const { offline } = await page(never, { mutation: { mutationFn } });
    const { outcome } = offline.mutate("change", { id: "t1", title: "B" });
    await pass(10_000);
    const ended = await outcome;
    assert.deepEqual([ended.status, "reason" in ended && ended.reason], ["refused", "422"]);
  });
});

describe("what is kept", () => {
  test("a storage that is full loses nothing while the page is open, and the queue says so", async () => {
    const storage = { ...memory(), set: () => Promise.reject(new Error("QuotaExceededError")) };
    let isDown = true;
    const { offline } = await page(() => json(isDown ? 503 : 200), { storage });
    const { outcome } = offline.mutate("change", { id: "t1", title: "B" });
    await pass(10);
    assert.equal(offline.queue.isStored, false);
    isDown = false;
    await pass(5_000);
    assert.equal((await outcome).status, "done");
    assert.equal(offline.queue.isStored, true);
  });

  test("a storage that hangs delays an act by 2 s", async () => {
    const hang = () => new Promise<never>(() => {});
    const storage = { get: hang, set: hang, del: hang, keys: hang };
    const { offline } = await page(() => json(200), { storage });
    const { outcome } = offline.mutate("change", { id: "t1", title: "B" });
    await pass(10_000);
    assert.equal((await outcome).status, "done");
  });

  test("after a change of the buster, or a week, an act is told and not sent", async () => {
    for (const [buster, ms] of [
      ["2", 0],
      ["1", 8 * 24 * 60 * 60 * 1_000],
    ] as const) {
      asked = [];
      const storage = memory();
      const first = await page(never, { storage, buster: "1" });
      first.offline.mutate("change", { id: "t1", title: "B" });
      await pass(10);
      first.offline.close();
      mock.timers.setTime(Date.now() + ms);
      const { offline } = await page(() => json(200), { storage, buster });
      assert.equal(asked.length, 1);
      assert.deepEqual(states(offline), ["refused"]);
      const { variables, outcome } = offline.queue.items[0] ?? {};
      assert.deepEqual(variables, { id: "t1", title: "B" });
      assert.deepEqual(outcome, { status: "refused", reason: "outdated" });
    }
  });

  test("acts of another user stay where they are", async () => {
    const storage = memory();
    const { offline } = await page(noNetwork, { storage });
    offline.mutate("change", { id: "t1", title: "B" });
    await pass(10);
    offline.close();
    const ben = createOfflineMutations(new QueryClient(), { storage, user: "ben", mutations: {} });
    await pass(100);
    assert.deepEqual([ben.queue.items, storage.values.size], [[], 1]);
    ben.close();
  });

  test("what waits can be undone, and is then never sent", async () => {
    onlineManager.setOnline(false);
    const storage = memory();
    const { offline } = await page(() => json(200), { storage });
    const { id, outcome } = offline.mutate("change", { id: "t1", title: "B" });
    await pass(10);
    offline.discard(id);
    await pass(10);
    assert.deepEqual([(await outcome).status, storage.values.size], ["discarded", 0]);
    onlineManager.setOnline(true);
    await pass(100);
    assert.equal(asked.length, 0);
  });

  test("copies of acts that the app has persisted with its cache are not in the way", async () => {
    const { offline, client } = await page(noNetwork);
    offline.mutate("change", { id: "t1", title: "B" });
    await pass(10);
    const cache = client.getMutationCache();
    const [own] = cache.getAll();
    cache.build(client, { mutationKey: own?.options.mutationKey ?? [] }, own?.state);
    assert.deepEqual(cache.getAll(), [own]);
  });

  test("nothing is left of an act that was sent: neither here, in the cache, nor in the storage", async () => {
    const storage = memory();
    const { offline, client } = await page(() => json(200), { storage });
    for (let n = 0; n < 50; n += 1) offline.mutate("change", { id: `t${n % 5}`, title: `${n}` });
    await pass(100);
    const left = [offline.queue.items.length, client.getMutationCache().getAll().length];
    assert.deepEqual([...left, storage.values.size, asked.length], [0, 0, 0, 50]);
  });
});

test("an id is a UUIDv7, and later ones sort after earlier ones, even if the clock goes back", () => {
  mock.timers.setTime(1_800_000_100_000);
  const before = uuidv7();
  mock.timers.setTime(1_700_000_000_000);
  const after = uuidv7();
  for (const id of [before, after])
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(after > before);
});
