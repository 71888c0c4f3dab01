/** What a client does about a sign-in that the server refuses, and what it says (P6.2): with fake sockets. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CLOSE_CODES, type GetToken, type TokenContext } from "../src/index.ts";
import {
  connect,
  FakeSocket,
  online,
  pass,
  socket,
  tokenOf,
  tokenWith,
  untilRetry,
  withFakeClock,
} from "./support/fake-socket.ts";

withFakeClock();

const TOKEN = tokenOf("ann");
const invalid = (reason?: string) => ({ code: "token_invalid", reason });

/** Has every connect refused like this until the client stops, and answers how often and for how long it tried. */
async function refuseAll(said: Record<string, unknown>, tries = 20) {
  const project = connect({ getToken: () => TOKEN });
  const start = Date.now();
  for (let count = 0; count < tries && project.status.state !== "stopped"; count += 1) {
    (await socket()).ends(4100, said);
    if (project.status.state === "waiting") await pass(untilRetry(project));
  }
  return { project, took: Date.now() - start };
}

describe("a token that the server refuses", () => {
  for (const reason of [
    "missing",
    "malformed",
    "alg",
    "crit",
    "signature",
    "exp",
    "iss",
    "aud",
    "sub",
  ]) {
    test(`for its ${reason} is tried five times more in about a minute, in which keys may change, then no more`, async () => {
      const { project, took } = await refuseAll(invalid(reason));
      assert.equal(project.status.state, "stopped");
      assert.deepEqual([project.status.code, project.status.check], ["token_invalid", reason]);
      assert.equal(FakeSocket.made.length, 6);
      assert.ok(took > 30_000 && took < 120_000, `${took} ms`);
    });
  }

  test("by a server that gives no reason is not retried without end either", async () => {
    const { project } = await refuseAll(invalid());
    assert.equal(project.status.state, "stopped");
  });

  for (const reason of ["nbf", "iat"]) {
    test(`for its ${reason} is tried for as long as it takes: time heals it`, async () => {
      const { project } = await refuseAll(invalid(reason));
      assert.equal(project.status.state, "connecting");
    });
  }

  test("is tried from the start again by reconnect(), and after a connection that stood", async () => {
    const { project } = await refuseAll(invalid("signature"));
    project.reconnect();
    for (let count = 0; count < 3; count += 1) {
      (await socket()).ends(4100, invalid("signature"));
      await pass(untilRetry(project));
    }
    (await socket()).accepts();
    (await socket()).ends(4100, invalid("revoked"));
    for (let count = 0; count < 5; count += 1) {
      assert.equal(project.status.state, "waiting");
      await pass(untilRetry(project));
      (await socket()).ends(4100, invalid("revoked"));
    }
    assert.equal(project.status.state, "stopped");
  });
});

describe("getToken", () => {
  /** A `getToken` that keeps what it was told. */
  function listening(token = () => TOKEN) {
    const told: TokenContext[] = [];
    const getToken: GetToken = (context) => {
      told.push(context);
      return token();
    };
    return { told, getToken };
  }

  test("is told that the token before was refused and why, until one is taken", async () => {
    const { told, getToken } = listening();
    const project = connect({ getToken });
    (await socket()).ends(4100, invalid("revoked"));
    await pass(untilRetry(project));
    (await socket()).accepts();
    (await socket()).ends();
    await pass(untilRetry(project));
    const refused = { reason: "refused", code: "token_invalid", check: "revoked" };
    assert.deepEqual(told, [{}, refused, {}]);
  });

  test("is told that the token before has expired", async () => {
    const { told, getToken } = listening();
    const project = connect({ getToken });
    (await socket()).ends(4101, { code: "token_expired" });
    await pass(untilRetry(project));
    assert.deepEqual(told[1], { reason: "expired", code: "token_expired" });
  });

  test("is told at a refresh that the token is about to expire, and if it was refused", async () => {
    const minute = () => tokenWith({ sub: "ann", exp: Date.now() / 1_000 + 60 });
    const { told, getToken } = listening(minute);
    const { first } = await online({}, { getToken });
    await pass(48_000);
    const payload = { code: "token_invalid", reason: "aud", message: "" };
    first.says({ type: "ERROR", payload });
    await pass(1_500);
    const refused = { reason: "refused", code: "token_invalid", check: "aud" };
    assert.deepEqual(told, [{}, { reason: "expired" }, refused]);
  });

  test("may answer a token with white space around it", async () => {
    connect({ getToken: () => ` ${TOKEN}\r\n` });
    await socket();
    assert.deepEqual(FakeSocket.tokens, [TOKEN]);
  });
});

describe("the reason of a close is put into words", () => {
  for (const [said, words] of [
    [invalid("aud"), /different audience.*JWT_AUDIENCE/],
    [invalid("iss"), /different issuer.*JWT_ISSUER/],
    [invalid("signature"), /not signed with one of this server.s keys/],
    [invalid("nbf"), /not valid yet: a clock/],
    [invalid("of_tomorrow"), /was not accepted \(`of_tomorrow`\)\./],
    [invalid("constructor"), /was not accepted/],
    [{ code: "not_allowed", reason: "projects" }, /not for this project/],
    [{ code: "not_allowed", reason: "user" }, /different user/],
    [{ code: "not_allowed", setting: "CONNECT_AUTH" }, /lets nobody in.*CONNECT_AUTH/],
    [{ code: "not_allowed", setting: "ALLOWED_ORIGINS" }, /accept this page.*ALLOWED_ORIGINS/],
    [{ code: "bad_request", reason: "projectId" }, /this project id/],
    [{ code: "of_tomorrow" }, /server ended the connection/],
  ] as const) {
    test(JSON.stringify(said), async () => {
      const project = connect();
      (await socket()).ends(4001, said);
      assert.match(project.status.reason, words);
    });
  }

  test("of each close code of the server", async () => {
    for (const { name, number } of Object.values(CLOSE_CODES)) {
      const project = connect();
      (await socket()).ends(number, { code: name });
      assert.doesNotMatch(project.status.reason, /server ended the connection/, name);
    }
  });
});

test("a server with a wrong setting (4202) is tried again when it says, and the status names the setting", async () => {
  const project = connect();
  (await socket()).ends(4202, { code: "misconfigured", retryAfterMs: 30_000, setting: "JWKS" });
  assert.equal(project.status.state, "waiting");
  assert.equal(project.status.reason, "The server is misconfigured: see its setting JWKS.");
  assert.ok(untilRetry(project) >= 30_000);
});
