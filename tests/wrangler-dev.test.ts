/** Local development by wrangler itself: what `.dev.vars` and `wrangler.toml` say is what the Worker gets. */

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
import { after, before, describe, test } from "node:test";
import { wranglerArgs, wranglerEnv } from "../scripts/node.mjs";
import { ROOT } from "../scripts/paths.mjs";
import { Client, within } from "./support/client.ts";
import { HANDSHAKE, raw } from "./support/raw.ts";
import { NEEDS_OWN_RUNTIME, Server } from "./support/target.ts";

const VARS =
  "BROADCAST_SECRET=from-the-file\nCONNECT_AUTH=open\nALLOWED_ORIGINS=*\nHISTORY_SIZE=0\n";
const START_MS = 60_000;
/** As `wrangler.toml` says: so many connects in a minute, and minutes begin with those of the clock. */
const CONNECTS_PER_MINUTE = 600;
const AT_ONCE = 20;

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

async function untilReady(wrangler: ChildProcess): Promise<void> {
  const lines = createInterface({ input: wrangler.stdout as Readable });
  const ready = (async () => {
    for await (const line of lines) if (line.includes("Ready on")) return;
  })();
  await within(ready, "wrangler to be ready", START_MS);
}

describe("wrangler dev", { skip: NEEDS_OWN_RUNTIME }, () => {
  let folder: string;
  let wrangler: ChildProcess;
  let server: Server;

  after(async () => {
    process.kill(-(wrangler.pid as number), "SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "validiant-wrangler-dev-"));
    const port = await freePort();
    wrangler = await wranglerDev(folder, port);
    await untilReady(wrangler);
    server = new Server(`http://127.0.0.1:${port}`);
  });

  test("what .dev.vars sets comes before wrangler.toml, secret or not", async () => {
    const health = await fetch(`${server.url}/health`);
    const { status } = (await health.json()) as { status: string };
    assert.deepEqual([health.status, status], [200, "ok"]);
    const client = new Client(`${server.url}/parties/main/demo`);
    const { payload } = await client.next("CONNECTED");
    assert.equal("epoch" in payload, false);
    assert.equal(payload.limits.connectsPerMinute, CONNECTS_PER_MINUTE);
    client.socket.terminate();
  });

  test("P10.5 an address that connects too often is told to wait, and only for that project", async () => {
    const { path } = server.room();
    const connect = () => raw(server, path, { headers: HANDSHAKE });
    const answers = [];
    // The clock may begin a new minute meanwhile.
    while (answers.length <= 2 * CONNECTS_PER_MINUTE && answers.at(-1)?.status !== 429)
      answers.push(...(await Promise.all(Array.from({ length: AT_ONCE }, connect))));
    const taken = answers.filter(({ status }) => status === 101).length;
    assert.ok(taken >= CONNECTS_PER_MINUTE && taken <= 2 * CONNECTS_PER_MINUTE, `${taken} taken`);
    const refused = answers.find(({ status }) => status !== 101);
    assert.equal(refused?.headers["retry-after"], "60");
    const { error, ...rest } = JSON.parse(refused?.text ?? "{}");
    const wait = { limit: "connectsPerMinute", retryAfterMs: 60_000 };
    assert.deepEqual(rest, { success: false, code: "rate_limited", ...wait });
    const elsewhere = await raw(server, server.room().path, { headers: HANDSHAKE });
    assert.equal(elsewhere.status, 101);
  });
});
