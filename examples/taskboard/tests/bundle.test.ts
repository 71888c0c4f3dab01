/** What a browser fetches: the editor only when a task is opened, and one copy of Yjs. */

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { build, type Manifest } from "vite";

const BOARD = join(import.meta.dirname, "../board");
/** Yjs says this when there are two copies of it. */
const YJS = "Yjs was already imported";
const EDITOR = "cm-content";
/** The first load, compressed, with a little room. */
const FIRST_MAX_BYTES = 138_000;

const folder = await mkdtemp(join(tmpdir(), "taskboard-bundle-"));
after(() => rm(folder, { recursive: true }));
await build({
  configFile: join(BOARD, "vite.config.ts"),
  logLevel: "error",
  build: { outDir: folder },
});
const manifest = JSON.parse(await readFile(join(folder, "assets.json"), "utf8")) as Manifest;

const scripts = (files: Iterable<string>) =>
  Promise.all([...files].map((file) => readFile(join(folder, file), "utf8")));

/** The files of a part of the page, with what it imports at once. */
function filesOf(name: string): Set<string> {
  const part = manifest[name];
  assert.ok(part, name);
  return new Set([part.file, ...(part.imports ?? []).flatMap((other) => [...filesOf(other)])]);
}

test("the page comes without the editor, which is fetched when a task is opened", async () => {
  const first = await scripts(filesOf("index.html"));
  for (const mark of [YJS, EDITOR]) assert.ok(first.every((code) => !code.includes(mark)));
  const later = manifest["src/description/SharedText.tsx"];
  assert.ok(later?.isDynamicEntry);
  const all = (await scripts([later.file])).join("");
  for (const mark of [YJS, EDITOR]) assert.ok(all.includes(mark));
  const bytes = first.reduce((sum, code) => sum + gzipSync(code).length, 0);
  assert.ok(bytes < FIRST_MAX_BYTES, `${bytes} bytes`);
});

test("there is one copy of Yjs", async () => {
  const all = await scripts(Object.values(manifest).map(({ file }) => file));
  assert.equal(all.join("").split(YJS).length - 1, 1);
});
