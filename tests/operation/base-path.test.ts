/** A server under a path of its host: docs/protocol.md, P1.11. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertRefused } from "../support/expect.ts";
import { AUTHORIZED, raw } from "../support/raw.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";

const EVENT = '{"eventType":"E"}';

describe("P1.11 a server under a path", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const vars = { BASE_PATH: "/app/realtime", CONSOLE: "on" };
  const { server } = await startOwnServer({ vars });

  test("P1.11 connects, accepts broadcasts, and reports its health below it", async () => {
    const { id, path } = server.room();
    const client = server.connectAt(`/app/realtime${path}?userId=ann`);
    assert.equal((await client.next("CONNECTED")).payload.projectId, id);
    const post = { method: "POST", headers: AUTHORIZED, body: EVENT };
    for (const prefix of ["/app/realtime", "//app//realtime/"]) {
      assert.equal((await raw(server, prefix + path, post)).status, 200);
      await client.next("E");
    }
    assert.equal((await raw(server, "/app/realtime/health")).status, 200);
    const preflight = await raw(server, `/app/realtime${path}`, { method: "OPTIONS" });
    assert.equal(preflight.status, 204);
  });

  test("P1.11 is not reachable elsewhere", async () => {
    const { path } = server.room();
    for (const elsewhere of ["/", "/health", path, `/app${path}`, `/app/realtimes${path}`])
      for (const options of [{ headers: AUTHORIZED }, { method: "OPTIONS" }])
        await assertRefused(await raw(server, elsewhere, options), 404, "not_found");
  });

  test("P1.11 sends a browser that leaves out the last slash to the console", async () => {
    const { status, headers } = await raw(server, "/app/realtime");
    assert.deepEqual([status, headers.location], [308, "/app/realtime/"]);
  });
});

test("P1.11 a path of another form is a wrong setting", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server } = await startOwnServer({ vars: { BASE_PATH: "realtime/" } });
  const { status, text } = await raw(server, "/health");
  assert.equal(status, 503);
  assert.equal(JSON.parse(text).problems[0].setting, "BASE_PATH");
});
