/** Histories of acts, crashes and faults: each act is applied once or told, and everybody ends up alike. */

import { test } from "node:test";
import fc from "fast-check";
import { everyHistoryEndsWell } from "./sim/history.ts";

test("in 300 histories every act is applied once, in order, or told, and all pages end up alike", async () => {
  await fc.assert(everyHistoryEndsWell(), { numRuns: 300 });
});
