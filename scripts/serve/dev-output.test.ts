import assert from "node:assert/strict";
import { test } from "node:test";
import { devOutput } from "./dev-output.ts";

const NOW = new Date(2026, 0, 2, 6, 42, 42);
const shown = (line: string) =>
  devOutput(
    () => {},
    () => NOW,
  )(line);

test("a request is shown with the time, and a build without wrangler's prefix", () => {
  const request = "GET / 200 OK (3ms)";
  assert.equal(shown(`[wrangler:info] ${request}`), `06:42:42 ${request}`);
  assert.equal(
    shown("\u001b[34m[custom build]\u001b[39m ok Worker"),
    "\u001b[34m\u001b[39mok Worker",
  );
});

test("the Worker's log lines are shown in readable form, with the local time", () => {
  const demo = { level: "info", projectId: "demo" };
  const ann = { ...demo, userId: "ann", connectionId: "c1", activeUsers: 1 };
  const sent = { ...demo, event: "broadcast", eventType: "TASK_CREATED", excluded: 0 };
  const missed = { recovered: true, replayed: 3 };
  for (const [line, expected] of [
    [{ ...ann, event: "connect", connections: 1, recovered: false }, "demo + ann, 1 connected"],
    [
      { ...ann, event: "connect", connections: 2, ...missed },
      "demo + ann, 2 connected, caught up with 3",
    ],
    [{ ...ann, event: "leave", connections: 0, code: 1000 }, "demo - ann (1000), 0 connected"],
    [{ ...sent, recipients: 2, seq: 2 }, "demo ← TASK_CREATED #2 to 2"],
    [
      { ...sent, recipients: 2, excluded: 1, seq: null, duplicate: true },
      "demo ← TASK_CREATED to 2, 1 left out, a repeat",
    ],
    [
      { ...demo, event: "broadcast", events: 100, deliveries: 200, seq: "1..100" },
      "demo ← 100 events #1..100, 200 deliveries",
    ],
    [
      { ...demo, event: "removal", userId: "ann", refusedUntil: NOW.getTime() },
      "demo ✗ ann removed until 06:42:42",
    ],
    [
      { ...demo, event: "removal", userId: "ann", refusedUntil: null, minKeyEpoch: 3 },
      "demo ✗ ann removed, oldest key epoch 3",
    ],
    [{ ...demo, event: "key_epoch", minKeyEpoch: 3 }, "demo ✗ oldest key epoch 3"],
    [{ ...demo, event: "revocation", userId: null, tokenId: "t1" }, "demo ✗ tokens revoked: t1"],
    [{ ...demo, event: "refusal", projectId: null, code: "not_found" }, "server ✗ not_found"],
    [
      { ...demo, event: "failure", action: "fetch_jwks", message: "down" },
      "demo ✗ fetch_jwks failed: down",
    ],
  ] as [object, string][])
    assert.equal(shown(JSON.stringify(line)), `06:42:42 ${expected}`);
});

test("a warning and an error are lines like any other", () => {
  const refusal = '{"level":"warn","event":"refusal","projectId":"demo","code":"unauthorized"}';
  const warning = `\u001b[33m▲ \u001b[43;33m[\u001b[43;30mWARNING\u001b[0m] ${refusal}`;
  assert.equal(shown(warning), "06:42:42 demo ✗ unauthorized");
  assert.equal(shown(`✘ [ERROR] ${refusal}`), "06:42:42 demo ✗ unauthorized");
});

test("a request that the Worker logs itself is not shown a second time", () => {
  for (const request of [
    "POST /parties/main/demo 200 OK (3ms)",
    "GET /parties/main/demo 101 Switching Protocols (3ms)",
    "DELETE /parties/main/demo/users/ann 200 OK (3ms)",
    "GET /nowhere 404 Not Found (3ms)",
  ])
    assert.equal(shown(`[wrangler:info] ${request}`), undefined, request);
  for (const request of [
    "GET /parties/main/demo 200 OK (3ms)",
    "POST /parties/main/demo 500 Internal Server Error (3ms)",
  ])
    assert.equal(shown(`[wrangler:info] ${request}`), `06:42:42 ${request}`);
});

test("an unknown line is shown unchanged", () => {
  for (const line of [
    '{"level":"info","event":"joined"}',
    '{"level":"info","event":"constructor"}',
    '{"level"}',
  ])
    assert.equal(shown(line), line);
});

test("start-up chatter and empty lines are not shown", () => {
  for (const line of [
    "",
    "[custom build] ",
    "⎔ Starting local server...",
    "[wrangler:info] ✨ Parsed 1 valid header rule.",
    'env.LOG_LEVEL ("info")  Environment Variable',
  ]) {
    assert.equal(shown(line), undefined, line);
  }
});

test("the console's health checks are not shown while the server is healthy, and are shown otherwise", () => {
  assert.equal(shown("[wrangler:info] GET /health 200 OK (3ms)"), undefined);
  const problem = "GET /health 503 Service Unavailable (3ms)";
  assert.equal(shown(`[wrangler:info] ${problem}`), `06:42:42 ${problem}`);
});

test("the address is passed on when the server is ready", () => {
  let address = "";
  const show = devOutput((url) => {
    address = url;
  });
  assert.equal(show("[wrangler:info] Ready on http://localhost:1999"), undefined);
  assert.equal(address, "http://localhost:1999");
});
