/** Broadcasts of a backend against the real server. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { broadcasts, settle } from "../../../../tests/support/expect.ts";
import { NEEDS_OWN_RUNTIME, SECRET, startOwnServer } from "../../../../tests/support/target.ts";
import { type AnyEvents, createBroadcaster } from "../../src/server.ts";
import { watcher } from "../support/watcher.ts";

describe("a backend", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server, runtime } = await startOwnServer();
  const realtime = createBroadcaster<AnyEvents>({ url: server.url, secret: SECRET });

  test("is answered how many got the event", async () => {
    const room = server.room();
    const [ann] = await Promise.all([room.user("ann"), room.user("ben")]);
    const reply = await realtime.publishToProject(room.id, "E", { a: 1 }, "ben");
    assert.deepEqual([reply.recipients, reply.excluded, reply.seq], [1, 1, 1]);
    assert.deepEqual((await ann.next("E")).payload, { a: 1 });
  });

  test("leaves out the window that made a change, and not the user's others (P2)", async () => {
    const room = server.room();
    const who = { user: { id: "ann" } };
    const changing = await watcher(room, who);
    const other = await watcher(room, who);
    const { connectionId } = changing.project.self ?? {};
    await realtime.publishToProject(room.id, "E", {}, "ann", connectionId);
    await other.next("E");
    await settle(room, changing, other);
    assert.ok(!changing.types.includes("E"));
  });

  test("has its events delivered in the order of its calls", async () => {
    const room = server.room();
    const ann = await room.user("ann");
    const sent = Array.from({ length: 50 }, (_, number) => `E${number}`);
    for (const type of sent) realtime.broadcastToProject(room.id, type, {});
    await realtime.flush();
    await settle(room, ann);
    assert.deepEqual(broadcasts(ann), sent);
  });

  test("reaches many projects with one call", async () => {
    const rooms = [server.room(), server.room()];
    const users = await Promise.all(rooms.map((room) => room.user("ann")));
    realtime.broadcastToProjects(
      rooms.map(({ id }) => id),
      "E",
      { everywhere: true },
    );
    for (const user of users)
      assert.deepEqual((await user.next("E")).payload, { everywhere: true });
    await realtime.flush();
  });

  test("that broadcasts while the server restarts has the event delivered once", async () => {
    const room = server.room();
    await runtime.kill();
    const published = realtime.publishToProject(room.id, "E", {});
    await runtime.run();
    assert.equal((await published).seq, 1);
    assert.equal((await room.state()).seq, 1);
  });

  test("P2.13 that publishes to many projects while the server is killed has the event delivered to each once", async () => {
    const patient = createBroadcaster<AnyEvents>({
      ...{ url: server.url, secret: SECRET },
      ...{ timeoutMs: 10_000, retries: 5 },
    });
    const rooms = Array.from({ length: 150 }, () => server.room());
    const first = await (rooms[0] as (typeof rooms)[0]).user("ann");
    const ids = rooms.map(({ id }) => id);
    const publishing = patient.publishToProjects(ids, "E", { a: 1 });
    await first.next("E");
    await runtime.kill();
    await runtime.run();
    const results = await publishing;
    assert.deepEqual(
      results.map(({ projectId, success }) => [projectId, success]),
      ids.map((id) => [id, true]),
    );
    // The number need not be 1: a room skips those that it may have used before a crash (P7.1).
    for (const room of rooms) {
      const { seq, oldestSeq } = await room.state();
      assert.ok(seq > 0 && seq === oldestSeq, `${room.id} keeps ${oldestSeq} to ${seq}`);
    }
  });

  test("with a wrong secret is told so", async () => {
    const wrong = createBroadcaster<AnyEvents>({ url: server.url, secret: "wrong" });
    const published = wrong.publishToProject(server.room().id, "E", {});
    await assert.rejects(published, { code: "unauthorized", status: 401 });
  });
});

test("where a setting of the server is wrong, the error says where it is named", {
  skip: NEEDS_OWN_RUNTIME,
}, async () => {
  const { server } = await startOwnServer({ vars: { HISTORY_SIZE: "many" } });
  const realtime = createBroadcaster<AnyEvents>({ url: `${server.url}/`, secret: SECRET });
  const error = await realtime.publishToProject("p", "E", {}).catch((error) => error);
  assert.equal(error.code, "misconfigured");
  const [where = ""] = /http\S+/.exec(error.message) ?? [];
  assert.match(await (await fetch(where)).text(), /HISTORY_SIZE/);
});
