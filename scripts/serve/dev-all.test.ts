import assert from "node:assert/strict";
import { test } from "node:test";
import { startService } from "./dev-all.ts";

const start = (code: string) => startService("it", ["-e", code], {});

test("a service that exits is a failure, before it is ready and after", async () => {
  await assert.rejects(start("process.exit(3)").failure, /it exited with code 3/);
  const late = start('console.log("ready on x"); setTimeout(() => process.exit(4), 50)');
  assert.equal(await late.ready, "x");
  await assert.rejects(late.failure, /it exited with code 4/);
});
