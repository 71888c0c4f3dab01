/** Types as an app sees them. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { NPM_BIN } from "../../../scripts/paths.mjs";

test("an app can add events, and fields to those that are known", () => {
  const app = fileURLToPath(new URL("types", import.meta.url));
  const compiler = spawnSync(process.execPath, [join(NPM_BIN, "tsc"), "--project", app]);
  assert.equal(String(compiler.stdout), "");
  assert.equal(compiler.status, 0);
});
