/** One history of a document, from the first edit to the end, on a server of its own. */

import { Runtime } from "../../support/runtime.ts";
import { OPEN, SECRET, Server, UNHURRIED } from "../../support/target.ts";
import { type Counts, World } from "./world.ts";

/** Between them everybody agrees. */
const CHAPTERS = 2;

export interface LifeOptions {
  seed: number;
  /** In each chapter. */
  steps: number;
  /** Whether the document sleeps between the chapters. */
  sleeps: boolean;
}

export interface Life {
  counts: Counts;
  /** What went wrong. */
  error?: unknown;
}

export async function live({ seed, steps, sleeps }: LifeOptions): Promise<Life> {
  const runtime = await Runtime.start({
    vars: { BROADCAST_SECRET: SECRET, LOG_LEVEL: "info", ...OPEN, ...UNHURRIED },
  });
  const world = new World({ server: new Server(runtime.url), runtime, seed });
  try {
    for (let chapter = 0; chapter < CHAPTERS; chapter += 1) {
      await world.run(steps);
      await world.settle();
      if (sleeps && chapter === 0) await world.sleep();
    }
    // A trap is no way to end well, although the document gets over it.
    const failures = runtime.lines("failure");
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    const compactions = runtime.lines("document_compaction").length;
    return { counts: { ...world.counts, compactions } };
  } catch (error) {
    return { counts: world.counts, error };
  } finally {
    world.end();
    await runtime.stop();
  }
}
