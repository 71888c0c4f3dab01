import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CLOSE_CODES, ERROR_CODES } from "../../packages/realtime/src/codes.ts";
import { pageOf } from "../src/error-page.ts";

const PAGES = join(import.meta.dirname, "../../docs/errors");

test("every code of the server leads to a page that is there", () => {
  const closes = Object.values(CLOSE_CODES).map(({ number }) => number);
  for (const code of [...Object.keys(ERROR_CODES), ...closes]) {
    const file = pageOf(code)?.split("/").at(-1) ?? "";
    assert.ok(existsSync(join(PAGES, file)), String(code));
  }
});

test("the address that the server gives counts, if it is one of the web", () => {
  assert.equal(pageOf("not_found", "https://docs.example/x"), "https://docs.example/x");
  for (const wrong of ["javascript:alert(1)", 1, "https://a b", undefined])
    assert.match(pageOf("not_found", wrong) ?? "", /docs\/errors\/not_found\.md$/);
});

test("other codes lead nowhere", () => {
  for (const code of [1006, 4999, "toString", "nothing_of_ours"])
    assert.equal(pageOf(code), undefined, String(code));
});
