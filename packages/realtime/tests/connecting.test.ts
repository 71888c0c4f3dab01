/** When a client connects, as whom, and when it comes back: with fake sockets and a fake clock. */

import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import {
  connect,
  FakeSocket,
  online,
  pass,
  socket,
  tokenUntil,
  untilRetry,
  withFakeClock,
} from "./support/fake-socket.ts";

withFakeClock();

describe("the address", () => {
  test("has the project, the user, and asks for batches", async () => {
    connect({ projectId: "a b:c", user: { id: "ann", name: "Ann Lee" } });
    const { url } = await socket();
    assert.equal(url.origin + url.pathname, "wss://example.com/parties/main/a%20b%3Ac");
    const { _pk, ...query } = Object.fromEntries(url.searchParams);
    assert.deepEqual(query, { userId: "ann", userName: "Ann Lee", frames: "batch" });
    assert.match(_pk ?? "", /^[0-9a-f-]{36}$/);
  });

  for (const [host, origin] of [
    ["localhost:1999", "ws://localhost:1999"],
    ["http://example.com:8080", "ws://example.com:8080"],
    ["https://localhost:1999/", "wss://localhost:1999"],
    ["ws://10.0.0.7", "ws://10.0.0.7"],
  ] as const) {
    test(`of ${host} is ${origin}`, async () => {
      connect({ host });
      assert.equal((await socket()).url.origin, origin);
    });
  }

  test("has no token: that travels as a subprotocol, which stands in no log", async () => {
    const token = tokenUntil(0);
    connect({ getToken: () => token });
    const { url, protocols } = await socket();
    assert.deepEqual(protocols, ["validiant", `bearer.${token}`]);
    assert.ok(!url.href.includes(token));
  });

  test("has the connection's name again when it returns", async () => {
    connect();
    const first = await socket();
    first.ends();
    await pass(3_000);
    const names = FakeSocket.queried("_pk");
    assert.equal(names.length, 2);
    assert.equal(names[0], names[1]);
  });
});

describe("after a connection was lost", () => {
  test("it comes back within 3 s, and says when", async () => {
    const { project, first } = await online();
    assert.equal(project.status.state, "online");
    await pass(6_000);
    first.ends();
    assert.equal(project.status.state, "waiting");
    assert.equal(project.status.reason, "The connection was lost.");
    assert.equal(project.status.retryAt, Date.now() + 1_500);
    await pass(1_499);
    assert.equal(FakeSocket.made.length, 1);
    await pass(1);
    assert.equal(FakeSocket.made.length, 2);
  });

  test("each try in vain doubles the time, up to 30 s", async () => {
    const project = connect();
    const waits = [];
    for (let tries = 0; tries < 6; tries += 1) {
      (await socket()).ends();
      const wait = untilRetry(project);
      waits.push(wait);
      assert.equal(project.status.reason, "The server can't be reached.");
      await pass(wait);
    }
    assert.deepEqual(waits, [1_500, 3_000, 6_000, 12_000, 15_000, 15_000]);
  });

  test("a connection that lasted ends the count, one that broke at once does not", async () => {
    const project = connect();
    (await socket()).ends();
    await pass(1_500);
    (await socket()).accepts();
    (await socket()).ends();
    assert.equal(untilRetry(project), 3_000);
    await pass(3_000);
    (await socket()).accepts();
    await pass(5_000);
    (await socket()).ends();
    assert.equal(untilRetry(project), 1_500);
  });
});

describe("when the server ends the connection", () => {
  test("with 4000 to 4099 it stops, in words", async () => {
    const project = connect();
    (await socket()).ends(4003, { code: "removed" });
    const reason = "This user was removed from the project.";
    assert.deepEqual(project.status, { state: "stopped", reason, code: "removed" });
    await pass(120_000);
    assert.equal(FakeSocket.made.length, 1);
  });

  test("with a stop of tomorrow it stops too", async () => {
    const project = connect();
    (await socket()).ends(4042, { code: "of_tomorrow" });
    assert.equal(project.status.state, "stopped");
    assert.equal(typeof project.status.reason, "string");
  });

  test("because of a setting, it names the setting", async () => {
    const project = connect();
    (await socket()).ends(4001, { code: "not_allowed", setting: "ALLOWED_ORIGINS" });
    assert.match(project.status.reason, /ALLOWED_ORIGINS/);
  });

  test("with 4100 to 4199 it comes back with a fresh token", async () => {
    let tokens = 0;
    const project = connect({ getToken: async () => tokenUntil(tokens++) });
    (await socket()).ends(4101, { code: "token_expired" });
    assert.equal(project.status.code, "token_expired");
    await pass(3_000);
    assert.deepEqual(FakeSocket.tokens, [tokenUntil(0), tokenUntil(1)]);
  });

  test("with 4100 and no way to get a token, it stops", async () => {
    const project = connect();
    (await socket()).ends(4100, { code: "token_invalid" });
    assert.equal(project.status.state, "stopped");
  });

  test("with 4200 to 4299 it comes back after the time that it is told, and not all together", async () => {
    const project = connect();
    (await socket()).ends(4201, { code: "connection_limit", retryAfterMs: 10_000 });
    assert.equal(untilRetry(project), 15_000);
    mock.method(Math, "random", () => 0);
    (await again(15_000)).ends(4200, { code: "try_again", retryAfterMs: 1_000 });
    assert.equal(untilRetry(project), 1_000);
  });

  async function again(wait: number) {
    await pass(wait);
    return socket();
  }
});

for (const [name, retryAfterMs, most] of [
  ["of a month, which no timer takes, is one of two hours at the most", 2_678_400_000, 7_200_000],
  ["that is no number counts for nothing", "9", 3_000],
  ["that is negative counts for nothing", -60_000, 3_000],
] as const)
  test(`a wait that the server asks for ${name}`, async () => {
    const project = connect();
    (await socket()).ends(4200, { code: "try_again", retryAfterMs });
    assert.ok(untilRetry(project) > 0 && untilRetry(project) <= most, `${untilRetry(project)}`);
    await pass(500);
    assert.equal(FakeSocket.made.length, 1);
  });

describe("a socket that is open", () => {
  test("and says nothing is given up after 20 s, in words", async () => {
    const project = connect();
    (await socket()).open();
    await pass(19_999);
    assert.equal(project.status.state, "connecting");
    await pass(1);
    assert.equal(project.status.state, "waiting");
    assert.equal(project.status.reason, "The server can't be reached.");
  });

  test("of another server, that answers anything but not as this one, is given up too", async () => {
    const project = connect();
    const echo = await socket();
    echo.open();
    for (let second = 0; second < 20; second += 1) {
      echo.says({ type: "PING" });
      await pass(1_000);
    }
    assert.equal(project.status.state, "waiting");
  });

  test("and is taken in stays, however quiet it is", async () => {
    const project = connect();
    const first = await socket();
    first.open();
    await pass(15_000);
    first.accepts();
    await pass(60_000);
    assert.equal(project.status.state, "online");
  });
});

describe("getToken", () => {
  test("that fails is called again, and the status says so, and why", async () => {
    let calls = 0;
    const cause = new Error("no network");
    const getToken = () => {
      calls += 1;
      if (calls === 1) throw cause;
      return tokenUntil(0);
    };
    const project = connect({ getToken });
    await pass(0);
    assert.equal(project.status.state, "waiting");
    assert.match(project.status.reason, /could not get a sign-in/);
    assert.equal(project.status.cause, cause);
    await pass(1_500);
    assert.equal(FakeSocket.made.length, 1);
  });

  test("that never answers is given up after 15 s", async () => {
    const project = connect({ getToken: () => new Promise(() => {}) });
    await pass(14_999);
    assert.equal(project.status.state, "connecting");
    await pass(1);
    assert.equal(project.status.state, "waiting");
  });

  for (const answer of ["", "a page of the login", undefined]) {
    test(`that answers ${JSON.stringify(answer)} has failed`, async () => {
      const project = connect({ getToken: () => answer as string });
      await pass(0);
      assert.equal(project.status.state, "waiting");
      assert.equal(FakeSocket.made.length, 0);
    });
  }

  test("that answers after close() opens nothing", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const project = connect({ getToken: () => promise });
    project.close();
    resolve(tokenUntil(0));
    await pass(60_000);
    assert.equal(FakeSocket.made.length, 0);
  });
});

describe("close()", () => {
  test("of a connect that is under way lets it open first, so that others are told at once", async () => {
    const project = connect();
    const first = await socket();
    project.close();
    assert.equal(first.closedWith, undefined);
    first.open();
    assert.equal(first.closedWith, 1000);
    first.accepts();
    assert.equal(project.status.state, "closed");
  });

  test("of a connect that does not succeed ends it after 10 s", async () => {
    const project = connect();
    const first = await socket();
    project.close();
    await pass(9_999);
    assert.equal(first.closedWith, undefined);
    await pass(1);
    assert.equal(first.closedWith, 1000);
  });

  test("leaves with 1000, so that others are told at once", async () => {
    const { project, first } = await online();
    project.close();
    assert.equal(first.closedWith, 1000);
    assert.equal(project.status.state, "closed");
  });

  test("while it waits ends the waiting", async () => {
    const project = connect();
    (await socket()).ends();
    project.close();
    project.close();
    await pass(60_000);
    assert.equal(FakeSocket.made.length, 1);
  });
});
