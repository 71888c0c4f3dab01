/**
 * A room that panics gets over it, and the others in its process do not notice: docs/protocol.md, P2.10, P5.4.
 *
 * A panic takes the WebAssembly instance away from every room of the process, so a test build is needed, in which
 * a broadcast or a message of the type PLANTED_PANIC panics (src/room/planted_panic.rs).
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { assertRefused, settle } from "../support/expect.ts";
import { halfSent } from "../support/half-sent.ts";
import { assertAwakeSince, idle } from "../support/hibernation.ts";
import { panickingBuild } from "../support/panicking-build.ts";
import { PartyClient } from "../support/party.ts";
import { connectionsAre, listed, summary, told } from "../support/presence.ts";
import { durable, positionOf, returnTo, seqs } from "../support/recovery.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";

const PANIC = "PLANTED_PANIC";
const SOON_MS = 8_000;

const build = await panickingBuild();
const options = { build, vars: { PRESENCE_GRACE_SECONDS: "3" } };
const { server, runtime } = await startOwnServer(options);
const { server: quietServer } = await startOwnServer(options);

describe("a panic", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, () => {
  // One after the other: a panic is felt in all rooms of the process.
  describe("in a busy process", { concurrency: false }, () => {
    test("P2.10 the caller is soon told that the outcome is unknown", async () => {
      const start = Date.now();
      const response = await server.room().post({ eventType: PANIC });
      assert.ok(Date.now() - start < SOON_MS);
      assert.match(response.headers.get("Retry-After") ?? "none", /^\d+$/);
      await assertRefused(response, 503, "room_unavailable");
    });

    test("P2.10 so is one amid traffic, and the traffic is answered", async () => {
      const [room, innocent] = [server.room(), server.room()];
      const before = many(20, () => innocent.post({ eventType: "TASK_UPDATED" }));
      const panicked = room.post({ eventType: PANIC });
      const after = many(20, () => innocent.post({ eventType: "TASK_UPDATED" }));
      await assertRefused(await panicked, 503, "room_unavailable");
      for (const response of await Promise.all([...before, ...after])) await assertKnown(response);
    });

    for (const form of ["of known length", "in chunks"] as const) {
      test(`P2.10 a broadcast whose body comes ${form} during a panic elsewhere is answered in JSON`, async () => {
        const innocent = server.room();
        const late = await halfSent(innocent, "TASK_UPDATED", form);
        await server.room().post({ eventType: PANIC });
        // This call is the first one in the new instance.
        await innocent.state();
        await assertKnown(await late.finish());
      });
    }

    test("P2.10 broadcasts during two panics at once are answered correctly", async () => {
      const rooms = [server.room(), server.room(), server.room(), server.room()];
      const types = [PANIC, PANIC, "TASK_UPDATED", "TASK_UPDATED"];
      const late = await Promise.all(
        rooms.map((room, index) => halfSent(room, types[index] ?? "", "of known length")),
      );
      for (const broadcast of late) await assertKnown(await broadcast.finish());
      for (const room of rooms) await room.broadcast("TASK_UPDATED");
    });

    test("P4.8 a panic in a client's message closes the sockets too", async () => {
      const room = server.room();
      const [ann, ben] = [await room.user("ann"), await room.user("ben")];
      await durable(room);
      ann.send(PANIC);
      for (const client of [ann, ben]) assert.equal((await client.close()).code, 1006);
      assert.equal((await room.state()).activeUsers, 2);
    });

    test("P5.4 the room's sockets are lost, and its users are still present", async () => {
      const room = server.room();
      const users = [await room.user("ann", "Ann"), await room.user("ben")];
      const before = await room.state();
      await durable(room);
      await room.post({ eventType: PANIC });
      for (const user of users) assert.equal((await user.close()).code, 1006);
      const after = await room.state();
      assert.deepEqual(
        after.users,
        before.users.map((user) => ({ ...user, devices: 0 })),
      );
      assert.ok(after.awakeSince > before.awakeSince, "a new object");
    });

    test("P5.4 a user who returns is not announced, one who does not leaves by alarm", async () => {
      const room = server.room();
      for (const userId of ["ann", "ben", "cy"]) await room.user(userId);
      await durable(room);
      await room.post({ eventType: PANIC });
      const [ann] = [await room.user("ann"), await room.user("ben")];
      await ann.next("USER_LEFT");
      await settle(room, ann);
      assert.deepEqual(summary(ann.frames), ["USER_LEFT cy"]);
      assert.equal(await listed(room, "cy"), undefined);
    });

    test("P2.1 an innocent room keeps its sockets, its members and their exclusion", async () => {
      const innocent = server.room();
      const [ann, ben] = [await innocent.user("ann"), await innocent.user("ben")];
      const before = await innocent.state();
      await server.room().post({ eventType: PANIC });
      const reply = await innocent.broadcast("TASK_UPDATED", { excludeUserId: "ann" });
      assert.deepEqual([reply.recipients, reply.excluded], [1, 1]);
      await ben.next("TASK_UPDATED");
      await settle(innocent, ann);
      assert.ok(!ann.frames.some(({ type }) => type === "TASK_UPDATED"));
      assert.deepEqual((await innocent.state()).users, before.users);
    });

    test("P5 an innocent room keeps announcing joins and leaves", async () => {
      const innocent = server.room();
      const [ann, ben] = [await innocent.user("ann"), await innocent.user("ben")];
      await server.room().post({ eventType: PANIC });
      await innocent.user("ben");
      await innocent.user("cy");
      await ben.leave();
      assert.deepEqual(await told(innocent, ann), ["USER_JOINED ben", "USER_JOINED cy"]);
    });

    test("P3.4 an innocent room's waiting events arrive, or the socket is lost and gets them when it returns", async () => {
      for (let round = 0; round < 10; round++) {
        const innocent = server.room();
        const ann = await innocent.join({ frames: "batch" });
        const before = await positionOf(innocent);
        const slow = await halfSent(innocent, "SLOW", "of known length");
        const [reply] = await Promise.all([
          innocent.post({ eventType: "TASK_UPDATED" }),
          server.room().post({ eventType: PANIC }),
        ]);
        // This call is the first one in the new instance.
        await innocent.state();
        if (reply.status === 200) {
          const arrived = ann.next("TASK_UPDATED");
          arrived.catch(() => {});
          await Promise.race([arrived, ann.close()]);
          const { client } = await returnTo(innocent, "ann", before);
          await client.next("TASK_UPDATED");
        }
        await assertKnown(await slow.finish());
      }
    });

    test("P2.11 broadcasts with a key are all accepted once although the room panics between them", async () => {
      const room = server.room();
      const before = await positionOf(room);
      const keyed = () =>
        room.post({ eventType: "TASK_UPDATED" }, { "Idempotency-Key": randomUUID() });
      const first = many(10, keyed);
      const panicked = room.post({ eventType: PANIC });
      const answers = await Promise.all([...first, ...many(10, keyed)]);
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      await assertRefused(await panicked, 503, "room_unavailable");
      const { client } = await returnTo(room, "ann", before);
      await settle(room, client);
      const numbers = seqs(client, "TASK_UPDATED");
      assert.equal(numbers.length, 20);
      assert.deepEqual(
        numbers,
        [...new Set(numbers)].sort((a, b) => a - b),
      );
    });

    test("P5.3 an innocent room's user whose grace period is running still leaves by alarm", async () => {
      const innocent = server.room();
      const [ann, ben] = [await innocent.user("ann"), await innocent.user("ben")];
      ben.socket.terminate();
      await connectionsAre(innocent, 1);
      await durable(innocent);
      await server.room().post({ eventType: PANIC });
      assert.equal((await ann.next("USER_LEFT")).payload.userId, "ben");
    });

    test("P4.7 pings are answered as before, in the room and in an innocent one", async () => {
      const [room, innocent] = [server.room(), server.room()];
      const bystander = await innocent.user("ann");
      await room.post({ eventType: PANIC });
      for (const client of [bystander, await room.user("ann")]) {
        client.send('{"type":"PING"}');
        assert.deepEqual(await client.next("PONG"), { type: "PONG", payload: {} });
      }
    });

    test("P2.10 ten panics in a row are ten refusals, and the room works after each", async () => {
      const [room, innocent] = [server.room(), server.room()];
      const bystander = await innocent.user("ann");
      for (let round = 0; round < 10; round++) {
        await assertRefused(await room.post({ eventType: PANIC }), 503, "room_unavailable");
        const ben = await room.user("ben");
        await room.broadcast("TASK_UPDATED");
        await ben.next("TASK_UPDATED");
      }
      await innocent.broadcast("TASK_UPDATED");
      await bystander.next("TASK_UPDATED");
    });

    test("P1.7 it is one line in the log, without a stack trace", async () => {
      const room = server.room();
      const logged = runtime.log.length;
      const known = runtime.lines("failure").length;
      await room.post({ eventType: PANIC });
      await room.state();
      await runtime.untilLines("failure", known + 1);
      const failures = runtime.lines("failure").filter(({ projectId }) => projectId === room.id);
      assert.deepEqual(
        failures.map(({ level, action }) => [level, action]),
        [["error", "panic"]],
      );
      const stack = runtime.log.slice(logged).filter((line) => /^\s*at |wasm-function/.test(line));
      assert.deepEqual(stack, []);
    });

    test("P5.4 partysocket clients are back and get the next broadcast", async () => {
      const room = server.room();
      const clients = ["ann", "ben", "cy"].map((userId) => new PartyClient(room, userId));
      for (const client of clients) await client.next("CONNECTED");
      await room.post({ eventType: PANIC });
      for (const client of clients) await client.next("CONNECTED");
      await room.broadcast("TASK_UPDATED");
      for (const client of clients) await client.next("TASK_UPDATED");
    });
  });

  describe("in a quiet process", { concurrency: false }, () => {
    test("P4.7 the room hibernates again afterwards", async () => {
      const [room, innocent] = [quietServer.room(), quietServer.room()];
      await innocent.user("ann");
      await room.post({ eventType: PANIC });
      await room.user("ann");
      for (const each of [room, innocent]) await each.state();
      await idle();
      const start = Date.now();
      for (const each of [room, innocent]) {
        await assertAwakeSince(each, start);
        assert.equal((await each.state()).connections, 1);
      }
    });
  });
});

function many<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

/** A broadcast was accepted, or its caller is told that the outcome is unknown. */
async function assertKnown(response: Response): Promise<void> {
  if (response.status === 200) {
    const { success } = (await response.json()) as { success: boolean };
    return assert.equal(success, true);
  }
  await assertRefused(response, 503, "room_unavailable");
}
