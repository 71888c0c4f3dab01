import assert from "node:assert/strict";
import { test } from "node:test";
import { devOutput } from "./dev-output.mjs";

const shown = (/** @type {string} */ line) => devOutput(() => {})(line);

test("a request and a build are shown without wrangler's prefix", () => {
  assert.equal(shown("[wrangler:info] GET /health 200 OK (3ms)"), "GET /health 200 OK (3ms)");
  assert.equal(
    shown("\u001b[34m[custom build]\u001b[39m ok Worker"),
    "\u001b[34m\u001b[39mok Worker",
  );
});

test("what the Worker logs stays as it is", () => {
  assert.equal(shown('{"level":"info","event":"joined"}'), '{"level":"info","event":"joined"}');
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

test("the address is handed on when the server is ready", () => {
  let address = "";
  const show = devOutput((url) => {
    address = url;
  });
  assert.equal(show("[wrangler:info] Ready on http://localhost:1999"), undefined);
  assert.equal(address, "http://localhost:1999");
});
