/** What an app says of where to connect: checked before anything is tried. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { connectProject, OptionError } from "../src/index.ts";
import { useOnlineUsers, useProjectRealtime } from "../src/react.ts";
import { connect, FakeSocket, pass, socket, withFakeClock } from "./support/fake-socket.ts";
import { accept, both, opener, probe, render } from "./support/render.ts";

withFakeClock();

describe("the host", () => {
  for (const [host, address] of [
    ["example.com", "wss://example.com"],
    [" example.com/\r\n", "wss://example.com"],
    ["localhost:1999", "ws://localhost:1999"],
    ["localhost", "ws://localhost"],
    ["127.0.0.1:1999", "ws://127.0.0.1:1999"],
    ["[::1]:1999", "ws://[::1]:1999"],
    ["192.168.1.7:1999", "ws://192.168.1.7:1999"],
    ["172.20.0.2", "ws://172.20.0.2"],
    ["172.32.0.2", "wss://172.32.0.2"],
    ["10.example.com", "wss://10.example.com"],
    ["mac.local:1999", "ws://mac.local:1999"],
    ["http://example.com:8080", "ws://example.com:8080"],
    ["https://localhost:1999/", "wss://localhost:1999"],
    ["ws://10.0.0.7", "ws://10.0.0.7"],
    ["example.com/realtime", "wss://example.com/realtime"],
    ["https://example.com:8443/a/b//", "wss://example.com:8443/a/b"],
  ] as const) {
    test(`${JSON.stringify(host)} leads to ${address}`, async () => {
      connect({ host });
      const { url } = await socket();
      assert.equal(url.href.split("?")[0], `${address}/parties/main/p1`);
    });
  }

  for (const host of [
    undefined,
    null,
    "",
    " ",
    "undefined",
    "ftp://example.com",
    "https://",
    "exa mple.com",
    "example.com:99999",
    "example.com:port",
    "ann:secret@example.com",
    "example.com?x=1",
    "example.com/#a",
    "https://example.com/parties/main/p1",
    "example.com/party/p1",
  ]) {
    test(`${JSON.stringify(host) ?? "undefined"} stops the client, and the status names it`, async () => {
      assertStopped(connect({ host: host as string }), "host");
      await pass(60_000);
      assert.equal(FakeSocket.made.length, 0);
    });
  }
});

describe("in a page of https", () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, "location");
  beforeEach(() => {
    const value = { protocol: "https:" };
    Object.defineProperty(globalThis, "location", { value, configurable: true });
  });
  afterEach(() => {
    Reflect.deleteProperty(globalThis, "location");
    if (own) Object.defineProperty(globalThis, "location", own);
  });

  for (const host of ["192.168.1.7:1999", "http://example.com"]) {
    test(`${host} stops the client: no browser opens it, and none says why`, () => {
      assertStopped(connect({ host }), "host");
    });
  }

  for (const host of ["localhost:1999", "https://192.168.1.7:1999", "example.com"]) {
    test(`${host} is opened`, async () => {
      connect({ host });
      assert.ok(await socket());
    });
  }
});

describe("the project id", () => {
  for (const projectId of [
    "",
    undefined,
    null,
    "a/b",
    "a\nb",
    ".",
    "..",
    "é".repeat(65),
    "\ud83d",
  ]) {
    test(`${JSON.stringify(projectId) ?? "undefined"} stops the client, and the status names it`, () => {
      assertStopped(connect({ projectId: projectId as string }), "projectId");
    });
  }

  test("may have 128 bytes", async () => {
    connect({ projectId: "é".repeat(64) });
    assert.ok(await socket());
  });
});

test("a getToken that is no function stops the client, and the status names it", () => {
  assertStopped(connect({ getToken: "eyJ.e30.x" as never }), "getToken");
});

test("no options at all stop the client", () => {
  assertStopped(connectProject(undefined as never), "host");
});

test("a runtime without a WebSocket stops the client, and the status says what to pass", () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, "WebSocket") as PropertyDescriptor;
  Reflect.deleteProperty(globalThis, "WebSocket");
  try {
    const options = { host: "example.com", projectId: "p1", user: { id: "ann" } };
    assertStopped(connectProject(options), "WebSocket");
  } finally {
    if (own) Object.defineProperty(globalThis, "WebSocket", own);
  }
});

test("a client without an address can be closed, looked at, read and started again without harm", async () => {
  const project = connect({ host: "" });
  project.check();
  project.reconnect();
  for await (const _ of project) assert.fail("an event");
  project.close();
  assert.equal(project.status.state, "closed");
});

describe("in a component", () => {
  const ann = { userId: "ann", userName: null, joinedAt: 1, verified: false };

  for (const broken of [{ host: undefined }, { getToken: "eyJ" }, { user: { id: 1n } }]) {
    test(`options such as ${Object.keys(broken)[0]} of a wrong kind break no page, and nobody else is deaf afterwards`, async () => {
      const options = { host: "example.com", WebSocket: FakeSocket, ...broken } as never;
      const wrong = probe(() => useProjectRealtime("wrong", options).status.state);
      const page = await render(wrong.with());
      await page.show(null);
      const users = probe(() => useOnlineUsers());
      await page.show(both(users.with(), opener("p1")));
      await accept({ users: [ann], activeUsers: 1 });
      assert.deepEqual(users.seen.result, [ann]);
    });
  }

  test("a host that is not set is a status in words", async () => {
    const options = { host: undefined as never, user: { id: "ann" } };
    const all = probe(() => useProjectRealtime("p1", options).status);
    await render(all.with());
    assert.equal(all.seen.result?.state, "stopped");
    assert.match(all.seen.result?.reason ?? "", /`host` is not set.*VITE_/);
  });

  test("options that throw when they are read leave no holder behind", async () => {
    const options = { host: "example.com", user: { id: "ann" }, WebSocket: FakeSocket };
    let reads = 0;
    Object.defineProperty(options, "since", {
      enumerable: true,
      get() {
        reads += 1;
        throw new Error("of the app");
      },
    });
    const wrong = probe(() => useProjectRealtime("wrong", options).status);
    await assert.rejects(render(wrong.with()), /of the app/);
    assert.ok(reads > 0);
    const users = probe(() => useOnlineUsers());
    await render(both(users.with(), opener("p1")));
    await accept({ users: [ann], activeUsers: 1 });
    assert.deepEqual(users.seen.result, [ann]);
  });
});

function assertStopped(
  { status }: { status: ReturnType<typeof connect>["status"] },
  option: OptionError["option"],
): void {
  assert.equal(status.state, "stopped");
  assert.ok(status.cause instanceof OptionError);
  assert.deepEqual([status.cause.code, status.cause.option], ["invalid_option", option]);
  assert.ok(status.reason.includes(`\`${option}\``), status.reason);
}
