/** The test vectors of docs/encryption.md, in the runtimes that have WebCrypto: a browser and a Worker. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import { WORKER_FILES } from "../../../../scripts/build/compile.ts";
import { ROOT } from "../../../../scripts/common/paths.ts";
import { launch } from "../../../../tests/support/chromium.ts";
import { bundle, servePage } from "../../../../tests/support/page.ts";
import { Runtime } from "../../../../tests/support/runtime.ts";
import { NEEDS_OWN_RUNTIME } from "../../../../tests/support/target.ts";
import { VECTORS } from "../encryption/vectors.ts";

/** Opens and seals each vector; answers what came out. */
const CHECK = `
  import { epochKeys } from "./packages/realtime/src/encryption.ts";
  import { vectors } from "./docs/encryption-vectors.json";

  const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (digits) => parseInt(digits, 16));
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

  const check = () => Promise.all(vectors.map(async (vector) => {
    const { epoch, projectId, at } = vector;
    const key = bytes(vector.epochKey);
    const { sealer } = epochKeys({ get: async () => key, current: async () => ({ epoch, key }) });
    const sealed = { epoch, nonce: bytes(vector.nonce), ciphertext: bytes(vector.ciphertext) };
    const plaintext = await sealer.open(vector, sealed);
    const again = await sealer.open(vector, await sealer.seal(vector, plaintext));
    const placeTag = at === undefined ? undefined : await sealer.placeTag(projectId, epoch, at);
    return { plaintext: hex(plaintext), again: hex(again), placeTag };
  }));
`;

const EXPECTED = VECTORS.map(({ plaintext, placeTag }) => ({
  ...{ plaintext, again: plaintext },
  ...(placeTag === undefined ? {} : { placeTag }),
}));

const bundled = (contents: string) => bundle({ stdin: { contents, resolveDir: ROOT } });

test("in Chromium", async () => {
  const script = await bundled(`${CHECK} globalThis.checked = check();`);
  const browser = await launch();
  after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(await servePage({ script }));
  const checked = await page.evaluate<string>("checked.then(JSON.stringify)");
  assert.deepEqual(JSON.parse(checked), EXPECTED);
});

test("in a Worker", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "validiant-encryption-"));
  after(() => rm(folder, { recursive: true }));
  const worker = `
    ${CHECK}
    export class ProjectRoom {}
    export class DocumentRoom {}
    export default { fetch: async () => Response.json(await check()) };
  `;
  await writeFile(join(folder, "index.js"), await bundled(worker));
  // The runtime of the tests takes WebAssembly too: these are empty.
  const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  for (const file of WORKER_FILES.filter((name) => name.endsWith(".wasm")))
    await writeFile(join(folder, file), empty);
  const runtime = await Runtime.start({ build: relative(ROOT, folder), vars: {} });
  after(() => runtime.stop());
  assert.deepEqual(await (await fetch(runtime.url)).json(), EXPECTED);
});
