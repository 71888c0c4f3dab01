/** Runs many histories: `run.ts HISTORIES SEED`. Without a seed, or with 0, others each time. */

import fc from "fast-check";
import { everyHistoryEndsWell } from "./history.ts";

const PROGRESS_S = 10;

const [histories, given] = process.argv.slice(2).map(Number);
const seed = given || Date.now() % 1_000_000;
console.log(`${histories} histories, seed ${seed}`);
const began = performance.now();
const seconds = () => Math.round((performance.now() - began) / 1_000);
let [begun, nextAt] = [0, PROGRESS_S];
const property = everyHistoryEndsWell().beforeEach(() => {
  begun += 1;
  if (seconds() < nextAt) return;
  nextAt = seconds() + PROGRESS_S;
  console.log(`${begun} begun after ${seconds()} s`);
});
const run = await fc.check(property, { numRuns: histories ?? 0, seed });
if (run.failed) {
  console.log(`${run.counterexample}\n${run.errorInstance}`);
  process.exitCode = 1;
} else console.log(`All of them ended well, in ${seconds()} s.`);
