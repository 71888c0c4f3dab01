/** Fresh tokens for a connection that stands: with fake sockets and a fake clock. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { GetToken } from "../src/index.ts";
import {
  connect,
  FakeSocket,
  online,
  pass,
  socket,
  tokenUntil,
  withFakeClock,
} from "./support/fake-socket.ts";

withFakeClock();

describe("the refresh of a token", () => {
  const forAMinute = () => tokenUntil(Date.now() / 1_000 + 60);
  const withToken = (getToken: GetToken = forAMinute) => online({}, { getToken });

  test("is sent before the token ends, and again before the next one does", async () => {
    const { first } = await withToken();
    await pass(47_999);
    assert.equal(first.count("AUTH"), 0);
    await pass(1);
    assert.equal(first.count("AUTH"), 1);
    first.says({
      type: "AUTH_OK",
      payload: { expiresAt: Date.now() + 10_000 },
      timestamp: Date.now(),
    });
    await pass(8_000);
    assert.equal(first.count("AUTH"), 2);
    assert.equal(FakeSocket.made.length, 1);
  });

  test("goes by the server's clock", async () => {
    const anHour = 3_600_000;
    connect({ getToken: () => tokenUntil((Date.now() - anHour) / 1_000 + 60) });
    const first = await socket();
    first.open();
    const payload = { epoch: "e", seq: 0, recovered: false, users: [], activeUsers: 0 };
    first.says({ type: "CONNECTED", payload, timestamp: Date.now() - anHour });
    await pass(47_999);
    assert.equal(first.count("AUTH"), 0);
    await pass(1);
    assert.equal(first.count("AUTH"), 1);
  });

  test("that was refused is tried again", async () => {
    const { first } = await withToken();
    await pass(48_000);
    first.says({ type: "ERROR", payload: { code: "room_unavailable", message: "" } });
    await pass(1_500);
    assert.equal(first.count("AUTH"), 2);
  });

  test("that came too often is tried again after the time that the server says", async () => {
    const { first } = await withToken();
    await pass(48_000);
    const payload = { code: "rate_limited", message: "", limit: "x", retryAfterMs: 5_000 };
    first.says({ type: "ERROR", payload });
    await pass(5_000);
    assert.equal(first.count("AUTH"), 1);
    await pass(2_500);
    assert.equal(first.count("AUTH"), 2);
  });

  test("for which there is no token is tried again", async () => {
    let calls = 0;
    const { first } = await withToken(() => {
      calls += 1;
      if (calls === 2) throw new Error("no network");
      return forAMinute();
    });
    await pass(48_000);
    assert.equal(first.count("AUTH"), 0);
    await pass(1_500);
    assert.equal(first.count("AUTH"), 1);
  });

  test("of a token that can't be read is left to the server", async () => {
    const { first } = await withToken(() => "not.readable.x");
    await pass(3_600_000);
    assert.equal(first.count("AUTH"), 0);
  });

  test("that was asked for on a connection that is lost is not sent on the next one", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    let calls = 0;
    const { first } = await withToken(() => {
      calls += 1;
      return calls === 2 ? promise : forAMinute();
    });
    await pass(48_000);
    first.ends();
    await pass(3_000);
    const second = await socket();
    assert.notEqual(second, first);
    second.accepts();
    resolve(tokenUntil(0));
    await pass(0);
    assert.equal(second.count("AUTH"), 0);
  });

  test("ends with the connection", async () => {
    const { project, first } = await withToken();
    project.close();
    await pass(60_000);
    assert.equal(first.count("AUTH"), 0);
  });
});
