/** Local development by wrangler itself: what `.dev.vars` sets is what the Worker gets. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { after, test } from "node:test";
import { wranglerArgs, wranglerEnv } from "../scripts/node.mjs";
import { ROOT } from "../scripts/paths.mjs";
import { Client, within } from "./support/client.ts";
import { NEEDS_OWN_RUNTIME } from "./support/target.ts";

const VARS = "BROADCAST_SECRET=from-the-file\nCONNECT_AUTH=open\nHISTORY_SIZE=0\n";
const START_MS = 60_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Starts `wrangler dev`, as `npm run dev` does, with a file of variables of its own. */
async function wranglerDev(folder: string, port: number): Promise<ChildProcess> {
  const file = join(folder, ".dev.vars");
  await writeFile(file, VARS);
  const at = ["--ip", "127.0.0.1", "--port", `${port}`, "--inspector-port", `${await freePort()}`];
  const args = [...at, "--env-file", file, "--persist-to", folder];
  const all = wranglerArgs("dev", "--show-interactive-dev-session=false", ...args);
  const stdio = ["ignore", "pipe", "inherit"] as ["ignore", "pipe", "inherit"];
  return spawn(process.execPath, all, { cwd: ROOT, env: wranglerEnv(), detached: true, stdio });
}

test("what .dev.vars sets comes before wrangler.toml, secret or not", {
  skip: NEEDS_OWN_RUNTIME,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "validiant-dev-vars-"));
  const port = await freePort();
  const wrangler = await wranglerDev(folder, port);
  after(async () => {
    process.kill(-(wrangler.pid as number), "SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });
  const lines = createInterface({ input: wrangler.stdout as Readable });
  const ready = (async () => {
    for await (const line of lines) if (line.includes("Ready on")) return;
  })();
  await within(ready, "wrangler to be ready", START_MS);
  const url = `http://127.0.0.1:${port}`;
  const health = await fetch(`${url}/health`);
  assert.deepEqual(
    [health.status, ((await health.json()) as { status: string }).status],
    [200, "ok"],
  );
  const client = new Client(`${url}/parties/main/demo`);
  assert.equal("epoch" in (await client.next("CONNECTED")).payload, false);
  client.socket.terminate();
});
