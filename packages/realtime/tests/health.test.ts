/** A connect that fails without a word: `/health` tells why (P1.8). With fake sockets and a fake clock. */

import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import type { ConnectOptions } from "../src/index.ts";
import { connect, online, pass, socket, untilRetry, withFakeClock } from "./support/fake-socket.ts";

withFakeClock();

/** Has `/health` answer this, and a connect fail; answers what the client says then. */
async function after(
  answer: () => Response | Promise<Response>,
  options: Partial<ConnectOptions> = {},
) {
  const fetched = mock.method(globalThis, "fetch", async () => answer());
  const project = connect(options);
  (await socket()).ends();
  await pass(1);
  return { project, urls: () => fetched.mock.calls.map(({ arguments: [url] }) => String(url)) };
}

const problems = [{ setting: "JWKS", problem: "is no key set" }];

describe("after a connect that failed", () => {
  test("a server with a wrong setting is named with it", async () => {
    const health = { status: "misconfigured", version: "0.1.0", problems };
    const { project, urls } = await after(() => Response.json(health, { status: 503 }));
    assert.equal(project.status.reason, "The server is misconfigured: see its setting JWKS.");
    assert.equal(project.status.state, "waiting");
    assert.deepEqual(urls(), ["https://example.com/health"]);
  });

  test("it is asked below the path of the server", async () => {
    const options = { host: "http://example.com:8080/realtime" };
    const { urls } = await after(() => Response.json({}, { status: 503 }), options);
    assert.deepEqual(urls(), ["http://example.com:8080/realtime/health"]);
  });

  for (const [what, answer] of [
    ["a page", () => new Response("<!doctype html>")],
    ["404", () => new Response("nothing here", { status: 404 })],
    ["JSON of another server", () => Response.json({ status: "ok" })],
    ["null", () => Response.json(null)],
    ["far too much", () => new Response("x".repeat(1_000_000))],
  ] as const) {
    test(`an address that answers ${what} is no server of this kind`, async () => {
      const { project } = await after(answer);
      assert.match(
        project.status.reason,
        /no validiant-realtime server at example\.com, or a proxy or a sign-in page answers/,
      );
    });
  }

  test("a healthy server is told from one that is away", async () => {
    const { project } = await after(() => Response.json({ status: "ok", problems: [] }));
    assert.match(project.status.reason, /WebSockets do not get through/);
    // A browser does not tell 429 from any other answer.
    assert.match(project.status.reason, /too many connect from this network/);
  });

  for (const answer of [
    () => new Response("", { status: 502 }),
    () => Promise.reject(new Error("no")),
  ])
    test("a server that is away can't be reached", async () => {
      const { project } = await after(answer);
      assert.equal(project.status.reason, "The server can't be reached.");
    });

  test("it is asked once in an outage, and what it said stays", async () => {
    const { project, urls } = await after(() => new Response("", { status: 404 }));
    for (let tries = 0; tries < 5; tries += 1) {
      await pass(untilRetry(project));
      (await socket()).ends();
    }
    await pass(1);
    assert.equal(urls().length, 1);
    assert.match(project.status.reason, /no validiant-realtime server/);
    await pass(untilRetry(project));
    (await socket()).accepts();
    (await socket()).ends();
    assert.equal(project.status.reason, "The connection was lost.");
  });

  test("an answer that never comes is given up after 5 s", async () => {
    let aborted = false;
    mock.method(globalThis, "fetch", (_url: string, { signal }: { signal: AbortSignal }) => {
      signal.addEventListener("abort", () => (aborted = true));
      return new Promise(() => {});
    });
    connect();
    (await socket()).ends();
    await pass(4_999);
    assert.equal(aborted, false);
    await pass(1);
    assert.equal(aborted, true);
  });

  test("of a client that was online, the first one asks nothing: a server that restarts has enough to do", async () => {
    const fetched = mock.method(globalThis, "fetch", async () => new Response("", { status: 404 }));
    const { project, first } = await online();
    await pass(6_000);
    first.ends();
    await pass(untilRetry(project));
    assert.equal(fetched.mock.callCount(), 0);
    (await socket()).ends();
    await pass(1);
    assert.equal(fetched.mock.callCount(), 1);
  });
});

test("a connection that the server ends with a code asks nothing", async () => {
  const fetched = mock.method(globalThis, "fetch", async () => new Response("", { status: 404 }));
  connect();
  (await socket()).ends(4201, { code: "connection_limit", retryAfterMs: 10_000 });
  await pass(1);
  assert.equal(fetched.mock.callCount(), 0);
});
