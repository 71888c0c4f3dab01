/** Which web pages may use the server: docs/protocol.md, P10.6. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AUTHORIZED, raw } from "../support/raw.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";

const APP = "https://app.example.com";
const ELSEWHERE = "https://evil.example";
const OWN = { skip: NEEDS_OWN_RUNTIME };
const REFUSED = '{"code":"not_allowed","setting":"ALLOWED_ORIGINS"}';

/** How a client of this origin is received; none: it is no page. */
async function received(room: Room, origin?: string): Promise<string> {
  const client = await room.join({}, origin === undefined ? {} : { origin });
  const connected = client.next("CONNECTED").then(({ type }) => type);
  connected.catch(() => {});
  return Promise.race([connected, client.closed.then(({ reason }) => reason)]);
}

describe("with a list of origins", OWN, async () => {
  const vars = { ALLOWED_ORIGINS: `${APP}, http://localhost:5173` };
  const { server } = await startOwnServer({ vars });
  const readable = async (path: string, Origin: string, method = "GET") => {
    const headers = { ...AUTHORIZED, Origin };
    const answer = await raw(server, path, {
      method,
      headers,
      body: method === "POST" ? "{}" : "",
    });
    return [answer.headers["access-control-allow-origin"], answer.headers.vary];
  };

  test("P10.6 a listed page may connect, and so may a client that is not a page", async () => {
    for (const origin of [APP, "http://localhost:5173", undefined])
      assert.equal(await received(server.room(), origin), "CONNECTED");
  });

  test("P10.6 so may a native app that sends the server's own origin", async () => {
    assert.equal(await received(server.room(), server.url), "CONNECTED");
  });

  test("P10.6 another page is told which setting keeps it out, and wakes no room", async () => {
    for (const origin of [ELSEWHERE, `${APP}.evil.example`, "null", "http://app.example.com"])
      assert.equal(await received(server.room(), origin), REFUSED);
  });

  for (const [name, path, method] of [
    ["health", "/health", "GET"],
    ["a room's state", "/parties/main/p", "GET"],
    ["a refusal", "/parties/main/p", "POST"],
    ["a preflight", "/parties/main/p", "OPTIONS"],
    ["what is not found", "/nowhere", "GET"],
  ] as const)
    test(`P10.6 ${name} may be read by a page of the list, and by no other`, async () => {
      assert.deepEqual(await readable(path, APP, method), [APP, "Origin"]);
      assert.deepEqual(await readable(path, ELSEWHERE, method), [undefined, "Origin"]);
    });
});

test(
  "P10.6 without a list and without tokens nobody may connect, and all are told why",
  OWN,
  async () => {
    const { server } = await startOwnServer({ vars: { ALLOWED_ORIGINS: undefined } });
    for (const origin of [APP, undefined])
      assert.equal(await received(server.room(), origin), REFUSED);
    const { status, text } = await raw(server, "/health");
    assert.equal(status, 503);
    assert.equal(JSON.parse(text).problems[0].setting, "ALLOWED_ORIGINS");
    await server.room().broadcast("E");
  },
);

test("P10.6 web views, extensions and preview deployments can be listed", OWN, async () => {
  const apps = ["capacitor://localhost", "tauri://localhost", "chrome-extension://abcdefgh"];
  const ALLOWED_ORIGINS = [...apps, "https://*.preview.app.test", "https://app.test/"];
  const { server } = await startOwnServer({ vars: { ALLOWED_ORIGINS } });
  assert.equal((await raw(server, "/health")).status, 200);
  for (const origin of [...apps, "https://pr-1.preview.app.test", "https://app.test"])
    assert.equal(await received(server.room(), origin), "CONNECTED");
  for (const origin of ["null", "file://", "ionic://localhost", "https://preview.app.test"])
    assert.equal(await received(server.room(), origin), REFUSED);
});

test(
  "P10.6 an entry that can't be meant is named by its place and by what is wrong",
  OWN,
  async () => {
    const vars = { ALLOWED_ORIGINS: "https://app.test,https://app.test/path" };
    const { server } = await startOwnServer({ vars });
    const { status, text } = await raw(server, "/health");
    const [{ setting, problem }] = JSON.parse(text).problems;
    assert.deepEqual([status, setting], [503, "ALLOWED_ORIGINS"]);
    assert.match(problem, /^entry 2 has a path/);
  },
);
