/** Who may publish by token: docs/protocol.md, P9.6. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertRefused } from "../support/expect.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";
import { inSeconds, JWT_SECRET, token } from "../support/token.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };
const JWT = { CONNECT_AUTH: undefined, JWT_SECRET };
const { server } = await startOwnServer({ vars: JWT });

describe("publishing with a token", OWN, () => {
  const post = (room: Room, text: string, body: unknown = { eventType: "E" }) =>
    room.post(body, { Authorization: `Bearer ${text}` });
  const publisher = (projects: unknown) =>
    token({ sub: undefined, projects, permissions: ["publish"] });

  test("P9.6 a token with publish can broadcast to its project, and to no other", async () => {
    const [mine, other] = [server.room(), server.room()];
    const response = await post(mine, publisher([mine.id]));
    assert.equal(((await response.json()) as { seq: number }).seq, 1);
    const answer = await post(other, publisher([mine.id]));
    await assertRefused(answer, 403, "forbidden", { reason: "projects" });
  });

  test("P9.6 a token for listening can't", async () => {
    const answer = await post(server.room(), token());
    await assertRefused(answer, 403, "forbidden", { reason: "permissions" });
  });

  test("P9.6 a token that is not valid is no better than a wrong secret", async () => {
    const room = server.room();
    const may = { projects: "*", permissions: ["publish"] };
    for (const [reason, text] of [
      ["signature", token(may, { secret: `${JWT_SECRET}!` })],
      ["exp", token({ ...may, exp: undefined })],
      ["expired", token({ ...may, exp: inSeconds(-60) })],
      ["malformed", "e30.e30.c2ln"],
      [undefined, "x.y.z"],
      [undefined, "a-wrong-secret"],
    ] as const) {
      const more = reason && { reason };
      await assertRefused(await post(room, text), 401, "unauthorized", more);
    }
  });

  test("P9.6 its body is limited, and its key counts", async () => {
    const room = server.room();
    const body = { eventType: "E", payload: "x".repeat(40_000) };
    await assertRefused(await post(room, publisher("*"), body), 413, "payload_too_large");
    const repeat = () => post(room, publisher("*"), { eventType: "E", id: "k" });
    await repeat();
    assert.equal(((await (await repeat()).json()) as { duplicate: boolean }).duplicate, true);
  });

  test("P9.6 it allows nothing else", async () => {
    const room = server.room();
    const headers = { Authorization: `Bearer ${publisher("*")}` };
    const many = { method: "POST", body: '{"eventType":"E","projectIds":["p"]}', headers };
    for (const [url, init] of [
      [room.url, { headers }],
      [`${room.url}/users/ann`, { method: "DELETE", headers }],
      [`${server.url}/parties/main`, many],
    ] as const)
      await assertRefused(await fetch(url, init), 401, "unauthorized");
  });
});
