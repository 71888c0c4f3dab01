/** Sockets that used to ping and fell silent: docs/protocol.md, P5.6. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Client } from "../support/client.ts";
import { connectionsAre, summary } from "../support/presence.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";

/** A silent socket is found after STALE_SOCKET_SECONDS, and a sixth of that at the most. */
const SWEEP_PATIENCE_MS = 9_000;

const { server } = await startOwnServer({
  vars: { STALE_SOCKET_SECONDS: "5", PRESENCE_GRACE_SECONDS: "5" },
});

describe("P5.6 a sweep", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  test("P5.6 a socket that pinged and then fell silent is closed with 4200", async () => {
    const silent = await pinged(server.room(), "silent");
    const { code, reason } = await silent.close(SWEEP_PATIENCE_MS);
    assert.equal(code, 4200);
    const { code: name, retryAfterMs } = JSON.parse(reason);
    assert.equal(name, "try_again");
    assert.ok(retryAfterMs > 0);
  });

  test("P5.6 a client that never pings never counts as dead", async () => {
    const room = server.room();
    const quiet = await room.user("quiet");
    await swept(room);
    await room.broadcast("TASK_UPDATED");
    await quiet.next("TASK_UPDATED");
  });

  test("P5.6 a client that keeps pinging stays", async () => {
    const room = server.room();
    const pinging = await pinged(room, "pinging");
    const timer = setInterval(() => pinging.send({ type: "PING" }), 1_000);
    await swept(room);
    clearInterval(timer);
    await room.broadcast("TASK_UPDATED");
    await pinging.next("TASK_UPDATED");
  });

  test("P5.6 a dead peer is out of the room without an answer of its own", async () => {
    const room = server.room();
    const watcher = await room.user("watcher");
    const dead = await pinged(room, "dead");
    // From here on it reads nothing and answers nothing, not even a Close.
    dead.socket.pause();
    await swept(room);
    await connectionsAre(room, 1);
    assert.equal((await watcher.next("USER_LEFT")).payload.userId, "dead");
  });

  test("P5.3 a swept user may return within the grace period", async () => {
    const room = server.room();
    const watcher = await room.user("watcher");
    await (await pinged(room, "ann")).close(SWEEP_PATIENCE_MS);
    await room.user("ann");
    const ben = await room.user("ben");
    ben.socket.terminate();
    const heard = await watcher.until("USER_LEFT");
    assert.deepEqual(summary(heard), ["USER_JOINED ann", "USER_JOINED ben"]);
  });
});

/** A user whose client has pinged, once. */
async function pinged(room: Room, userId: string): Promise<Client> {
  const client = await room.user(userId);
  client.send({ type: "PING" });
  await client.next("PONG");
  return client;
}

/** Waits until a sweep has closed a silent socket of the room: it has judged the others too. */
async function swept(room: Room): Promise<void> {
  const silent = await pinged(room, "silent");
  await silent.close(SWEEP_PATIENCE_MS);
}
