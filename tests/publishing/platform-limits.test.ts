/** What the platform refuses to a Worker and the local runtime can't show: docs/protocol.md, P2.13. */

import assert from "node:assert/strict";
import { test } from "node:test";

// By an address, since it is checked with the types of the Worker and not with those of Node.
const { publishToMany } = await import(
  new URL("../../src/runtime/room-calls.js", import.meta.url).href
);

/** Calls that the free plan allows a request. */
const ALLOWED = 50;

/** What a Worker has on the free plan: each call beyond the allowed ones throws, at once or as a promise. */
function onTheFreePlan(throwsAtOnce: boolean) {
  let calls = 0;
  const tooMany = () => new Error("Too many subrequests.");
  const fetch = () => {
    if (++calls <= ALLOWED) return Promise.resolve(Response.json({ success: true }));
    if (throwsAtOnce) throw tooMany();
    return Promise.reject(tooMany());
  };
  return { ROOMS: { getByName: () => ({ fetch }) } };
}

for (const throwsAtOnce of [true, false])
  test(`P2.13 projects beyond the calls of a request are told one by one (thrown at once: ${throwsAtOnce})`, async () => {
    const rooms = Array.from({ length: 100 }, (_, n) => `p${n}`);
    const refusal = { success: false, code: "room_unavailable" };
    const response = await publishToMany(
      onTheFreePlan(throwsAtOnce),
      { body: null },
      1_024,
      "",
      () => rooms,
      () => Response.json(refusal, { status: 503 }),
    );
    const { success, results } = JSON.parse(await response.text());
    assert.deepEqual([response.status, success, results.length], [200, false, 100]);
    assert.deepEqual(results[ALLOWED - 1], { projectId: "p49", status: 200, success: true });
    assert.deepEqual(results[ALLOWED], { projectId: "p50", status: 503, ...refusal });
  });
