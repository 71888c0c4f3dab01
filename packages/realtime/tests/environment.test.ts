/** The helpers that broadcast by what the environment says. */

import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import {
  BroadcastEvent,
  broadcastTaskEvent,
  broadcastToProject,
  configureBroadcasts,
  flush,
  publishToProject,
} from "../src/server.ts";
import { fakeServer, refused, TAKEN } from "./support/fake-server.ts";

const server = await fakeServer();

describe("by the environment", () => {
  function environment(values: Record<string, string | undefined>): void {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }

  beforeEach(() => {
    mock.restoreAll();
    environment({ PARTYKIT_URL: server.url, BROADCAST_SECRET: "from-env", NODE_ENV: undefined });
    configureBroadcasts({});
  });

  test("the helpers send to PARTYKIT_URL with BROADCAST_SECRET", async () => {
    await broadcastTaskEvent("p", "t", BroadcastEvent.TASK_CREATED, {
      status: "todo",
      priority: "high",
    });
    await broadcastToProject("p", "TASK_UPDATED", { taskId: "t" }, "ann");
    await flush();
    assert.deepEqual(server.types, ["TASK_CREATED", "TASK_UPDATED"]);
    assert.equal(server.asked[0]?.headers.authorization, "Bearer from-env");
  });

  test("flush waits for what was broadcast under earlier settings too", async () => {
    const release = server.holds();
    await broadcastToProject("p", "BEFORE", {});
    configureBroadcasts({ retries: 0 });
    await broadcastToProject("q", "AFTER", {});
    let flushed = false;
    const flushing = flush().then(() => {
      flushed = true;
    });
    assert.equal(flushed, false);
    release();
    await flushing;
    assert.deepEqual(server.types.sort(), ["AFTER", "BEFORE"]);
  });

  test("a missing secret is told, and nothing is sent", async () => {
    environment({ BROADCAST_SECRET: undefined });
    await assert.rejects(publishToProject("p", "E", {}), /BROADCAST_SECRET is not set/);
    assert.equal(server.asked.length, 0);
  });

  test("without PARTYKIT_URL it is localhost:1999, but not in production", async () => {
    const fetched = mock.method(globalThis, "fetch", async () => Response.json(TAKEN));
    environment({ PARTYKIT_URL: undefined });
    await publishToProject("p", "E", {});
    const urls = fetched.mock.calls.map((call) => (call.arguments as unknown[])[0]);
    assert.deepEqual(urls, ["http://localhost:1999/parties/main/p"]);
    environment({ NODE_ENV: "production" });
    await assert.rejects(publishToProject("p", "E", {}), /PARTYKIT_URL is not set/);
  });

  test("other options, and settings of a runtime without an environment, can be given", async () => {
    environment({ PARTYKIT_URL: undefined, BROADCAST_SECRET: undefined });
    const codes: string[] = [];
    configureBroadcasts({
      url: server.url,
      secret: "given",
      retries: 0,
      onError: ({ code }) => codes.push(code),
    });
    server.answer = () => refused(503, "storage_failed");
    await broadcastToProject("p", "E", {});
    await flush();
    assert.equal(server.asked[0]?.headers.authorization, "Bearer given");
    assert.deepEqual(codes, ["storage_failed"]);
  });
});
