import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import { ROOT } from "../common/paths.ts";
import { hashOf, isUpToDate } from "./stamp.ts";

const folder = mkdtempSync(join(tmpdir(), "validiant-stamp-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (/** @type {string} */ name) => join(folder, name);
const [input, output, stamp] = [at("input"), at("output"), at("stamp")];
const hash = (/** @type {string[]} */ ...options) => hashOf([relative(ROOT, input)], ...options);
const upToDate = (/** @type {string} */ wanted) => isUpToDate(stamp, wanted, [output]);

test("what was built is up to date until an input, an option or an output changes", () => {
  writeFileSync(input, "1");
  const built = hash("release");
  assert.ok(!upToDate(built), "nothing was built");
  for (const file of [stamp, output]) writeFileSync(file, built);
  assert.ok(upToDate(built));
  assert.ok(!upToDate(hash("dev")));
  writeFileSync(input, "2");
  assert.ok(!upToDate(hash("release")));
  writeFileSync(input, "1");
  assert.ok(upToDate(hash("release")));
  rmSync(output);
  assert.ok(!upToDate(hash("release")));
});
