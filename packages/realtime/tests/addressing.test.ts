/** To where broadcasts go, and to where their secret does not. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type AnyEvents, type BroadcasterOptions, createBroadcaster } from "../src/server.ts";
import { fakeServer, TAKEN } from "./support/fake-server.ts";

const server = await fakeServer();

function broadcaster(options: Partial<BroadcasterOptions> = {}) {
  return createBroadcaster<AnyEvents>({ url: server.url, secret: "s", retries: 0, ...options });
}

describe("what can't be an address or a secret", () => {
  for (const [url, words] of [
    ["localhost:1999", /begins with http/],
    ["ws://localhost:1999", /begins with http/],
    ["no url", /begins with http/],
    ["https://user:pass@example.com", /must have only a host and a path/],
    ["https://example.com/?key=pass", /must have only a host and a path/],
  ] as const)
    test(`is named, and not shown: ${url}`, async () => {
      const realtime = broadcaster({ url });
      const error = await realtime.publishToProject("p", "E", {}).catch((error) => error);
      assert.equal(error.code, "not_set_up");
      assert.match(error.message, words);
      assert.doesNotMatch(error.message, /pass/);
    });

  test("is a secret with a line end in it, which is told by no error", async () => {
    const realtime = broadcaster({ secret: "one\ntwo" });
    const error = await realtime.publishToProject("p", "E", {}).catch((error) => error);
    assert.equal(error.code, "not_set_up");
    assert.doesNotMatch(error.message, /one|two/);
  });

  test("is not what has a line end after it", async () => {
    const realtime = broadcaster({ url: `${server.url}\n`, secret: "s\n" });
    await realtime.publishToProject("p", "E", {});
    assert.equal(server.asked[0]?.headers.authorization, "Bearer s");
  });

  test("is not an address with a path", async () => {
    await broadcaster({ url: `${server.url}/realtime/` }).publishToProject("p", "E", {});
    assert.equal(server.asked[0]?.path, "/realtime/parties/main/p");
  });
});

describe("a redirection", () => {
  for (const status of [301, 302, 303, 307, 308])
    test(`with ${status} is an error that names the target, which never sees the secret`, async () => {
      const Location = "/elsewhere?token=hidden";
      server.answer = ({ path }) =>
        path === "/parties/main/p" ? { status, headers: { Location }, body: "" } : { body: TAKEN };
      const realtime = broadcaster();
      await assert.rejects(realtime.publishToProject("p", "E", {}), {
        code: "redirected",
        status,
        message: `${server.url} redirects (${status}) to ${server.url}/elsewhere, and the secret is not sent there. Set the URL to the server's own address`,
      });
      assert.equal(server.asked.length, 1);
    });

  test("to no address is an error too", async () => {
    server.answer = () => ({ status: 301, headers: { Location: "http://" }, body: "" });
    await assert.rejects(broadcaster().publishToProject("p", "E", {}), /an unreadable address/);
  });
});

describe("a fetch that is given", () => {
  test("sends the requests", async () => {
    const urls: string[] = [];
    const realtime = broadcaster({
      fetch: (url, init) => {
        urls.push(url);
        return fetch(url, init);
      },
    });
    await realtime.publishToProject("p", "E", {});
    assert.deepEqual(urls, [`${server.url}/parties/main/p`]);
  });

  test("is asked for where Cloudflare lets a Worker not reach another one", async () => {
    server.answer = () => ({ status: 404, body: "error code: 1042" });
    await assert.rejects(broadcaster().publishToProject("p", "E", {}), /1042.*service binding/);
  });
});
