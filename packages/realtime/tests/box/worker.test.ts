/** Broadcasts of a backend that is a Cloudflare Worker itself, with Hono as README.md shows it. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, describe, test } from "node:test";
import { build } from "esbuild";
import { WORKER_FILES } from "../../../../scripts/build/compile.ts";
import { ROOT } from "../../../../scripts/common/paths.ts";
import { Readme } from "../../../../tests/support/readme.ts";
import { Runtime } from "../../../../tests/support/runtime.ts";
import {
  NEEDS_OWN_RUNTIME,
  SECRET,
  Server,
  startOwnServer,
} from "../../../../tests/support/target.ts";

const APP = `
  import { Hono } from "hono";
  const app = new Hono();
`;

/** It broadcasts and answers at once. The classes are only there because the runtime's config names them. */
const ROUTE = `
  app.get("/:projectId", async (c) => {
    for (const taskId of ["t1", "t2"])
      await c.get("realtime").broadcastTaskEvent(c.req.param("projectId"), taskId, "TASK_UPDATED");
    return c.text("saved");
  });
  export class ProjectRoom {}
  export class DocumentRoom {}
  export default app;
`;

const WITHOUT_WAIT_UNTIL = `
  import { createBroadcaster } from "@validiant/realtime/server";
  app.use(async (c, next) => {
    c.set("realtime", createBroadcaster({ url: c.env.REALTIME_URL, secret: c.env.BROADCAST_SECRET }));
    await next();
  });
`;

describe("a Worker", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server } = await startOwnServer();
  const page = await Readme.read(join("docs", "backends.md"), server);
  const [middleware = ""] = page.code("Cloudflare Workers", 1);

  /** Each request's events are sent, in order. */
  async function assertBroadcasts(code: string): Promise<void> {
    const api = await startApi(APP + code + ROUTE);
    const room = server.room();
    const ann = await room.user("ann");
    for (let request = 0; request < 3; request += 1) {
      assert.equal(await (await fetch(`${api.url}/${room.id}`)).text(), "saved");
      for (const taskId of ["t1", "t2"])
        assert.deepEqual((await ann.next("TASK_UPDATED")).payload, { taskId, projectId: room.id });
    }
  }

  async function startApi(contents: string): Promise<Runtime> {
    const folder = await bundled(contents);
    // The runtime of the tests takes WebAssembly too: these are empty.
    const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    for (const file of WORKER_FILES.filter((name) => name.endsWith(".wasm")))
      await writeFile(join(folder, file), empty);
    const vars = { REALTIME_URL: server.url, BROADCAST_SECRET: SECRET };
    const runtime = await Runtime.start({ build: relative(ROOT, folder), vars });
    after(() => runtime.stop());
    return runtime;
  }

  test("has its broadcasts sent after its answer", () => assertBroadcasts(middleware));

  test("that gives no waitUntil waits for its broadcasts", () =>
    assertBroadcasts(WITHOUT_WAIT_UNTIL));
});

test("a Worker of the same account broadcasts by a service binding", {
  skip: NEEDS_OWN_RUNTIME,
}, async () => {
  const page = await Readme.read(join("docs", "backends.md"), new Server("http://127.0.0.1"));
  const [, worker = ""] = page.code("A Worker in the same account", 2);
  // The tests come in by the same door: what is for the realtime server is handed on to it.
  const contents = worker.replace(
    "const realtime =",
    'if (request.url.includes("/parties/")) return env.REALTIME.fetch(request);\n$&',
  );
  assert.notEqual(contents, worker);
  const folder = await bundled(contents);
  const caller = { module: join(folder, "index.js"), vars: { BROADCAST_SECRET: SECRET } };
  const { server } = await startOwnServer({ caller });
  const room = server.room();
  const ann = await room.user("ann");
  assert.equal(await (await fetch(`${server.url}/${room.id}`)).text(), "saved");
  assert.deepEqual((await ann.next("TASK_UPDATED")).payload, { taskId: "t1" });
});

/** TypeScript as one file in a folder of its own. */
async function bundled(contents: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "validiant-api-"));
  after(() => rm(folder, { recursive: true }));
  const stdin = { contents, loader: "ts" as const, resolveDir: ROOT };
  await build({ stdin, bundle: true, format: "esm", outfile: join(folder, "index.js") });
  return folder;
}
