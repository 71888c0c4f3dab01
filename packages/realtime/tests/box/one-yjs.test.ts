/** An app that uses the package, editors and a storage has one copy of Yjs in its bundle, and one of React. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { build as buildByEsbuild } from "esbuild";
import { build as buildByVite } from "vite";
import { ROOT } from "../../../../scripts/common/paths.ts";

/** By this name Yjs notices another copy of itself. */
const YJS_GUARD = "__ $YJS$ __";

const APP = `
import * as Y from "yjs";
import Collaboration from "@tiptap/extension-collaboration";
import CollaborationCaret from "@tiptap/extension-collaboration-caret";
import { yCollab } from "y-codemirror.next";
import { IndexeddbPersistence } from "y-indexeddb";
import { useProjectRealtime } from "@validiant/realtime/react";
import { DocumentProvider } from "@validiant/realtime/yjs";
import { useDocument } from "@validiant/realtime/yjs/react";
globalThis.used = [Y, Collaboration, CollaborationCaret, yCollab, IndexeddbPersistence, useProjectRealtime, DocumentProvider, useDocument];
`;
/** What is only in one place of the package: how it speaks to the server. */
const OWN_MARK = "bearer.";

const folder = mkdtempSync(join(ROOT, "target", "one-yjs-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const entry = join(folder, "app.js");
writeFileSync(entry, APP);

const times = (text: string, what: string) => text.split(what).length - 1;

async function byEsbuild(contents: string): Promise<string> {
  const stdin = { contents, resolveDir: ROOT };
  const { outputFiles } = await buildByEsbuild({
    stdin,
    bundle: true,
    format: "esm",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

async function byVite(): Promise<string> {
  const built = await buildByVite({
    ...{ root: folder, configFile: false, logLevel: "silent" },
    build: { write: false, lib: { entry, formats: ["es"] } },
  });
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((each) =>
    "output" in each ? each.output : [],
  );
  return outputs.map((each) => (each.type === "chunk" ? each.code : "")).join("\n");
}

describe("an app's bundle has one Yjs and one client", () => {
  const bundlers: [string, () => Promise<string>][] = [
    ["esbuild", () => byEsbuild(APP)],
    ["Vite", byVite],
    [
      "esbuild, where the app is CommonJS and its editor is not",
      () => byEsbuild(`require("@validiant/realtime/yjs"); ${APP}`),
    ],
  ];
  for (const [name, bundled] of bundlers)
    test(name, async () => {
      const text = await bundled();
      assert.equal(times(text, YJS_GUARD), 1);
      if (!name.includes("CommonJS")) assert.equal(times(text, OWN_MARK), 1);
    });
});

test("a page without React can have documents", async () => {
  const code = 'export { DocumentProvider } from "@validiant/realtime/yjs";';
  const stdin = { contents: code, resolveDir: ROOT };
  const { metafile } = await buildByEsbuild({
    ...{ stdin, bundle: true, format: "esm", write: false, metafile: true },
  });
  const from = Object.keys(metafile.inputs);
  assert.ok(from.some((file) => file.includes("node_modules/yjs/")));
  assert.equal(
    from.some((file) => file.includes("node_modules/react/")),
    false,
  );
});
