/** The helpers that broadcast by what the environment says. */

import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import {
  type AnyEvents,
  BroadcastEvent,
  broadcasterFromEnvironment,
  broadcastTaskEvent,
  configureBroadcasts,
  flush,
} from "../src/server.ts";
import { fakeServer, refused, TAKEN } from "./support/fake-server.ts";

const server = await fakeServer();
const { broadcastToProject, publishToProject } = broadcasterFromEnvironment<AnyEvents>();

describe("by the environment", () => {
  function environment(values: Record<string, string | undefined>): void {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }

  /** What was logged, line by line. */
  function wordsOf(said: { mock: { calls: { arguments: unknown[] }[] } }): unknown[] {
    return said.mock.calls.map((call) => call.arguments[0]);
  }

  beforeEach(() => {
    mock.restoreAll();
    environment({
      REALTIME_URL: server.url,
      PARTYKIT_URL: undefined,
      BROADCAST_SECRET: "from-env",
      NODE_ENV: undefined,
    });
    configureBroadcasts({});
  });

  test("the helpers send to REALTIME_URL with BROADCAST_SECRET", async () => {
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

  test("PARTYKIT_URL is another name of the same", async () => {
    environment({ REALTIME_URL: undefined, PARTYKIT_URL: server.url });
    await publishToProject("p", "E", {});
    assert.deepEqual(server.types, ["E"]);
  });

  test("where both are set and differ, REALTIME_URL counts, which is said once", async () => {
    const said = mock.method(console, "warn", () => {});
    environment({ PARTYKIT_URL: `${server.url}/` });
    await publishToProject("p", "E", {});
    assert.equal(said.mock.callCount(), 0);
    environment({ PARTYKIT_URL: "http://127.0.0.1:1" });
    for (const type of ["A", "B"]) await publishToProject("p", type, {});
    assert.deepEqual(server.types, ["E", "A", "B"]);
    assert.deepEqual(wordsOf(said), [
      "REALTIME_URL and PARTYKIT_URL differ: broadcasts go to REALTIME_URL.",
    ]);
  });

  test("without either it is localhost:1999, which is said once", async () => {
    const said = mock.method(console, "warn", () => {});
    const fetched = mock.method(globalThis, "fetch", async () => Response.json(TAKEN));
    environment({ REALTIME_URL: undefined });
    for (const type of ["A", "B"]) await publishToProject("p", type, {});
    const urls = fetched.mock.calls.map((call) => (call.arguments as unknown[])[0]);
    assert.deepEqual(urls, Array(2).fill("http://localhost:1999/parties/main/p"));
    assert.deepEqual(wordsOf(said), [
      "REALTIME_URL is not set: broadcasts go to http://localhost:1999, as in development.",
    ]);
  });

  for (const platform of [{ NODE_ENV: "production" }, { AWS_LAMBDA_FUNCTION_NAME: "api" }])
    test(`without either, nothing is sent with ${Object.keys(platform)}`, async () => {
      environment({ REALTIME_URL: undefined, ...platform });
      await assert.rejects(publishToProject("p", "E", {}), /REALTIME_URL is not set/);
      environment({ AWS_LAMBDA_FUNCTION_NAME: undefined });
    });

  test("other options, and settings of a runtime without an environment, can be given", async () => {
    environment({ REALTIME_URL: undefined, BROADCAST_SECRET: undefined });
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
