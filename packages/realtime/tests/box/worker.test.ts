/** Broadcasts of a backend that is a Cloudflare Worker itself. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { after, test } from "node:test";
import { build } from "esbuild";
import { Runtime } from "../../../../tests/support/runtime.ts";
import { NEEDS_OWN_RUNTIME, SECRET, startOwnServer } from "../../../../tests/support/target.ts";

const PACKAGE = resolve(import.meta.dirname, "../..");
const ROOT = resolve(PACKAGE, "../..");

/** An API that broadcasts and answers at once. The class is only there because the runtime's config names one. */
const WORKER = `
  import { createBroadcaster } from "./src/server.ts";
  export class ProjectRoom {}
  export default {
    async fetch(request, { url, secret }, ctx) {
      const realtime = createBroadcaster({ url, secret, waitUntil: (work) => ctx.waitUntil(work) });
      const projectId = new URL(request.url).pathname.slice(1);
      for (const taskId of ["t1", "t2"]) await realtime.broadcastTaskEvent(projectId, taskId, "TASK_UPDATED");
      return new Response("saved");
    },
  };
`;

test("a Worker's broadcasts are sent, in order, after its answer", {
  skip: NEEDS_OWN_RUNTIME,
}, async () => {
  const { server } = await startOwnServer();
  const api = await startApi({ url: server.url, secret: SECRET });
  const room = server.room();
  const ann = await room.user("ann");
  for (let request = 0; request < 3; request += 1) {
    assert.equal(await (await fetch(`${api.url}/${room.id}`)).text(), "saved");
    for (const taskId of ["t1", "t2"])
      assert.deepEqual((await ann.next("TASK_UPDATED")).payload, { taskId, projectId: room.id });
  }
});

async function startApi(vars: Record<string, string>): Promise<Runtime> {
  const folder = await mkdtemp(join(tmpdir(), "validiant-api-"));
  const stdin = { contents: WORKER, resolveDir: PACKAGE };
  await build({ stdin, bundle: true, format: "esm", outfile: join(folder, "index.js") });
  // The runtime of the tests takes a WebAssembly too: this is an empty one.
  await writeFile(join(folder, "index_bg.wasm"), Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  const runtime = await Runtime.start({ build: relative(ROOT, folder), vars });
  after(async () => {
    await runtime.stop();
    await rm(folder, { recursive: true });
  });
  return runtime;
}
