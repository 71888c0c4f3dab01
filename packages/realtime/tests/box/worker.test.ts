/** Broadcasts of a backend that is a Cloudflare Worker itself, with Hono as README.md shows it. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import { build } from "esbuild";
import { ROOT } from "../../../../scripts/paths.mjs";
import { Readme } from "../../../../tests/support/readme.ts";
import { Runtime } from "../../../../tests/support/runtime.ts";
import { NEEDS_OWN_RUNTIME, SECRET, startOwnServer } from "../../../../tests/support/target.ts";

const APP = `
  import { Hono } from "hono";
  const app = new Hono();
`;

/** It broadcasts and answers at once. The class is only there because the runtime's config names one. */
const ROUTE = `
  app.get("/:projectId", async (c) => {
    for (const taskId of ["t1", "t2"])
      await c.get("realtime").broadcastTaskEvent(c.req.param("projectId"), taskId, "TASK_UPDATED");
    return c.text("saved");
  });
  export class ProjectRoom {}
  export default app;
`;

test("a Worker's broadcasts are sent, in order, after its answer", {
  skip: NEEDS_OWN_RUNTIME,
}, async () => {
  const { server } = await startOwnServer();
  const readme = await Readme.read(join("packages", "realtime"), server);
  const [, , middleware] = readme.code("A backend", 3);
  const vars = { PARTYKIT_URL: server.url, BROADCAST_SECRET: SECRET };
  const api = await startApi(APP + middleware + ROUTE, vars);
  const room = server.room();
  const ann = await room.user("ann");
  for (let request = 0; request < 3; request += 1) {
    assert.equal(await (await fetch(`${api.url}/${room.id}`)).text(), "saved");
    for (const taskId of ["t1", "t2"])
      assert.deepEqual((await ann.next("TASK_UPDATED")).payload, { taskId, projectId: room.id });
  }
});

async function startApi(contents: string, vars: Record<string, string>): Promise<Runtime> {
  const folder = await mkdtemp(join(tmpdir(), "validiant-api-"));
  const stdin = { contents, resolveDir: ROOT };
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
