/** What the docs point to is there, and the map of docs/architecture.md leaves out no folder. */

import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/common/paths.ts";

const PAGES = globSync("{*.md,docs/**/*.md,{packages,examples}/*/*.md}", { cwd: ROOT });
/** It names files by the names that they had. */
const CHANGELOG = "CHANGELOG.md";
/** Folders of the repository with which a path in the text begins. */
const TOP = [
  "bench",
  "console",
  "crates",
  "docs",
  "examples",
  "packages",
  "scripts",
  "src",
  "tests",
];

const read = (page: string) => readFileSync(join(ROOT, page), "utf8");
const withoutCode = (text: string) => text.replaceAll(/^```.*?^```/gms, "");

/** The anchors that GitHub gives to the headings of a page. */
function anchors(page: string): string[] {
  const headings = withoutCode(read(page)).matchAll(/^#+ (.*)$/gm);
  return Array.from(headings, ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("every link leads to a file of the repository, and to a heading in it", () => {
  for (const page of PAGES)
    for (const [, target = ""] of withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : join(dirname(page), path);
      assert.ok(existsSync(join(ROOT, file)), `${page}, ${target}: no such file`);
      if (anchor) assert.ok(anchors(file).includes(anchor), `${page}, ${target}: no such heading`);
    }
});

test("every path in the text is one of the repository", () => {
  for (const page of PAGES.filter((page) => page !== CHANGELOG))
    for (const [, path = ""] of withoutCode(read(page)).matchAll(/`([\w.-]+\/[\w./-]*)`/g)) {
      const isOurs = TOP.some((folder) => path.startsWith(`${folder}/`));
      const places = [ROOT, join(ROOT, dirname(page)), join(ROOT, "packages/realtime")];
      const isThere = places.some((place) => existsSync(join(place, path)));
      // What a program writes is in folders with a dot.
      const isWritten = path.includes("/.");
      assert.ok(!isOurs || isThere || isWritten, `${page}, ${path}: no such file`);
    }
});

for (const folder of ["crates/core/src", "src", "tests"])
  test(`the map has a line for each folder of ${folder}`, () => {
    const parts = read("docs/architecture.md").split(/^In `/m);
    const part = parts.find((text) => text.startsWith(`${folder}/\`:`));
    assert.ok(part !== undefined, `there is no list "In \`${folder}/\`:"`);
    const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
    for (const { name } of entries.filter((entry) => entry.isDirectory()))
      assert.ok(part.includes(`\`${name}/\``), `${folder}/${name} is not on it`);
  });
