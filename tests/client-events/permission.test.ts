/** Which clients may send, and that nobody may where it is off: docs/protocol.md, P4.8 and P11.1. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Client } from "../support/client.ts";
import { idle } from "../support/hibernation.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";
import { inSeconds, JWT_SECRET, token } from "../support/token.ts";
import { join, sends, settled, TALKING, typesHeard } from "./talk.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };

/** What becomes of an event: heard, or the code with which it is refused. */
async function outcome(sender: Client, listener: Client): Promise<string | undefined> {
  const before = typesHeard(listener).length;
  sender.send(sends("client-x"));
  const refusals = await settled(sender, listener);
  const more = typesHeard(listener).slice(before);
  assert.ok(refusals.length + more.length === 1, `${refusals} ${more}`);
  return refusals[0] ?? "heard";
}

async function listener(room: Room): Promise<Client> {
  return join(room, { token: token({ sub: "ben" }) });
}

describe("with tokens", { ...OWN, concurrency: true }, async () => {
  const vars = { ...TALKING, CONNECT_AUTH: undefined, JWT_SECRET };
  const { server } = await startOwnServer({ vars });
  const { id } = server.room();

  for (const [name, permissions, expected] of [
    ["without permissions", undefined, "not_allowed"],
    ["to subscribe and be present", ["subscribe", "presence"], "not_allowed"],
    ["to subscribe and publish", ["subscribe", "publish"], "not_allowed"],
    ["to subscribe and Send", ["subscribe", "Send"], "not_allowed"],
    ["to send alone, as providers have it", ["send"], "not_allowed"],
    ["to send in another project", { "*": ["subscribe"], another: ["send"] }, "not_allowed"],
    ["to send", ["subscribe", "send"], "heard"],
    ["to send here", { [id]: ["subscribe", "send"], "*": ["subscribe"] }, "heard"],
  ] as const) {
    test(`P11.1 an event of a client with a token ${name} is ${expected}`, async () => {
      const room = name === "to send here" ? server.room(id) : server.room();
      const claims = { sub: "ann", ...(permissions && { permissions }) };
      const ann = await room.join({ token: token(claims) });
      const { payload } = await ann.next("CONNECTED");
      assert.equal(payload.clientEvents, expected === "heard");
      assert.equal(payload.limits.clientDeliveriesPerSecond, 1_000_000);
      assert.equal(await outcome(ann, await listener(room)), expected);
    });
  }

  test("P11.1 a refusal says nothing of a token, so that it is not taken for a refused one", async () => {
    const ann = await join(server.room(), { token: token() });
    ann.send(sends("client-x"));
    const { payload } = await ann.next("ERROR");
    assert.deepEqual(Object.keys(payload), ["code", "message"]);
  });

  test("P11.1 a client that only listens may send, if its token says so", async () => {
    const room = server.room();
    const ann = await join(room, { token: token({ permissions: ["subscribe", "send"] }) });
    assert.equal(await outcome(ann, await listener(room)), "heard");
    assert.deepEqual(
      (await room.state()).users.map(({ userId }) => userId),
      ["ben"],
    );
  });

  test("P11.1 a fresh token gives the permission, and takes it", async () => {
    const room = server.room();
    const [ann, ben] = [await join(room, { token: token() }), await listener(room)];
    const exp = inSeconds(60);
    for (const [permissions, expected] of [
      [["subscribe", "send"], "heard"],
      [["subscribe"], "not_allowed"],
    ] as const) {
      ann.send({ type: "AUTH", token: token({ exp, permissions }) });
      const clientEvents = expected === "heard";
      assert.deepEqual((await ann.next("AUTH_OK")).payload, {
        expiresAt: exp * 1_000,
        clientEvents,
      });
      assert.equal(await outcome(ann, ben), expected);
    }
  });

  test("P9.5 a refused token changes nothing", async () => {
    const room = server.room();
    const permissions = ["subscribe", "send"];
    const [ann, ben] = [await join(room, { token: token() }), await listener(room)];
    ann.send({ type: "AUTH", token: token({ permissions }, { secret: `${JWT_SECRET}!` }) });
    await ann.next("ERROR");
    assert.equal(await outcome(ann, ben), "not_allowed");
  });

  test("P11.1 the permission survives sleep", async () => {
    const room = server.room();
    const permissions = ["subscribe", "send"];
    const [ann, ben] = [await join(room, { token: token({ permissions }) }), await listener(room)];
    await idle();
    assert.equal(await outcome(ann, ben), "heard");
    assert.equal(await outcome(ben, ann), "not_allowed");
  });

  test("P8.5 a client whose token is revoked is heard no more", async () => {
    const room = server.room();
    const permissions = ["subscribe", "send"];
    const [ann, ben] = [await join(room, { token: token({ permissions }) }), await listener(room)];
    const answer = await fetch(`${room.url}/revoke`, {
      method: "POST",
      headers: { Authorization: `Bearer ${process.env.SECRET ?? "test-secret-of-the-suite"}` },
      body: JSON.stringify({ userId: "ann" }),
    });
    assert.equal(answer.status, 200);
    ann.send(sends("client-x"));
    assert.equal((await ann.close()).code, 4100);
    await settled(ben);
    assert.deepEqual(typesHeard(ben), []);
  });
});

describe("without tokens", OWN, async () => {
  const { server } = await startOwnServer({ vars: TALKING });

  test("P11.1 everybody may send, also without a name", async () => {
    const room = server.room();
    const [ann, nobody] = [await room.user("ann"), await room.join()];
    assert.equal((await nobody.next("CONNECTED")).payload.clientEvents, true);
    assert.equal(await outcome(nobody, ann), "heard");
    assert.equal(await outcome(ann, nobody), "heard");
  });

  test("P4.8 an unknown message is malformed, and says which types there are", async () => {
    const ann = await server.room().user("ann");
    ann.send({ type: "HELLO" });
    const { payload } = await ann.next("ERROR");
    assert.equal(payload.code, "malformed_message");
    assert.equal(payload.message, "type must be PING, AUTH, SEND or PRESENCE_SET");
  });
});

describe("while CLIENT_EVENTS is off", OWN, async () => {
  const { server } = await startOwnServer({ vars: { ...TALKING, CLIENT_EVENTS: "off" } });

  test("P4.8 a client may say nothing to others, and is told so", async () => {
    const room = server.room();
    const [ann, ben] = [await room.join({ userId: "ann" }), await room.user("ben")];
    const { clientEvents, limits } = (await ann.next("CONNECTED")).payload;
    assert.equal(clientEvents, false);
    const names = Object.keys(limits).filter((name) => /deliver|presence/i.test(name));
    assert.deepEqual(names, []);
    assert.equal(await outcome(ann, ben), "client_events_disabled");
    ann.send({ type: "PRESENCE_SET", patch: { at: "x" } });
    assert.deepEqual(await settled(ann, ben), ["client_events_disabled"]);
  });

  test("P4.12 a list is malformed", async () => {
    const room = server.room();
    const [ann, ben] = [await room.user("ann"), await room.user("ben")];
    ann.send([{ type: "PING" }]);
    assert.deepEqual(await settled(ann, ben), ["malformed_message"]);
  });

  test("P2.2 a backend may not send what looks like an event of a client", async () => {
    const answer = await server.room().post({ eventType: "client-x" });
    assert.equal(answer.status, 400);
  });
});

test("P1.8 any other value of CLIENT_EVENTS is wrong", OWN, async () => {
  const { server } = await startOwnServer({ vars: { CLIENT_EVENTS: "yes" } });
  const { problems } = (await (await fetch(`${server.url}/health`)).json()) as {
    problems: { setting: string }[];
  };
  assert.deepEqual(
    problems.map(({ setting }) => setting),
    ["CLIENT_EVENTS"],
  );
});
