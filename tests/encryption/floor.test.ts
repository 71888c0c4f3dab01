/** The lowest key epoch of an encrypted project: docs/protocol.md, P14.2 and P14.3. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { askToRaise, inForce, raise, remove, sealed, settle } from "../support/encrypted.ts";
import { assertRefused, count } from "../support/expect.ts";
import { assertAwakeSince, idle } from "../support/hibernation.ts";
import { stored } from "../support/storage.ts";
import {
  NEEDS_OWN_RUNTIME,
  type Room,
  SECRET,
  startOwnServer,
  startServer,
} from "../support/target.ts";

const server = await startServer();

const erase = (room: Room, query = "") =>
  fetch(room.url + query, { method: "DELETE", headers: { Authorization: `Bearer ${SECRET}` } });

const taken = async (room: Room, epoch: number) =>
  (await room.post({ eventType: "E", payload: sealed(epoch) })).status;

describe("the lowest key epoch", { concurrency: true }, () => {
  test("P14.2 a removal raises it, and its answer has it", async () => {
    const room = server.room();
    const [ann, ben] = [await room.user("ann"), await room.user("ben")];
    const response = await remove(room, "ann", "for=60&minKeyEpoch=8");
    const { refusedUntil, ...answer } = (await response.json()) as Record<string, unknown>;
    const expected = { success: true, message: "User removed", disconnected: 1, minKeyEpoch: 8 };
    assert.deepEqual([response.status, answer, typeof refusedUntil], [200, expected, "number"]);
    assert.equal((await ann.close()).code, 4003);
    assert.equal((await ben.next("KEY_EPOCH")).payload.minKeyEpoch, 8);
    assert.deepEqual([count(ann, "KEY_EPOCH"), await inForce(room)], [0, 8]);
  });

  test("P14.2 without one, the answer to a removal is as it was", async () => {
    const answer = await (await remove(server.room(), "ann", "")).json();
    const message = "User removed";
    const expected = { success: true, message, disconnected: 0, refusedUntil: null };
    assert.deepEqual(answer, expected);
  });

  test("P14.2 it can be raised alone, and a lower one changes nothing", async () => {
    const room = server.room();
    const ben = await room.user("ben");
    for (const [asked, minKeyEpoch] of [
      [8, 8],
      [3, 8],
      [8, 8],
      [4_294_967_295, 4_294_967_295],
    ]) {
      const answer = await (await askToRaise(room, { minKeyEpoch: asked })).json();
      assert.deepEqual(answer, { success: true, message: "Key epoch raised", minKeyEpoch });
    }
    const removed = await (await remove(room, "ann", "minKeyEpoch=9")).json();
    assert.equal((removed as { minKeyEpoch: number }).minKeyEpoch, 4_294_967_295);
    await settle(room, ben);
    const told = ben.frames.filter(({ type }) => type === "KEY_EPOCH");
    assert.deepEqual(
      told.map(({ payload }) => payload.minKeyEpoch),
      [8, 4_294_967_295],
    );
  });

  test("P14.2 of two at once, the higher one counts, and everybody ends up with it", async () => {
    const room = server.room();
    const clients = [await room.user("ben"), await room.join()];
    const asked = Array.from({ length: 20 }, (_, index) => index + 1);
    const answers = await Promise.all(
      asked.map((epoch) =>
        epoch % 2 === 0
          ? raise(room, epoch)
          : remove(room, `user-${epoch}`, `minKeyEpoch=${epoch}`)
              .then((response) => response.json())
              .then((answer) => (answer as { minKeyEpoch: number }).minKeyEpoch),
      ),
    );
    assert.ok(answers.every((inAnswer, index) => inAnswer >= index + 1));
    assert.equal(await inForce(room), 20);
    await settle(room, ...clients);
    for (const { frames } of clients) {
      const told = frames.filter(({ type }) => type === "KEY_EPOCH");
      const epochs = told.map(({ payload }) => payload.minKeyEpoch);
      assert.deepEqual(
        epochs,
        [...new Set(epochs)].sort((one, other) => one - other),
      );
      assert.equal(epochs.at(-1), 20);
    }
  });

  test("P14.3 who connects is told, and who is not in an encrypted project is told nothing", async () => {
    const room = server.room();
    const connected = async () => (await (await room.join()).next("CONNECTED")).payload;
    assert.ok(!("minKeyEpoch" in (await connected())));
    assert.equal(await inForce(room), undefined);
    await raise(room, 8);
    assert.equal((await connected()).minKeyEpoch, 8);
  });

  for (const epoch of ["0", "", "-1", "08", "8.0", "4294967296", "new"]) {
    test(`P14.2 minKeyEpoch=${epoch} is refused, and the user stays`, async () => {
      const room = server.room();
      const ann = await room.user("ann");
      const refused = await remove(room, "ann", `for=60&minKeyEpoch=${epoch}`);
      await assertRefused(refused, 400, "invalid_field");
      await settle(room, ann);
    });
  }

  test("P14.2 a body without an epoch is refused", async () => {
    const room = server.room();
    for (const body of [{}, { minKeyEpoch: 0 }, { minKeyEpoch: "8" }, { minKeyEpoch: 8, more: 1 }])
      await assertRefused(await askToRaise(room, body), 400, "invalid_field");
    await assertRefused(await askToRaise(room, "8"), 400, "invalid_json");
    const large = JSON.stringify({ minKeyEpoch: 8, more: "x".repeat(4_096) });
    await assertRefused(await askToRaise(room, large), 413, "payload_too_large");
    assert.equal(await inForce(room), undefined);
  });

  test("P14.2 it needs the secret", async () => {
    const room = server.room();
    const wrong = { Authorization: "Bearer wrong" };
    const refused = await askToRaise(room, { minKeyEpoch: 8 }, wrong);
    await assertRefused(refused, 401, "unauthorized");
    assert.equal(await inForce(room), undefined);
  });

  test("P14.2 erasing the project keeps it, and erasing all does not", async () => {
    const room = server.room();
    await raise(room, 8);
    await erase(room);
    assert.deepEqual([await taken(room, 7), await taken(room, 8)], [409, 200]);
    await erase(room, "?all=true");
    assert.deepEqual([await taken(room, 7), await inForce(room)], [200, undefined]);
  });

  describe("it survives", { skip: NEEDS_OWN_RUNTIME, concurrency: true }, async () => {
    const killed = await startOwnServer();
    const restarted = await startOwnServer();
    const plain = await startOwnServer();

    test("P14.2 the sleep of its room, also for the broadcast that wakes it", async () => {
      const room = server.room();
      const ann = await room.user("ann");
      await raise(room, 8);
      await idle();
      const start = Date.now();
      assert.equal(await taken(room, 7), 409);
      await assertAwakeSince(room, start);
      await settle(room, ann);
      assert.equal(count(ann, "E"), 0);
    });

    test("P14.2 a SIGKILL right after the answer", async () => {
      const room = killed.server.room();
      await remove(room, "ann", "for=60&minKeyEpoch=8");
      await killed.runtime.kill();
      await killed.runtime.run();
      assert.deepEqual([await taken(room, 7), await taken(room, 8)], [409, 200]);
      const back = await room.join({ userId: "ann" });
      assert.equal((await back.close()).code, 4003);
    });

    test("P14.2 a restart with another history, and there is one row for it", async () => {
      const room = restarted.server.room();
      for (const epoch of [7, 8, 9]) await raise(room, epoch);
      await restarted.runtime.configure({ HISTORY_SIZE: "0" });
      await restarted.runtime.kill();
      const { tables } = await stored(restarted.runtime, room);
      assert.deepEqual(tables.key_epoch, [{ id: 1, least: 9 }]);
      await restarted.runtime.run();
      assert.deepEqual([await taken(room, 8), await taken(room, 9)], [409, 200]);
    });

    test("P14.2 and a room that has none stores nothing for it", async () => {
      const room = plain.server.room();
      await room.user("ann");
      await room.broadcast("E", { payload: sealed(1) });
      await plain.runtime.kill();
      assert.deepEqual((await stored(plain.runtime, room)).tables, {});
    });
  });
});
