/** A page that encrypts nothing has no cryptography in it, and one that does has noble only if it asks for it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** What every key is derived from, and so only where encryption is. */
const LABEL = "validiant-realtime e2e v1";
const SOURCES = fileURLToPath(new URL("../../src", import.meta.url));

/** The code of a page that has all of some modules, and which packages are in it. */
async function bundled(...modules: string[]) {
  const contents = modules
    .map((name, at) => `import * as m${at} from "./${name}.ts"; console.log(m${at});`)
    .join("\n");
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: SOURCES },
    ...{ bundle: true, format: "esm", write: false, metafile: true, packages: "external" },
  });
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports);
  return { code: outputFiles[0]?.text ?? "", packages: imported.map(({ path }) => path) };
}

const isCryptography = (name: string) => /noble|hpke/.test(name);

test("the client, the hooks, documents and the offline queue have none of it", async () => {
  const { code, packages } = await bundled("index", "react", "yjs", "yjs/react", "offline");
  assert.ok(packages.includes("partysocket"));
  assert.equal(code.includes(LABEL), false);
  assert.deepEqual(packages.filter(isCryptography), []);
});

test("the keys of an app and a backend's helpers need no package for it", async () => {
  const { code, packages } = await bundled("encryption", "server");
  assert.ok(code.includes(LABEL));
  assert.deepEqual(packages.filter(isCryptography), []);
});
