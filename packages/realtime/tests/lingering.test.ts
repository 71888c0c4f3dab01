/** A connection outlives the page that wanted it for a moment: with fake sockets and a fake clock. */

import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import type { RealtimeOptions, RealtimeUser } from "../src/index.ts";
import { useProjectEvent, useProjectRealtime } from "../src/react.ts";
import { FakeSocket, pass, withFakeClock } from "./support/fake-socket.ts";
import { accept, both, inAct, opener, probe, render } from "./support/render.ts";

withFakeClock();

const as = (user: RealtimeUser): RealtimeOptions => ({
  host: "example.com",
  user,
  WebSocket: FakeSocket,
});

const useAs = (user: RealtimeUser) => useProjectRealtime("p1", as(user)).status;

describe("a page that shows something else for a moment", () => {
  test("goes on with its connection: nobody leaves or joins, and there is no resync", async () => {
    const heard: string[] = [];
    const ear = probe(() => useProjectEvent("resync", ({ type }) => heard.push(type), "p1"));
    const page = await render(both(opener("p1"), ear.with()));
    const socket = await accept();
    await page.show(both(ear.with()));
    await inAct(() => pass(100));
    await page.show(both(opener("p1"), ear.with()));
    await inAct(() => pass(10_000));
    assert.deepEqual([FakeSocket.made.length, socket.closedWith], [1, undefined]);
    assert.deepEqual(heard, ["resync"]);
  });

  test("for more than a second and a half leaves the project", async () => {
    const page = await render(opener("p1"));
    const socket = await accept();
    await page.show(null);
    await inAct(() => pass(1_490));
    assert.equal(socket.closedWith, undefined);
    await inAct(() => pass(10));
    assert.equal(socket.closedWith, 1000);
  });

  test("and comes back as another user leaves at once, and connects as them", async () => {
    const all = probe(useAs);
    const page = await render(all.with({ id: "ann" }));
    const socket = await accept();
    await page.show(null);
    await page.show(all.with({ id: "ben" }));
    assert.equal(socket.closedWith, 1000);
    assert.deepEqual(FakeSocket.queried("userId"), ["ann", "ben"]);
  });
});

describe("a name that comes late", () => {
  test("keeps the connection, and is given at the next connect", async () => {
    const all = probe(useAs);
    const page = await render(all.with({ id: "ann" }));
    const socket = await accept();
    await page.show(all.with({ id: "ann", name: "Ann" }));
    await inAct(() => pass(5_000));
    assert.deepEqual([FakeSocket.made.length, socket.closedWith], [1, undefined]);
    await inAct(() => socket.ends());
    await inAct(() => pass(3_000));
    assert.deepEqual(FakeSocket.queried("userName"), [null, "Ann"]);
  });
});

describe("a connection that was meant to end", () => {
  const page = new EventTarget();

  afterEach(() => Reflect.deleteProperty(globalThis, "addEventListener"));

  test("by close() ends at once", async () => {
    const all = probe(() => useProjectRealtime("p1", as({ id: "ann" })).connection);
    await render(all.with());
    const socket = await accept();
    all.seen.result?.close();
    assert.equal(socket.closedWith, 1000);
  });

  test("with a page that is left ends with it, not later", async () => {
    const addEventListener = page.addEventListener.bind(page);
    Object.defineProperty(globalThis, "addEventListener", {
      value: addEventListener,
      configurable: true,
    });
    const view = await render(opener("p1"));
    const socket = await accept();
    await view.show(null);
    page.dispatchEvent(new Event("pagehide"));
    assert.equal(socket.closedWith, 1000);
  });
});
