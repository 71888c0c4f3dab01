import assert from "node:assert/strict";
import { test } from "node:test";
import { CLOSE_CODES } from "../../packages/realtime/src/codes.ts";
import { endingOf } from "../src/closing.ts";

test("every close code of the server has its name, and only those that say so are returned from", () => {
  for (const { number, name, advice } of Object.values(CLOSE_CODES)) {
    const ending = endingOf(number, "", true);
    assert.equal(ending.name, name);
    assert.equal(ending.mayReturn, advice === "later");
  }
});

test("a connection that broke is returned from, and so is one that never was", () => {
  const [broken, refused] = [true, false].map((wasOpen) => endingOf(1006, "", wasOpen));
  assert.deepEqual([broken?.name, broken?.mayReturn], ["connection lost", true]);
  assert.match(broken?.advice ?? "", /broke/);
  assert.match(refused?.advice ?? "", /could not be reached/);
  assert.equal(endingOf(3333, "", true).name, "unknown");
});

test("the reason says which setting or limit it was, and how long to wait", () => {
  const setting = endingOf(4001, '{"code":"not_allowed","setting":"ALLOWED_ORIGINS"}', false);
  assert.match(setting.advice, /^Stop: .* The setting is ALLOWED_ORIGINS/);
  const limit = endingOf(
    4201,
    '{"code":"connection_limit","limit":"userSockets","retryAfterMs":10000}',
    true,
  );
  assert.match(limit.advice, /The limit is userSockets\.$/);
  assert.equal(limit.retryAfterMs, 10_000);
});

test("P6.2 the check that failed is told in words, and whether another token would help", () => {
  const audience = endingOf(4100, '{"code":"token_invalid","reason":"aud"}', false);
  assert.match(audience.advice, /JWT_AUDIENCE/);
  assert.equal(audience.wantsToken, true);
  const project = endingOf(4001, '{"code":"not_allowed","reason":"projects"}', false);
  assert.match(project.advice, /not for this project/);
  assert.equal(project.wantsToken, true);
  const unknown = endingOf(4001, '{"reason":"toString"}', false);
  assert.match(unknown.advice, /The reason is toString\.$/);
  assert.equal(unknown.wantsToken, false);
});

test("a reason that can't be read changes nothing", () => {
  for (const text of ["null", "1", "{", "", '{"retryAfterMs":"soon"}']) {
    const ending = endingOf(4200, text, true);
    assert.deepEqual([ending.advice, ending.retryAfterMs], ["Try again later.", undefined], text);
  }
});
