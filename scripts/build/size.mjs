/** The size of the built Worker, and the budget in docs/wasm-size.json that it must stay within. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Failure } from "../common/failure.mjs";
import { ROOT } from "../common/paths.mjs";

const FILE = join(ROOT, "docs", "wasm-size.json");

/** @typedef {{ bytes: number, gzipBytes: number, jsBytes: number }} Size */
/** @typedef {{ bytes: number, gzipBytes: number }} Budget */

/**
 * @param {string} folder where the Worker was built
 * @returns {Size}
 */
export function measure(folder) {
  const wasm = readFileSync(join(folder, "index_bg.wasm"));
  const js = readFileSync(join(folder, "index.js"));
  return { bytes: wasm.length, gzipBytes: gzipSync(wasm).length, jsBytes: js.length };
}

/**
 * "wasm 170.3 KB (64.1 KB gzip), js 17.6 KB"
 * @param {Size} size
 */
export function formatSize({ bytes, gzipBytes, jsBytes }) {
  return `wasm ${kilobytes(bytes)} (${kilobytes(gzipBytes)} gzip), js ${kilobytes(jsBytes)}`;
}

/**
 * What is wrong with this size, if anything.
 * @param {Size} size
 * @param {Budget} budget
 * @returns {string | undefined}
 */
export function overBudget(size, budget) {
  const over = [];
  if (size.bytes > budget.bytes)
    over.push(`${kilobytes(size.bytes)} of ${kilobytes(budget.bytes)}`);
  if (size.gzipBytes > budget.gzipBytes) {
    over.push(`${kilobytes(size.gzipBytes)} of ${kilobytes(budget.gzipBytes)} gzip`);
  }
  return over.length > 0 ? `The WebAssembly is over its budget: ${over.join(", ")}.` : undefined;
}

/**
 * Fails when the Worker in this folder is over its budget.
 * @param {string} folder
 */
export function checkBudget(folder) {
  const problem = overBudget(measure(folder), read().budget);
  if (problem)
    throw new Failure(problem, {
      next: "See what grew, or raise the budget in docs/wasm-size.json.",
    });
}

/**
 * Records the size of the Worker in this folder.
 * @param {string} folder
 */
export function recordSize(folder) {
  writeFileSync(FILE, `${JSON.stringify({ ...read(), measured: measure(folder) }, null, 2)}\n`);
}

/** @returns {{ budget: Budget, measured: Size }} */
function read() {
  return JSON.parse(readFileSync(FILE, "utf8"));
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
