/** Local development by wrangler itself: what `.dev.vars` and `wrangler.toml` say is what the Worker gets. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../support/client.ts";
import { assertRefused, pageOf } from "../support/expect.ts";
import { HANDSHAKE, raw } from "../support/raw.ts";
import { NEEDS_OWN_RUNTIME, Server } from "../support/target.ts";
import { WranglerDev } from "../support/wrangler-dev.ts";

const VARS = {
  BROADCAST_SECRET: "from-the-file",
  CONNECT_AUTH: "open",
  ALLOWED_ORIGINS: "*",
  HISTORY_SIZE: "0",
};
/** From `wrangler.toml`: the number of connects per minute, counted by the minutes of the clock. */
const CONNECTS_PER_MINUTE = 600;
const AT_ONCE = 20;

describe("wrangler dev", { skip: NEEDS_OWN_RUNTIME }, () => {
  let wrangler: WranglerDev;
  let server: Server;

  after(() => wrangler.stop());

  before(async () => {
    wrangler = await WranglerDev.start(VARS);
    server = new Server(wrangler.url);
  });

  test(".dev.vars overrides wrangler.toml, secret or not", async () => {
    const health = await fetch(`${server.url}/health`);
    const { status } = (await health.json()) as { status: string };
    assert.deepEqual([health.status, status], [200, "ok"]);
    const client = new Client(`${server.url}/parties/main/demo`);
    const { payload } = await client.next("CONNECTED");
    assert.equal("epoch" in payload, false);
    assert.equal(payload.limits.connectsPerMinute, CONNECTS_PER_MINUTE);
    client.socket.terminate();
  });

  test("P1.10 without CONSOLE its files are not served, in any case", async () => {
    for (const path of ["/", "/console/app.js", "/index.html", "/console/style.css", "/_headers"])
      await assertRefused(await raw(server, path), 404, "not_found");
  });

  test("P13.1 documents have the binding, the class and the WebAssembly that wrangler.toml names", async () => {
    const headers = { Authorization: `Bearer ${VARS.BROADCAST_SECRET}` };
    const missing = await fetch(`${server.url}/parties/docs/demo/t1`, { headers });
    await assertRefused(missing, 404, "no_document");
  });

  test("P10.5 an address that connects too often is told to wait, and only for that project", async () => {
    const { path } = server.room();
    const connect = () => raw(server, path, { headers: HANDSHAKE });
    const answers = [];
    // A new minute may begin meanwhile.
    while (answers.length <= 2 * CONNECTS_PER_MINUTE && answers.at(-1)?.status !== 429)
      answers.push(...(await Promise.all(Array.from({ length: AT_ONCE }, connect))));
    const taken = answers.filter(({ status }) => status === 101).length;
    assert.ok(taken >= CONNECTS_PER_MINUTE && taken <= 2 * CONNECTS_PER_MINUTE, `${taken} taken`);
    const refused = answers.find(({ status }) => status !== 101);
    assert.equal(refused?.headers["retry-after"], "60");
    const { error, ...rest } = JSON.parse(refused?.text ?? "{}");
    const wait = { limit: "connectsPerMinute", retryAfterMs: 60_000 };
    const code = "rate_limited";
    assert.deepEqual(rest, { success: false, code, docs: pageOf(code), ...wait });
    const elsewhere = await raw(server, server.room().path, { headers: HANDSHAKE });
    assert.equal(elsewhere.status, 101);
  });
});
