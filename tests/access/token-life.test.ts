/** A token ends, or is replaced by a fresh one: docs/protocol.md, P9.5. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settle } from "../support/expect.ts";
import { idle } from "../support/hibernation.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";
import { inSeconds, JWT_SECRET, token } from "../support/token.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };
const JWT = { CONNECT_AUTH: undefined, JWT_SECRET };

describe("the life of a token", { ...OWN, concurrency: true }, async () => {
  const { server } = await startOwnServer({ vars: { ...JWT, TOKEN_GRACE_SECONDS: "1" } });
  // Later than a busy machine takes to connect.
  const soon = () => token({ exp: inSeconds(8) });

  test("P9.5 a socket is closed when its token expires", async () => {
    const client = await server.room().join({ token: soon() });
    const { code, reason } = await client.close();
    assert.deepEqual([code, reason], [4101, '{"code":"token_expired"}']);
  });

  test("P9.5 so is one in a room that sleeps, which wakes only then", async () => {
    const room = server.room();
    const client = await room.join({ token: token({ exp: inSeconds(13) }) });
    await idle();
    assert.equal((await client.close(30_000)).code, 4101);
  });

  test("P9.5 a client that refreshes its token continues without a gap", async () => {
    const room = server.room();
    const client = await room.join({ token: soon() });
    await client.next("CONNECTED");
    const exp = inSeconds(60);
    client.send({ type: "AUTH", token: token({ exp }) });
    const { payload } = await client.next("AUTH_OK");
    assert.deepEqual(payload, { expiresAt: exp * 1_000, clientEvents: false });
    const short = await server.room().join({ token: soon() });
    await short.close();
    await settle(room, client);
  });

  for (const [name, text, code, reason] of [
    ["of another secret", token({}, { secret: `${JWT_SECRET}!` }), "token_invalid", "signature"],
    ["that is none", "x", "token_invalid", "malformed"],
    ["that is over", token({ exp: inSeconds(-60) }), "token_invalid", "expired"],
    ["of another user", token({ sub: "ben" }), "not_allowed", "user"],
    ["for another project", token({ projects: ["another"] }), "not_allowed", "projects"],
  ] as const) {
    test(`P9.5 a fresh token ${name} is refused, and the socket stays`, async () => {
      const room = server.room();
      const client = await room.join({ token: token() });
      client.send({ type: "AUTH", token: text });
      const { payload } = await client.next("ERROR");
      assert.deepEqual([payload.code, payload.reason], [code, reason]);
      await settle(room, client);
    });
  }

  test("P5.7 a fresh token with another name changes it for clients that connect later", async () => {
    const room = server.room();
    const client = await room.join({ token: token({ name: "Ann" }) });
    const other = await room.join({ token: token({ name: "Ann" }) });
    client.send({ type: "AUTH", token: token({ name: "Anna" }) });
    await client.next("AUTH_OK");
    await client.leave();
    const ben = await room.join({ token: token({ sub: "ben" }) });
    const { users } = (await ben.next("CONNECTED")).payload;
    const ann = users.find(({ userId }: { userId: string }) => userId === "ann");
    assert.equal(ann.userName, "Anna");
    await other.leave();
    assert.equal((await ben.next("USER_LEFT")).payload.userName, "Anna");
  });
});

test(
  "P4.9 a fresh token fits whatever MAX_CLIENT_FRAME_BYTES says, and nothing else does",
  OWN,
  async () => {
    const { server } = await startOwnServer({ vars: { ...JWT, MAX_CLIENT_FRAME_BYTES: "1024" } });
    const client = await server.room().join({ token: token() });
    assert.equal((await client.next("CONNECTED")).payload.limits.clientFrameBytes, 1_024);
    for (const bytes of [1_200, 5_900]) {
      const fresh = token({ more: "x".repeat(bytes) });
      assert.ok(fresh.length > bytes && fresh.length <= 8_192);
      client.send({ type: "AUTH", token: fresh });
      await client.next("AUTH_OK");
    }
    client.send({ type: "PING", token: token({ more: "x".repeat(1_200) }) });
    assert.equal((await client.close()).code, 4009);
  },
);
