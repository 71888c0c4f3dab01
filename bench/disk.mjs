/** How long the disk takes to make a write durable: every kept event needs that. */

import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const WRITES = 50;
/** As much as SQLite writes for a small row: a page. */
const PAGE = Buffer.alloc(4096);

/** The median, in milliseconds, where the servers of the bench have their storage. */
export function durableWriteMs() {
  const folder = mkdtempSync(join(tmpdir(), "validiant-bench-disk-"));
  const file = openSync(join(folder, "file"), "w");
  try {
    const times = Array.from({ length: WRITES }, () => {
      const started = performance.now();
      writeSync(file, PAGE);
      fdatasyncSync(file);
      return performance.now() - started;
    });
    return /** @type {number} */ (times.toSorted((a, b) => a - b)[WRITES / 2]);
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
}
