/** What the platform refuses to a Worker and the local runtime can't show: docs/protocol.md, P2.13. */

import assert from "node:assert/strict";
import { test } from "node:test";

// By an address, since it is checked with the types of the Worker and not with those of Node.
const { publishToMany } = await import(
  new URL("../../src/runtime/many-rooms.js", import.meta.url).href
);

const ROOMS = Array.from({ length: 100 }, (_, n) => `p${n}`);
const REFUSAL = { success: false, code: "room_unavailable" };

/** What a room does when it is called for the nth time by this request. */
type Called = (n: number) => Promise<Response>;

const took = () => Promise.resolve(Response.json({ success: true }));
const rejects = (message: string, more = {}) =>
  Promise.reject(Object.assign(new Error(message), more));

async function answerTo(fetch: Called, { rooms = ROOMS, key = "" } = {}) {
  let calls = 0;
  const env = { ROOMS: { getByName: () => ({ fetch: () => fetch(++calls) }) } };
  const judge = () => [rooms, new Uint8Array()];
  const unavailable = () => Response.json(REFUSAL, { status: 503 });
  const response = await publishToMany(env, { body: null }, 1_024, key, judge, unavailable);
  return { status: response.status, ...JSON.parse(await response.text()) };
}

/** Calls that are allowed. Cloudflare's documentation says 50 or 1,000 for the free plan, and 200 were seen. */
const ALLOWED = 50;

for (const words of [
  "Too many subrequests by single Worker invocation.",
  "Too many API requests by single Worker invocation.",
])
  for (const [when, beyond] of [
    ["as a promise", () => rejects(words)],
    [
      "at once",
      () => {
        throw new Error(words);
      },
    ],
  ] as const)
    test(`P2.13 projects that the platform does not allow a request to reach remain (${words}, thrown ${when})`, async () => {
      const answer = await answerTo((n) => (n <= ALLOWED ? took() : beyond()));
      assert.deepEqual([answer.status, answer.success], [200, false]);
      const results = ROOMS.slice(0, ALLOWED).map((projectId) => ({
        projectId,
        status: 200,
        success: true,
      }));
      assert.deepEqual(answer.results, results);
      assert.deepEqual(answer.remaining, ROOMS.slice(ALLOWED));
    });

for (const [name, message, more] of [
  [
    "is overloaded",
    "Durable Object is overloaded. Too many requests queued.",
    { overloaded: true },
  ],
  ["may not call another itself", "Too many subrequests.", { remote: true }],
  ["does not answer", "Network connection lost.", { retryable: true }],
] as const)
  test(`P2.13 a room that ${name} has a result, since it may have got the event`, async () => {
    const answer = await answerTo((n) => (n === 2 ? rejects(message, more) : took()));
    assert.deepEqual(answer.results[1], { projectId: "p1", status: 503, ...REFUSAL });
    assert.deepEqual(
      [answer.success, answer.results.length, answer.remaining],
      [false, 100, undefined],
    );
  });

test("P2.13 a room has a result even if the platform does not allow to repeat the call", async () => {
  const reset = () => rejects("The object was reset.", { durableObjectReset: true });
  const fetch: Called = (n) =>
    n === 1 ? reset() : n <= 100 ? took() : rejects("Too many subrequests.");
  const answer = await answerTo(fetch, { key: "k" });
  assert.deepEqual(answer.results[0], { projectId: "p0", status: 503, ...REFUSAL });
  assert.deepEqual([answer.results.length, answer.remaining], [100, undefined]);
});

test("P2.13 if no room can be called, there is no answer that leads nowhere", async () => {
  const answer = await answerTo(() => rejects("Too many subrequests."));
  assert.deepEqual(answer, { ...REFUSAL, status: 503 });
});
