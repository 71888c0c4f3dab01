/** As many histories as one likes; started by `npm run soak:documents`: `run.ts <seeds> <seed> <steps>`. */

import { live } from "./life.ts";
import type { Counts } from "./world.ts";

const AT_ONCE = 2;

const [seeds, first, steps] = process.argv.slice(2).map(Number) as [number, number, number];
const start = first === 0 ? Math.trunc(Math.random() * 2 ** 31) : first;
const total: Counts = {};
const failed: number[] = [];
let next = start;
await Promise.all(Array.from({ length: AT_ONCE }, work));
console.table(total);
if (failed.length > 0) {
  console.error(`${failed.length} of ${seeds} went wrong: --seed ${failed.join(", --seed ")}`);
  process.exitCode = 1;
}

async function work(): Promise<void> {
  while (next < start + seeds) {
    const seed = next;
    next += 1;
    const { counts, error } = await live({ seed, steps, sleeps: seed % 4 === 0 });
    for (const [what, amount] of Object.entries(counts)) total[what] = (total[what] ?? 0) + amount;
    if (error !== undefined) failed.push(seed);
    console.log(`seed ${seed}: ${error === undefined ? "all have the same" : error}`);
  }
}
