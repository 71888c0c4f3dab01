import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { adviceOf, CLOSE_CODES, ERROR_CODES } from "../src/codes.ts";

test("the range of a close code says what to do, also for a code of tomorrow", () => {
  for (const code of [4000, 4099]) assert.equal(adviceOf(code), "stop");
  for (const code of [4100, 4199]) assert.equal(adviceOf(code), "refresh-token");
  for (const code of [4200, 4299]) assert.equal(adviceOf(code), "later");
});

test("there is no advice for a code that is not the server's own", () => {
  for (const code of [0, 1000, 1006, 3999, 4300, Number.NaN])
    assert.equal(adviceOf(code), undefined);
});

test("every close code has its own name and the advice of its range", () => {
  for (const [key, { number, name, advice }] of Object.entries(CLOSE_CODES)) {
    assert.equal(name, key);
    assert.equal(advice, adviceOf(number));
  }
});

test("a bundle that asks for advice alone has no texts in it", async () => {
  const contents = 'import { adviceOf } from "../src/codes.ts"; console.log(adviceOf(4000));';
  const resolveDir = fileURLToPath(new URL(".", import.meta.url));
  const stdin = { contents, resolveDir };
  const { outputFiles } = await build({ stdin, bundle: true, minify: true, write: false });
  const bundle = outputFiles[0]?.text ?? "";
  assert.match(bundle, /refresh-token/);
  assert.ok(!bundle.includes(ERROR_CODES.not_found.message), bundle);
  assert.ok(!bundle.includes(CLOSE_CODES.try_again.name), bundle);
});
