/** Chaos for as long as one likes; `npm run chaos` starts it: `run.ts <minutes> <clients> [grown]`. */

import { SEED } from "../support/random.ts";
import type { Counts } from "./notes.ts";
import { type Report, runChaos } from "./scenario.ts";
import { crashInTides, growingVars } from "./tide.ts";
import { World } from "./world.ts";

const PROGRESS_MS = 5_000;
const WORLD = { rooms: 3, users: 20 };
const INTERRUPTED = 130;

const [minutes, clients] = process.argv.slice(2).map(Number) as [number, number];
const isGrown = process.argv.length > 4;
const started = performance.now();
const vars = isGrown ? growingVars(clients / WORLD.rooms) : {};
const crash = isGrown ? (world: World) => crashInTides(world, clients) : undefined;
const world = await World.start({ ...WORLD, clients, vars });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.once(signal, () => world.stop().finally(() => process.exit(INTERRUPTED)));
console.log(`${clients} clients in ${WORLD.rooms} rooms, ${minutes} min, SEED=${SEED}`);
try {
  const isEnough = () => seconds() >= minutes * 60;
  tell(await runChaos(world, { isEnough, crash, onKill: progress() }));
} catch (error) {
  // The reason why the run stopped may be in what was recorded before.
  tell({ counts: world.notes.counts, violations: [...world.notes.violations, String(error)] });
} finally {
  await world.stop();
}

function seconds(): number {
  return (performance.now() - started) / 1_000;
}

function progress(): (counts: Counts) => void {
  let next = 0;
  return (counts) => {
    if (performance.now() < next) return;
    next = performance.now() + PROGRESS_MS;
    const { kills, events, connects, recovered, replayed } = counts;
    const returns = connects - clients;
    console.log(
      `${Math.round(seconds())} s: ${kills} kills, ${events} events, ${returns} returns, ` +
        `${recovered} recovered, ${replayed} replayed, ${world.notes.violations.length} violations`,
    );
  };
}

function tell({ counts, violations }: Report): void {
  console.log(`\nRan for ${Math.round(seconds())} s.`);
  console.table(counts);
  if (violations.length === 0) {
    console.log(
      "Every client has every event that is meant for it, in order, or was told to fetch again.",
    );
  } else {
    console.error(`${violations.length} violations, SEED=${SEED}:\n${violations.join("\n")}`);
    process.exitCode = 1;
  }
}
