/** Who may connect, by token: docs/protocol.md, P9.1 to P9.4. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { received } from "../support/received.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";
import { inSeconds, JWT_SECRET, token } from "../support/token.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };
const JWT = { CONNECT_AUTH: undefined, JWT_SECRET };
const { server } = await startOwnServer({ vars: JWT });

const comes = (room: Room, query: Record<string, string>) => received(room.connect(query));

describe("with tokens", OWN, () => {
  test("P9.1 a client with a valid token is let in as the token's user", async () => {
    const room = server.room();
    const avatar = "https://a.example/ann.png";
    const { users } = await comes(room, { token: token({ name: "Ann", avatar }) });
    const [{ joinedAt, ...ann }] = users;
    assert.ok(joinedAt > 0);
    assert.deepEqual(ann, { userId: "ann", userName: "Ann", avatar, verified: true });
  });

  test("P9.1 so is one with the token as a subprotocol, and the token is not in the answer", async () => {
    const protocols = ["validiant", `bearer.${token()}`];
    const client = await server.room().join({}, { protocols });
    assert.equal((await received(client)).users[0].userId, "ann");
    assert.equal(client.socket.protocol, "validiant");
  });

  test("P4.6 whatever has the form of a token is not echoed, and lets nobody in", async () => {
    const bare = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MSJ9.c2ln";
    for (const secret of [bare, bare.replaceAll(".", "%2E"), `token.${bare}`]) {
      const client = server.room().connect({}, { protocols: [secret, "v1"] });
      assert.equal(await received(client), 4100);
      assert.equal(client.socket.protocol, "v1");
    }
  });

  test("P9.1 without a token nobody is let in", async () => {
    for (const query of [{}, { token: "" }, { userId: "ann" }])
      assert.equal(await comes(server.room(), query), 4100);
  });

  for (const [reason, name, text] of [
    ["missing", "that did not come", ""],
    ["malformed", "that is none", "x.y.z"],
    ["signature", "of another secret", token({}, { secret: `${JWT_SECRET}!` })],
    [
      "signature",
      "that is altered",
      token().replace(
        /\.[^.]+\./,
        `.${Buffer.from('{"sub":"eve","projects":"*","exp":9999999999}').toString("base64url")}.`,
      ),
    ],
    ["signature", "without a signature", token().replace(/[^.]+$/, "")],
    ["alg", "signed with none", token({}, { header: { alg: "none" } }).replace(/[^.]+$/, "")],
    ["alg", "of none with a signature", token({}, { header: { alg: "none" } })],
    ["alg", "of another algorithm", token({}, { header: { alg: "HS512" } })],
    ["malformed", "without an algorithm", token({}, { header: {} })],
    [
      "signature",
      "that says RS256 and is signed by the secret",
      token({}, { header: { alg: "RS256" } }),
    ],
    ["crit", "with something critical", token({}, { header: { alg: "HS256", crit: ["exp"] } })],
    [
      "signature",
      "with a key of its own",
      token({}, { header: { alg: "ES256", jwk: { kty: "EC" } } }),
    ],
    ["exp", "without an end", token({ exp: undefined })],
    ["nbf", "that is not valid yet", token({ nbf: inSeconds(90) })],
    ["iat", "that was issued in the future", token({ iat: inSeconds(90) })],
    ["sub", "of nobody", token({ sub: undefined })],
    ["malformed", "whose end is a text", token({ exp: "soon" })],
    ["malformed", "of over 8 KB", token({ more: "x".repeat(8_200) })],
  ] as const) {
    test(`P9.2 a token ${name} is not valid: ${reason}`, async () => {
      const { code, reason: told } = await server.room().connect({ token: text }).close();
      assert.deepEqual([code, JSON.parse(told)], [4100, { code: "token_invalid", reason }]);
    });
  }

  test("P9.3 white space around a token is ignored", async () => {
    for (const text of [`${token()}\n`, ` ${token()}\r\n`])
      assert.equal((await comes(server.room(), { token: text })).activeUsers, 1);
  });

  test("P6.2 a client without the right is told which claim is missing it", async () => {
    const room = server.room();
    for (const [reason, query] of [
      ["user", { token: token(), userId: "ben" }],
      ["projects", { token: token({ projects: ["another"] }) }],
      ["projects", { token: token({ projects: [{ id: room.id }] }) }],
      ["permissions", { token: token({ permissions: ["publish"] }) }],
    ] as const) {
      const { code, reason: told } = await room.connect(query).close();
      assert.deepEqual([code, JSON.parse(told)], [4001, { code: "not_allowed", reason }]);
    }
  });

  test("P9.3 an expired token has its own close code", async () => {
    assert.equal(await comes(server.room(), { token: token({ exp: inSeconds(-31) }) }), 4101);
  });

  test("P9.4 a client whose userId is not the token's user is not let in", async () => {
    const room = server.room();
    assert.equal(await comes(room, { token: token(), userId: "ben" }), 4001);
    assert.equal((await comes(room, { token: token(), userId: "ann" })).activeUsers, 1);
  });

  test("P9.4 a token is valid for the projects in it", async () => {
    const [mine, other] = [server.room(), server.room()];
    const text = token({ projects: [mine.id] });
    assert.equal((await comes(mine, { token: text })).projectId, mine.id);
    assert.equal(await comes(other, { token: text }), 4001);
    assert.equal(await comes(mine, { token: token({ projects: undefined }) }), 4001);
  });

  test("P9.4 without subscribe a client can't listen, without presence it is not seen", async () => {
    const room = server.room();
    assert.equal(await comes(room, { token: token({ permissions: ["presence"] }) }), 4001);
    const listens = await comes(room, { token: token({ permissions: ["subscribe"] }) });
    assert.deepEqual([listens.connections, listens.activeUsers], [1, 0]);
  });

  test("P9.4 a name in the query is ignored", async () => {
    const { users } = await comes(server.room(), { token: token(), userName: "Somebody" });
    assert.equal(users[0].userName, null);
  });

  test("P7.4 a client that returns with a fresh token misses nothing", async () => {
    const room = server.room();
    const { epoch } = await room.state();
    await room.broadcast("E");
    const client = await room.join({ token: token(), since: `${epoch}:0` });
    assert.equal((await client.next("CONNECTED")).payload.recovered, true);
    assert.equal((await client.next("E")).seq, 1);
  });
});
