import assert from "node:assert/strict";
import { test } from "node:test";
import { formatSize, overBudget } from "./size.ts";

const sized = (bytes: number, gzipBytes: number) => ({ "index_bg.wasm": { bytes, gzipBytes } });
const budget = sized(1000, 500);

test("a module at its budget is within it", () => {
  assert.equal(overBudget(sized(1000, 500), budget), undefined);
});

test("a module over one of its two budgets is reported with the amount", () => {
  assert.equal(
    overBudget(sized(1000, 1024), budget),
    "The WebAssembly is over its budget: index_bg.wasm: 1.0 KB of 0.5 KB gzip.",
  );
});

test("a module that was not built is over its budget", () => {
  assert.match(overBudget({}, budget) ?? "", /^The WebAssembly is over its budget/);
});

test("sizes are in units of 1024 bytes", () => {
  assert.equal(
    formatSize({ modules: sized(174387, 65638), jsBytes: 18022 }),
    "index_bg.wasm 170.3 KB (64.1 KB gzip), js 17.6 KB",
  );
});
