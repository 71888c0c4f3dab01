/** The size of the built Worker, and the budgets in docs/wasm-size.json that its modules must stay within. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Failure } from "../common/failure.ts";
import { ROOT } from "../common/paths.ts";
import { WORKER_FILES } from "./compile.ts";

const FILE = join(ROOT, "docs", "wasm-size.json");

type Size = { bytes: number; gzipBytes: number };
/** Of each WebAssembly module, by the name of its file. */
type Modules = Record<string, Size>;
type Worker = { modules: Modules; jsBytes: number };

/** The size of the Worker in this folder. */
export function measure(folder: string): Worker {
  const wasm = WORKER_FILES.filter((file) => file.endsWith(".wasm"));
  const sized = wasm.map((file) => [file, sizeOf(readFileSync(join(folder, file)))]);
  const jsBytes = readFileSync(join(folder, "index.js")).length;
  return { modules: Object.fromEntries(sized), jsBytes };
}

function sizeOf(wasm: Buffer): Size {
  return { bytes: wasm.length, gzipBytes: gzipSync(wasm).length };
}

/** "index_bg.wasm 170.3 KB (64.1 KB gzip), js 17.6 KB" */
export function formatSize({ modules, jsBytes }: Worker): string {
  const sizes = Object.entries(modules).map(
    ([file, { bytes, gzipBytes }]) => `${file} ${kilobytes(bytes)} (${kilobytes(gzipBytes)} gzip)`,
  );
  return [...sizes, `js ${kilobytes(jsBytes)}`].join(", ");
}

/** What is wrong with these sizes, if anything. */
export function overBudget(modules: Modules, budgets: Modules): string | undefined {
  const over = Object.entries(budgets).flatMap(([file, budget]) => {
    const { bytes, gzipBytes } = modules[file] ?? { bytes: Infinity, gzipBytes: Infinity };
    return [
      bytes > budget.bytes && `${file}: ${kilobytes(bytes)} of ${kilobytes(budget.bytes)}`,
      gzipBytes > budget.gzipBytes &&
        `${file}: ${kilobytes(gzipBytes)} of ${kilobytes(budget.gzipBytes)} gzip`,
    ].filter(Boolean);
  });
  return over.length > 0 ? `The WebAssembly is over its budget: ${over.join(", ")}.` : undefined;
}

/** Fails when the Worker in this folder is over its budget. */
export function checkBudget(folder: string): void {
  const problem = overBudget(measure(folder).modules, read().budget);
  const next = "See what grew, or raise the budget in docs/wasm-size.json.";
  if (problem) throw new Failure(problem, { next });
}

/** Records the size of the Worker in this folder. */
export function recordSize(folder: string): void {
  writeFileSync(FILE, `${JSON.stringify({ ...read(), measured: measure(folder) }, null, 2)}\n`);
}

function read(): { budget: Modules; measured: Worker } {
  return JSON.parse(readFileSync(FILE, "utf8"));
}

/** "1.2 KB" */
export function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
