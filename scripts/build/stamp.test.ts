import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import { ROOT } from "../common/paths.ts";
import { unlessUpToDate } from "./stamp.ts";

const folder = mkdtempSync(join(tmpdir(), "validiant-stamp-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const [input, output, stamp] = [at("input"), at("output"), at("stamp")];

/** Whether it was built. */
async function builds(option = "release", build = () => writeFileSync(output, "")) {
  const inputs = [relative(ROOT, input)];
  const target = { lock: "stamp-test", stamp, inputs, options: [option], outputs: [output] };
  let built = true;
  await unlessUpToDate(
    target,
    () => {
      built = false;
    },
    async () => build(),
  );
  return built;
}

test("what was built is up to date until an input, an option or an output changes", async () => {
  writeFileSync(input, "1");
  assert.ok(await builds(), "nothing was built");
  assert.ok(!(await builds()));
  assert.ok(await builds("dev"));
  assert.ok(await builds());
  writeFileSync(input, "2");
  assert.ok(await builds());
  assert.ok(!(await builds()));
  rmSync(output);
  assert.ok(await builds());
});

test("a build that failed is not up to date", async () => {
  const fails = () => assert.fail("it failed");
  await assert.rejects(builds("other", fails), /it failed/);
  assert.ok(await builds("other"));
});
