/** Types as an app sees them. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { NPM_BIN } from "../../../scripts/common/paths.ts";

/** What the compiler says of an app. */
function compile(config: string) {
  const project = fileURLToPath(new URL(`types/${config}`, import.meta.url));
  const compiler = spawnSync(process.execPath, [join(NPM_BIN, "tsc"), "--project", project]);
  return { said: String(compiler.stdout), status: compiler.status };
}

test("an app can add events, and fields to those that are known", () => {
  assert.deepEqual(compile("tsconfig.json"), { said: "", status: 0 });
});

test("who sends an event that is not declared is told where events are declared", () => {
  const { said, status } = compile("undeclared.json");
  assert.notEqual(status, 0);
  assert.match(said, /COMMENT_EDITED is not declared\. Add it to RealtimeEventMap of/);
});

test("who listens for an event that is not declared is told so", () => {
  const { said } = compile("unheard.json");
  const hints = said.match(
    /not assignable to parameter of type 'DeclareThisEventInRealtimeEventMap'/g,
  );
  assert.equal(hints?.length, 3, said);
});
