/** The connection of a document: with fake sockets and a fake clock. */

import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import * as Y from "yjs";
import { documentSocket, joined, openDocument } from "../support/document-socket.ts";
import { FakeSocket, pass, tokenUntil, tokenWith, withFakeClock } from "../support/fake-socket.ts";

withFakeClock();

const retries = () => FakeSocket.made.length - 1;

describe("a connection", () => {
  test("is asked by a text that does not wake the room whether it is alive, and replaced (P4.7)", async () => {
    const { provider, first } = await joined();
    await pass(30_000);
    assert.equal(first.count("PING"), 1);
    assert.equal(provider.status.state, "online");
    first.answers = false;
    await pass(40_000);
    assert.equal(provider.status.reason, "The server has stopped answering.");
    await pass(3_000);
    assert.equal(retries(), 1);
  });

  test("is checked at once where the app says so", async () => {
    const { provider, first } = await joined();
    provider.check();
    assert.equal(first.count("PING"), 1);
  });

  test("that is lost is tried again, later each time", async () => {
    const { first } = await joined();
    first.ends();
    await pass(1_500);
    assert.equal(retries(), 1);
    (await documentSocket()).ends();
    await pass(2_999);
    assert.equal(retries(), 1);
    await pass(1);
    assert.equal(retries(), 2);
  });

  test("comes back under the same id, so that the server knows what it replaces", async () => {
    const { first } = await joined();
    first.ends();
    await pass(1_500);
    const [one, two] = FakeSocket.queried("_pk");
    assert.ok(one);
    assert.equal(one, two);
  });

  test("that never says anything is given up", async () => {
    const provider = openDocument();
    (await documentSocket()).open();
    await pass(20_000);
    assert.equal(provider.status.state, "waiting");
  });

  for (const [code, said] of [
    [4000, { reason: "docId" }],
    [4001, { code: "not_allowed", reason: "permissions" }],
    [4003, { code: "removed" }],
    [4009, { code: "message_too_big", limit: "documentBytes" }],
  ] as const)
    test(`that the server ends with ${code} stops`, async () => {
      const { provider, first } = await joined();
      const errors: unknown[] = [];
      provider.on("error", (error) => errors.push(error));
      first.ends(code, said);
      await pass(600_000);
      assert.equal(provider.status.state, "stopped");
      assert.deepEqual(errors, [provider.status]);
      assert.equal(provider.error, provider.status);
      assert.equal(retries(), 0);
    });

  test("to a document that is full stops with words for it", async () => {
    const { provider, first } = await joined();
    first.ends(4009, { code: "message_too_big", limit: "documentBytes" });
    assert.equal(provider.status.reason, "The document has become larger than the server allows.");
  });

  test("that may not even read stops with words for it", async () => {
    const { provider, first } = await joined();
    first.ends(4001, { code: "not_allowed", reason: "permissions" });
    assert.match(provider.status.reason, /may not open this document \(`permissions`\)\.$/);
  });

  test("of a document that is too busy for it waits as long as the server says (P13.8)", async () => {
    const { provider, first } = await joined();
    first.ends(4029, { code: "rate_limited", retryAfterMs: 5_000 });
    assert.equal(provider.status.state, "waiting");
    await pass(5_000);
    assert.equal(retries(), 0);
    await pass(2_500);
    assert.equal(retries(), 1);
  });

  test("that the server ends with 4201 waits as long as it says", async () => {
    const { first } = await joined();
    first.ends(4201, { code: "connection_limit", retryAfterMs: 10_000 });
    await pass(14_999);
    assert.equal(retries(), 0);
    await pass(1);
    assert.equal(retries(), 1);
  });

  test("without a host is stopped, and says which option is wrong", () => {
    const { status } = openDocument({ host: "" });
    assert.equal(status.state, "stopped");
    assert.match(status.reason, /^This app can't connect: `host` is not set\./);
  });

  for (const docId of ["", "a/b", "..", "x".repeat(129)])
    test(`to document ${JSON.stringify(docId.slice(0, 5))} is stopped, because there can be none`, () => {
      const { status } = openDocument({ docId });
      assert.match(status.reason, /`docId`/);
      assert.equal(FakeSocket.made.length, 0);
    });
});

describe("a token", () => {
  test("is fetched for each connect", async () => {
    let calls = 0;
    const getToken = () => {
      calls += 1;
      return tokenWith({ sub: "ann", n: calls });
    };
    const { first } = await joined(new Y.Doc(), { getToken });
    first.ends();
    await pass(1_500);
    const [one, two] = FakeSocket.tokens;
    assert.ok(one);
    assert.notEqual(one, two);
    assert.equal(new Set(FakeSocket.tokens).size, 2);
  });

  test("that is about to expire is replaced by another connection, for which nothing waits (P13.9)", async () => {
    const getToken = () => tokenUntil(Date.now() / 1_000 + 3_600);
    const { provider, first } = await joined(new Y.Doc(), { getToken });
    const states: string[] = [];
    provider.on("status", ({ state }) => states.push(state));
    await pass(2_879_500);
    assert.equal(retries(), 0);
    await pass(500);
    assert.equal(retries(), 1);
    assert.deepEqual(
      first.sent.filter(({ type }) => type !== "PING"),
      [],
    );
    (await documentSocket()).joins();
    assert.deepEqual(states, ["connecting", "online"]);
    assert.equal(first.closedWith, 3008);
  });

  test("is not replaced again and again if the clock of the device is wrong", async () => {
    const ahead = 3_595;
    await joined(new Y.Doc(), { getToken: () => tokenUntil(Date.now() / 1_000 + 3_600 - ahead) });
    await pass(600_000);
    assert.equal(retries(), 0);
  });

  test("that has expired is replaced soon, and the app is told why", async () => {
    const reasons: unknown[] = [];
    const getToken = ({ reason }: { reason?: string }) => {
      reasons.push(reason);
      return tokenWith({});
    };
    const { first } = await joined(new Y.Doc(), { getToken });
    first.ends(4101, { code: "token_expired" });
    await pass(1_500);
    assert.deepEqual(reasons, [undefined, "expired"]);
    assert.equal(retries(), 1);
  });

  test("of another user stops the client: nobody writes in somebody else's name", async () => {
    let sub = "ann";
    const { provider, first, text } = await joined(new Y.Doc(), {
      getToken: () => tokenWith({ sub }),
    });
    text.insert(0, "mine");
    first.ends();
    sub = "ben";
    await pass(1_500);
    assert.equal(provider.status.state, "stopped");
    assert.equal(provider.status.check, "user");
    assert.equal(retries(), 0);
  });
});

describe("on a page", () => {
  class Page extends EventTarget {
    visibilityState = "visible";
  }
  const page = new Page();
  const window = new EventTarget();
  const define = (name: string, value: unknown) =>
    Object.defineProperty(globalThis, name, { value, configurable: true });

  afterEach(() => {
    for (const name of ["document", "addEventListener", "removeEventListener"])
      Reflect.deleteProperty(globalThis, name);
  });

  function openPage() {
    define("document", page);
    define("addEventListener", window.addEventListener.bind(window));
    define("removeEventListener", window.removeEventListener.bind(window));
  }

  const leaving: [string, () => void][] = [
    ["that loses the focus", () => window.dispatchEvent(new Event("blur"))],
    ["that goes away", () => window.dispatchEvent(new Event("pagehide"))],
    ["that is hidden", () => page.dispatchEvent(new Event("visibilitychange"))],
  ];
  for (const [what, leave] of leaving)
    test(`${what} changes go out at once`, async () => {
      openPage();
      const { first, text } = await joined();
      text.insert(0, "a");
      leave();
      assert.equal(first.updates.length, 1);
    });

  test("nothing is listened for once the provider has ended", async () => {
    openPage();
    const { provider, first, text } = await joined();
    provider.destroy();
    text.insert(0, "a");
    for (const [, leave] of leaving) leave();
    assert.equal(first.updates.length, 0);
  });

  test("that is seen again the connection is asked at once", async () => {
    openPage();
    const { first } = await joined();
    page.dispatchEvent(new Event("visibilitychange"));
    assert.equal(first.count("PING"), 1);
  });
});
