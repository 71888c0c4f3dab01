import assert from "node:assert/strict";
import { test } from "node:test";
import { consoleLink } from "./dev.ts";

const URL = "http://localhost:1999";

test("in a terminal the link of the console carries the secret where no server gets it", () => {
  assert.equal(consoleLink(URL, "a/b&c", true), `${URL}/#secret=a%2Fb%26c`);
});

test("what is not a terminal never gets the secret", () => {
  assert.equal(consoleLink(URL, "a", false), `${URL}/`);
  assert.equal(consoleLink(URL, undefined, true), `${URL}/`);
});
