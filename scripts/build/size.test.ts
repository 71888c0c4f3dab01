import assert from "node:assert/strict";
import { test } from "node:test";
import { formatSize, overBudget } from "./size.ts";

const budget = { bytes: 1000, gzipBytes: 500 };

test("a Worker at its budget is within it", () => {
  assert.equal(overBudget({ bytes: 1000, gzipBytes: 500, jsBytes: 9999 }, budget), undefined);
});

test("a Worker over one of the two budgets is reported with the amount", () => {
  const size = { bytes: 1000, gzipBytes: 1024, jsBytes: 0 };
  assert.equal(
    overBudget(size, budget),
    "The WebAssembly is over its budget: 1.0 KB of 0.5 KB gzip.",
  );
});

test("sizes are in units of 1024 bytes", () => {
  const size = { bytes: 174387, gzipBytes: 65638, jsBytes: 18022 };
  assert.equal(formatSize(size), "wasm 170.3 KB (64.1 KB gzip), js 17.6 KB");
});
