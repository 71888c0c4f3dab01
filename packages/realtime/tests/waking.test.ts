/** Sleep, silence, networks that come and go: with fake sockets, a fake clock and a fake page. */

import assert from "node:assert/strict";
import { afterEach, describe, mock, test } from "node:test";
import {
  connect,
  FakeSocket,
  online,
  pass,
  socket,
  untilRetry,
  withFakeClock,
} from "./support/fake-socket.ts";

withFakeClock();

describe("a connection", () => {
  test("is asked every 30 s, also while events come", async () => {
    const { first } = await online();
    for (let second = 0; second < 90; second += 1) {
      await pass(1_000);
      first.says({ type: "TASK_UPDATED", payload: {}, timestamp: 1 });
    }
    assert.equal(first.count("PING"), 3);
    assert.equal(FakeSocket.made.length, 1);
  });

  test("that answers stays", async () => {
    const { first, project } = await online();
    for (let second = 0; second < 90; second += 1) await pass(1_000);
    assert.equal(project.status.state, "online");
    assert.equal(first.count("PING"), 3);
  });

  test("that is silent for 10 s is given up, without leaving the project", async () => {
    const { first, project } = await online();
    first.answers = false;
    await pass(30_000);
    await pass(9_999);
    assert.equal(project.status.state, "online");
    await pass(1);
    assert.equal(project.status.state, "waiting");
    assert.equal(project.status.reason, "The server has stopped answering.");
    assert.equal(first.closedWith, 3008);
    await pass(3_000);
    assert.equal(FakeSocket.made.length, 2);
  });

  test("is not asked any more when it is closed", async () => {
    const { first, project } = await online();
    project.close();
    await pass(60_000);
    assert.equal(first.count("PING"), 0);
  });
});

describe("check()", () => {
  test("asks the connection at once, and leaves one that answers alone", async () => {
    const { first, project } = await online();
    project.check();
    assert.equal(first.count("PING"), 1);
    await pass(10_000);
    assert.equal(project.status.state, "online");
  });

  test("gives a connection up that is silent for 5 s", async () => {
    const { first, project } = await online();
    first.answers = false;
    project.check();
    await pass(4_999);
    assert.equal(project.status.state, "online");
    await pass(1);
    assert.equal(project.status.state, "waiting");
  });

  test("shortens the wait for an answer, and never prolongs it", async () => {
    const { first, project } = await online();
    first.answers = false;
    await pass(31_000);
    project.check();
    await pass(3_000);
    project.check();
    await pass(1_999);
    assert.equal(project.status.state, "online");
    await pass(1);
    assert.equal(project.status.state, "waiting");
  });

  test("leaves a connect that is under way its time", async () => {
    const project = connect();
    await socket();
    project.check();
    await pass(9_000);
    assert.equal(project.status.state, "connecting");
    assert.equal(FakeSocket.made.length, 1);
  });

  test("brings a client that waits back within a second", async () => {
    const project = connect();
    (await socket()).ends();
    assert.equal(untilRetry(project), 1_500);
    project.check();
    assert.equal(untilRetry(project), 500);
  });

  test("of a device whose clock was set back an hour waits no longer than the server asked for", async () => {
    const project = connect();
    (await socket()).ends(4201, { code: "connection_limit", retryAfterMs: 10_000 });
    const earlier = Date.now() - 3_600_000;
    mock.method(Date, "now", () => earlier);
    project.check();
    await pass(15_500);
    assert.equal(FakeSocket.made.length, 2);
  });

  test("of a device that slept over the time of the next try brings it within a second", async () => {
    const project = connect();
    (await socket()).ends(4201, { code: "connection_limit", retryAfterMs: 10_000 });
    const awake = Date.now() + 3_600_000;
    // The clock goes on, timers do not.
    mock.method(Date, "now", () => awake);
    project.check();
    await pass(1_000);
    assert.equal(FakeSocket.made.length, 2);
  });

  test("does nothing after close()", async () => {
    const { first, project } = await online();
    project.close();
    project.check();
    await pass(60_000);
    assert.equal(first.count("PING"), 0);
    assert.equal(FakeSocket.made.length, 1);
  });
});

describe("a device that was asleep", () => {
  test("has the connection asked within 2 s, though nothing told the page so", async () => {
    const { first, project } = await online();
    first.answers = false;
    const asleep = Date.now() + 3_600_000;
    mock.method(Date, "now", () => asleep);
    await pass(2_000);
    assert.equal(first.count("PING"), 1);
    await pass(5_000);
    assert.equal(project.status.state, "waiting");
  });

  test("is not what a page is whose timers are late by some seconds", async () => {
    const { first } = await online();
    const late = Date.now() + 9_000;
    mock.method(Date, "now", () => late);
    await pass(2_000);
    assert.equal(first.count("PING"), 0);
  });
});

describe("in a page", () => {
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const network = new EventTarget();
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");

  function openPage(onLine = true): void {
    define("navigator", { onLine });
    define("document", page);
    define("addEventListener", network.addEventListener.bind(network));
    define("removeEventListener", network.removeEventListener.bind(network));
  }

  function define(name: string, value: unknown): void {
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }

  afterEach(() => {
    for (const name of ["document", "addEventListener", "removeEventListener"])
      Reflect.deleteProperty(globalThis, name);
    Object.defineProperty(globalThis, "navigator", before as PropertyDescriptor);
  });

  test("that is seen again the connection is asked at once", async () => {
    openPage();
    const { first } = await online();
    page.dispatchEvent(new Event("visibilitychange"));
    assert.equal(first.count("PING"), 1);
  });

  test("that comes back from the browser's cache the connection is asked at once", async () => {
    openPage();
    const { first } = await online();
    network.dispatchEvent(new Event("pageshow"));
    assert.equal(first.count("PING"), 1);
  });

  test("that is hidden nothing is asked", async () => {
    openPage();
    const { first } = await online();
    page.visibilityState = "hidden";
    page.dispatchEvent(new Event("visibilitychange"));
    page.visibilityState = "visible";
    assert.equal(first.count("PING"), 0);
  });

  test("whose network is gone the status says so, and it is back within a second of the network", async () => {
    openPage(false);
    const project = connect();
    for (const wait of [1_500, 3_000, 6_000]) {
      (await socket()).ends();
      await pass(wait);
    }
    (await socket()).ends();
    assert.equal(project.status.reason, "This device is offline.");
    network.dispatchEvent(new Event("online"));
    assert.equal(untilRetry(project), 500);
    await pass(500);
    assert.equal(FakeSocket.made.length, 5);
  });

  test("a network that is back does not cut short the time that the server asked for", async () => {
    openPage();
    const project = connect();
    (await socket()).ends(4201, { code: "connection_limit", retryAfterMs: 10_000 });
    network.dispatchEvent(new Event("online"));
    assert.equal(untilRetry(project), 10_500);
    assert.equal(project.status.code, "connection_limit");
  });

  test("a network that is gone has the connection asked", async () => {
    openPage();
    const { first } = await online();
    network.dispatchEvent(new Event("offline"));
    assert.equal(first.count("PING"), 1);
  });

  test("after close() nothing is listened for", async () => {
    openPage();
    const { first, project } = await online();
    project.close();
    network.dispatchEvent(new Event("online"));
    page.dispatchEvent(new Event("visibilitychange"));
    await pass(60_000);
    assert.equal(first.count("PING"), 0);
    assert.equal(FakeSocket.made.length, 1);
  });
});
