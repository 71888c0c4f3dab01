/**
 * Yjs as the oracle: documents are changed at random through a server that fails in every way, and at the end all
 * have the same, the server too, and nothing that it acknowledged is lost. docs/protocol.md, P13.
 *
 * `npm run soak:documents` does the same for as long as one likes.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SEED } from "../support/random.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";
import { live } from "./differential/life.ts";

const LIVES = 2;
const STEPS = 120;

describe("random edits", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  for (let life = 0; life < LIVES; life += 1)
    test(`P13.5, P13.13 converge, with nothing lost that was acknowledged (${life + 1})`, async (context) => {
      const seed = (SEED + life) >>> 0;
      const { counts, error } = await live({ seed, steps: STEPS, sleeps: life === 0 });
      context.diagnostic(JSON.stringify({ seed, ...counts }));
      if (error !== undefined) throw new Error(`SEED=${seed}`, { cause: error });
      for (const what of ["edits", "acknowledged"])
        assert.ok((counts[what] ?? 0) > 0, `the run was idle: no ${what}`);
    });
});
