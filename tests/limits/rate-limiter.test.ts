/** What must hold before a room is called: docs/protocol.md, P10.5. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { withinLimit } from "../../src/runtime/conditions.js";

const LIMITED = { key: "k", refused: () => new Response("refused"), refusalLine: undefined };

/** What becomes of a connect where this is bound to CONNECTS. workerd has no rate limiter by itself. */
async function outcomeWith(CONNECTS: unknown): Promise<string> {
  const env = { CONNECTS } as Parameters<typeof withinLimit>[0];
  const go = async () => new Response("room");
  const answer = await withinLimit(env, LIMITED, go, () => new Response("unavailable"));
  return answer.text();
}

test("P10.5 a connect continues only if the rate limiter allows it", async () => {
  assert.equal(await outcomeWith({ limit: async () => ({ success: true }) }), "room");
  assert.equal(await outcomeWith({ limit: async () => ({ success: false }) }), "refused");
});

test("P10.5 a rate limiter that does not answer lets nobody in", async () => {
  const fails = async () => {
    throw new Error("down");
  };
  for (const bound of [
    undefined,
    "600",
    {},
    { limit: fails },
    { limit: async () => undefined },
    { limit: async () => ({}) },
    { limit: async () => ({ success: "yes" }) },
  ])
    assert.equal(await outcomeWith(bound), "unavailable");
});
