import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SECTIONS, withSection } from "./record.mjs";

test("docs/performance.md and README.md have each section that --record writes", () => {
  for (const [name, file] of Object.entries(SECTIONS)) {
    const text = withSection(readFileSync(file, "utf8"), name, "new");
    assert.ok(text.includes(`<!-- ${name} -->\nnew\n<!-- end of ${name} -->`), name);
  }
});

test("only what is between the marks of a section is replaced", () => {
  const page = "a\n<!-- b -->\nold\n<!-- end of b -->\nc";
  assert.equal(withSection(page, "b", "new"), "a\n<!-- b -->\nnew\n<!-- end of b -->\nc");
  assert.throws(() => withSection(page, "d", "new"), /no <!-- d -->/);
});
