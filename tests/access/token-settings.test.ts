/** What the settings say about tokens: docs/protocol.md, P9.1 to P9.3 and P10.6. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { problemsOf } from "../support/health.ts";
import { received } from "../support/received.ts";
import { returnTo } from "../support/recovery.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";
import { JWT_SECRET, token } from "../support/token.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };
const JWT = { CONNECT_AUTH: undefined, JWT_SECRET };

const comes = (room: Room, query: Record<string, string>) => received(room.connect(query));

describe("with lists of audiences, issuers and origins", OWN, async () => {
  const page = "https://app.test";
  const { server } = await startOwnServer({
    vars: {
      ...JWT,
      JWT_AUDIENCE: ["realtime", "api"],
      JWT_ISSUER: ["https://id.test", "https://old.test"],
      ALLOWED_ORIGINS: [page],
    },
  });
  const comesFrom = (origin: string, claims: Record<string, unknown>) =>
    received(server.room().connect({ token: token(claims) }, { origin }));
  const claims = { aud: "api", iss: "https://old.test" };

  test("P9.3 a token for one of them from a page of the list is let in", async () => {
    assert.equal((await comesFrom(page, claims)).activeUsers, 1);
  });

  test("P9.3 a token for another audience or by another issuer is kept out", async () => {
    for (const wrong of [{ aud: "another" }, { aud: "realtime,api" }, { iss: "https://x.test" }])
      assert.equal(await comesFrom(page, { ...claims, ...wrong }), 4100);
  });

  test("P10.6 a foreign page is kept out", async () => {
    for (const wrong of [{}, { aud: "another" }])
      assert.equal(await comesFrom("https://evil.test", { ...claims, ...wrong }), 4001);
  });
});

for (const [name, value] of [
  ["JWKS_URL", "https://id.test/keys"],
  [
    "JWKS",
    { keys: [{ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] },
  ],
] as const)
  for (const CONNECT_AUTH of [undefined, "open"])
    test(
      `P9.2 with ${name}, CONNECT_AUTH ${CONNECT_AUTH} and neither JWT_AUDIENCE nor JWT_ISSUER nobody is let in`,
      OWN,
      async () => {
        const vars = { ...JWT, CONNECT_AUTH, [name]: value };
        const { server } = await startOwnServer({ vars });
        const setting = "JWT_AUDIENCE";
        const { code, reason } = await server.room().connect({ token: token() }).close();
        assert.deepEqual([code, JSON.parse(reason)], [4001, { code: "not_allowed", setting }]);
        assert.deepEqual(await problemsOf(server), [503, [setting]]);
      },
    );

test("P9.2 while keys are rotated both secrets are accepted", OWN, async () => {
  const vars = { ...JWT, JWT_SECRET_PREVIOUS: `${JWT_SECRET}, the one before` };
  const { server } = await startOwnServer({ vars });
  for (const secret of [JWT_SECRET, vars.JWT_SECRET_PREVIOUS])
    assert.equal((await comes(server.room(), { token: token({}, { secret }) })).activeUsers, 1);
});

for (const [CONNECT_AUTH, setting] of [
  [undefined, "CONNECT_AUTH"],
  ["jwt", "JWT_SECRET"],
] as const) {
  test(
    `P9.1 CONNECT_AUTH ${CONNECT_AUTH} and no key: nobody is let in, and all are told why`,
    OWN,
    async () => {
      const { server } = await startOwnServer({ vars: { CONNECT_AUTH } });
      const client = server.room().connect({ userId: "ann", token: token() });
      const { code, reason } = await client.close();
      assert.deepEqual([code, JSON.parse(reason)], [4001, { code: "not_allowed", setting }]);
      assert.deepEqual(await problemsOf(server), [503, [setting]]);
    },
  );
}

test("P9.1 if everybody may connect, nobody is verified", OWN, async () => {
  const { server } = await startOwnServer();
  const room = server.room();
  const { client, connected } = await returnTo(room, "ann", "");
  assert.equal(connected.recovered, false);
  assert.equal((await room.state()).users[0]?.verified, false);
  client.send({ type: "AUTH", token: token() });
  assert.equal((await client.next("ERROR")).payload.code, "client_events_disabled");
});
