import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

test("what runs before there are packages is plain JavaScript and needs none", () => {
  const seen = new Set([new URL("run.mjs", import.meta.url).href]);
  for (const file of seen) {
    const text = readFileSync(new URL(file), "utf8");
    for (const [, name = ""] of text.matchAll(/ from "(.*)";$/gm)) {
      if (name.startsWith("node:")) continue;
      assert.match(name, /^\..*\.mjs$/, `${file} imports ${name}`);
      seen.add(new URL(name, file).href);
    }
  }
  assert.equal(seen.size, 3);
});
