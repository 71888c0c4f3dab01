/** Hostile clients for any length of time; started by `npm run hostile`: `run.ts <minutes>`. */

import { ATTACKS, type AttackName } from "./attacks.ts";
import { table } from "./report.ts";
import { Stage } from "./stage.ts";

const INTERRUPTED = 130;

const minutes = Number(process.argv[2]);
const stage = await Stage.set();
const end = performance.now() + minutes * 60_000;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.once(signal, () => stage.stop().finally(() => process.exit(INTERRUPTED)));
const wrong: string[] = [];
try {
  while (performance.now() < end) await attackInEveryWay();
} finally {
  await stage.stop();
}
wrong.push(...stage.victim.violations);
if (wrong.length > 0) {
  console.error(`${wrong.length} times it went otherwise:\n${wrong.join("\n")}`);
  process.exitCode = 1;
}

async function attackInEveryWay(): Promise<void> {
  const all = [];
  for (const name of Object.keys(ATTACKS) as AttackName[]) all.push(await stage.measure(name));
  wrong.push(...all.flatMap(({ unexpected }) => unexpected));
  console.log(`${table(all)}\n`);
}
