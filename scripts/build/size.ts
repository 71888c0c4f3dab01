/** The size of the built Worker, and the budget in docs/wasm-size.json that it must stay within. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Failure } from "../common/failure.ts";
import { ROOT } from "../common/paths.ts";

const FILE = join(ROOT, "docs", "wasm-size.json");

type Budget = { bytes: number; gzipBytes: number };
type Size = Budget & { jsBytes: number };

/** The size of the Worker in this folder. */
export function measure(folder: string): Size {
  const wasm = readFileSync(join(folder, "index_bg.wasm"));
  const js = readFileSync(join(folder, "index.js"));
  return { bytes: wasm.length, gzipBytes: gzipSync(wasm).length, jsBytes: js.length };
}

/** "wasm 170.3 KB (64.1 KB gzip), js 17.6 KB" */
export function formatSize({ bytes, gzipBytes, jsBytes }: Size): string {
  return `wasm ${kilobytes(bytes)} (${kilobytes(gzipBytes)} gzip), js ${kilobytes(jsBytes)}`;
}

/** What is wrong with this size, if anything. */
export function overBudget(size: Size, budget: Budget): string | undefined {
  const over = [
    size.bytes > budget.bytes && `${kilobytes(size.bytes)} of ${kilobytes(budget.bytes)}`,
    size.gzipBytes > budget.gzipBytes &&
      `${kilobytes(size.gzipBytes)} of ${kilobytes(budget.gzipBytes)} gzip`,
  ].filter(Boolean);
  return over.length > 0 ? `The WebAssembly is over its budget: ${over.join(", ")}.` : undefined;
}

/** Fails when the Worker in this folder is over its budget. */
export function checkBudget(folder: string): void {
  const problem = overBudget(measure(folder), read().budget);
  const next = "See what grew, or raise the budget in docs/wasm-size.json.";
  if (problem) throw new Failure(problem, { next });
}

/** Records the size of the Worker in this folder. */
export function recordSize(folder: string): void {
  writeFileSync(FILE, `${JSON.stringify({ ...read(), measured: measure(folder) }, null, 2)}\n`);
}

function read(): { budget: Budget; measured: Size } {
  return JSON.parse(readFileSync(FILE, "utf8"));
}

/** "1.2 KB" */
export function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
