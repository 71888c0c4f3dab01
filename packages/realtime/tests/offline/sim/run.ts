/** Runs many histories: `run.ts HISTORIES [SEED] [PATH]`. */

import fc from "fast-check";
import { everyHistoryEndsWell } from "./history.ts";

const [histories = "100000", seed = `${Date.now() % 1_000_000}`, path] = process.argv.slice(2);
console.log(`${histories} histories, seed ${seed}`);
const began = performance.now();
await fc.assert(everyHistoryEndsWell(), {
  numRuns: Number(histories),
  seed: Number(seed),
  ...(path ? { path } : {}),
});
console.log(`All of them ended well, in ${Math.round((performance.now() - began) / 1_000)} s.`);
