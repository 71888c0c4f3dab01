/** The client's tokens against the real server: refreshed, expired, revoked, another user's, refused. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settle } from "../../../../tests/support/expect.ts";
import { NEEDS_OWN_RUNTIME, SECRET, startOwnServer } from "../../../../tests/support/target.ts";
import { inSeconds, JWT_SECRET, token } from "../../../../tests/support/token.ts";
import type { GetToken, TokenContext } from "../../src/index.ts";
import { crash, Watcher, watcher } from "../support/watcher.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };

describe("with tokens", OWN, async () => {
  const vars = { CONNECT_AUTH: undefined, JWT_SECRET, TOKEN_GRACE_SECONDS: "3" };
  const { server, runtime } = await startOwnServer({ vars });

  test("a token is refreshed on the connection, which outlives the first one", async () => {
    const first = token({ exp: inSeconds(3) });
    let calls = 0;
    const getToken = () => {
      calls += 1;
      return calls === 1 ? first : token();
    };
    const room = server.room();
    const witness = await room.join({ token: first });
    const ann = await watcher(room, { getToken });
    assert.equal(ann.project.users[0]?.verified, true);
    // One that came with the same token and does nothing about it is closed when it ends.
    assert.equal((await witness.close()).code, 4101);
    await settle(room, ann);
    assert.equal(calls, 2);
    assert.deepEqual(
      ann.types.filter((type) => type === "CONNECTED"),
      ["CONNECTED"],
    );
  });

  test("who came with an expired token returns with a fresh one", async () => {
    const tokens = [token({ exp: inSeconds(-60) }), token()];
    const getToken = () => tokens.shift() ?? assert.fail("a third connect");
    const ann = new Watcher(server.room(), { getToken });
    await ann.until("waiting", "token_expired");
    await ann.until("online");
  });

  test("whose token was taken back returns with a fresh one, and missed nothing", async () => {
    const room = server.room();
    let calls = 0;
    const getToken = () => token({ jti: `id-${calls++}`, iat: inSeconds(0) });
    const ann = await watcher(room, { getToken });
    const headers = { Authorization: `Bearer ${SECRET}` };
    await fetch(`${room.url}/revoke`, { method: "POST", headers, body: '{"tokenId":"id-0"}' });
    await room.broadcast("MISSED");
    await ann.next("CONNECTED");
    await settle(room, ann);
    assert.equal(calls, 2);
    assert.deepEqual(ann.types.slice(2), ["CONNECTED", "MISSED"]);
  });

  test("when the app signs in another user it is another connection, which hears nothing for the one before", async () => {
    const room = server.room();
    let sub = "ann";
    const getToken = () => token({ sub });
    const first = await watcher(room, { getToken });
    await room.broadcast("FOR_ANN", { userIds: ["ann"] });
    await first.next("FOR_ANN");
    sub = "ben";
    first.project.reconnect();
    await first.next("resync");
    await room.broadcast("FOR_ANN_AGAIN", { userIds: ["ann"] });
    await room.broadcast("FOR_BEN", { userIds: ["ben"] });
    await first.next("FOR_BEN");
    assert.ok(!first.types.includes("FOR_ANN_AGAIN"), first.types.join());
    first.project.close();
  });

  test("a refresh with another user's token leaves as the one and comes as the other", async () => {
    const room = server.room();
    const witness = await room.join({ token: token({ sub: "eve" }) });
    let sub = "ann";
    const getToken = () => token({ sub, exp: inSeconds(3) });
    const both = await watcher(room, { getToken });
    await witness.next("USER_JOINED");
    sub = "ben";
    // At once, without the time that a user has to return.
    assert.equal((await witness.next("USER_LEFT")).payload.userId, "ann");
    assert.equal((await witness.next("USER_JOINED")).payload.userId, "ben");
    both.project.close();
  });

  test("after a crash it returns with a fresh token", async () => {
    const room = server.room();
    let calls = 0;
    const getToken = async () => {
      calls += 1;
      return token();
    };
    const ann = await watcher(room, { getToken });
    await crash(runtime);
    await ann.next("CONNECTED");
    assert.ok(calls >= 2);
  });

  test("a token for another project stops it", async () => {
    const ann = new Watcher(server.room(), { getToken: () => token({ projects: ["other"] }) });
    await ann.until("stopped");
    assert.equal(ann.project.status.reason, "The sign-in is not for this project (`projects`).");
  });
});

describe("a token that the server refuses", OWN, async () => {
  const vars = { CONNECT_AUTH: undefined, JWT_SECRET, JWT_AUDIENCE: "realtime" };
  const { server } = await startOwnServer({ vars });

  test("is named by the check that failed, to the person and to getToken (P6.2)", async () => {
    const told: TokenContext[] = [];
    const getToken: GetToken = (context) => {
      told.push(context);
      return token({ aud: told.length === 1 ? "another" : "realtime" });
    };
    const ann = await new Watcher(server.room(), { getToken }).until("waiting", "token_invalid");
    const { check, reason } = ann.project.status;
    assert.equal(check, "aud");
    assert.match(reason, /different audience than this server's JWT_AUDIENCE/);
    await ann.until("online");
    assert.deepEqual(told, [{}, { reason: "refused", code: "token_invalid", check: "aud" }]);
  });
});
