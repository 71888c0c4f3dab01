/** A new key epoch of a project reaches its documents before the answer: docs/protocol.md, P14.2 and P14.7. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SharedDocument } from "../support/document.ts";
import { askToRaise, raise, remove } from "../support/encrypted.ts";
import {
  caughtUp,
  KEPT,
  KEY_EPOCH,
  keptOf,
  keyEpochOf,
  openSealed,
  REFUSED,
  refusedOf,
  sealed,
  update,
} from "../support/sealed-wire.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer } from "../support/target.ts";

const { server, runtime } = await startOwnServer();

const document = (project?: string, id = "text") => new SharedDocument(server, project, id);

type Call = (room: Room, epoch: number) => Promise<Response>;

const calls: [string, Call][] = [
  ["a removal of somebody else", (room, epoch) => remove(room, "eve", `minKeyEpoch=${epoch}`)],
  ["a raise", (room, minKeyEpoch) => askToRaise(room, { minKeyEpoch })],
];

describe("the documents of a project", { skip: NEEDS_OWN_RUNTIME }, () => {
  for (const [what, call] of calls) {
    test(`P14.2 refuse what is under an older key once ${what} is answered`, async () => {
      const shared = document();
      const [ann, ben] = [await openSealed(shared), await openSealed(shared)];
      ann.send(update(1, sealed("before", 7)));
      assert.equal(keptOf(await ann.next(KEPT)).id, 1);
      const response = await call(shared.room, 8);
      assert.equal(response.status, 200);
      ann.send(update(2, sealed("late", 7)));
      const refused = { id: 2, code: "stale_key_epoch", number: 8 };
      assert.deepEqual(refusedOf(await ann.next(REFUSED)), refused);
      ann.send(update(3, sealed("anew", 8)));
      assert.equal(keptOf(await ann.next(KEPT)).id, 3);
      assert.equal(keyEpochOf(await ben.next(KEY_EPOCH)), 8);
    });
  }

  test("P14.2 are all told, also of a lower one, and a removed user is out of them", async () => {
    const one = document();
    const other = document(one.project, "other");
    const ann = await openSealed(one, { userId: "ann" });
    const ben = await openSealed(other, { userId: "ben" });
    const removal = async (query: string) => (await remove(one.room, "ann", query)).json();
    const answer = (await removal("for=60&minKeyEpoch=8")) as Record<string, unknown>;
    assert.deepEqual([answer.disconnected, answer.minKeyEpoch], [1, 8]);
    assert.equal((await ann.close()).code, 4003);
    assert.equal(keyEpochOf(await ben.next(KEY_EPOCH)), 8);
    await removal("minKeyEpoch=3");
    ben.send(update(1, sealed("late", 7)));
    assert.equal(refusedOf(await ben.next(REFUSED)).number, 8);
  });

  test("P14.7 with the first epoch, plain sockets are closed and counted", async () => {
    const shared = document();
    const ann = await shared.open({ userId: "ann" });
    const removed = (await (await remove(shared.room, "eve", "minKeyEpoch=1")).json()) as {
      disconnected: number;
    };
    assert.equal(removed.disconnected, 1);
    const { code, reason } = await ann.close();
    assert.deepEqual([code, JSON.parse(reason).reason], [4000, "encryption"]);
    const other = document();
    const ben = await other.open({ userId: "ben" });
    const answer = (await (await askToRaise(other.room, { minKeyEpoch: 1 })).json()) as object;
    assert.ok(!("disconnected" in answer));
    assert.equal((await ben.close()).code, 4000);
  });

  test("P14.2 that are opened later know it from the room, also after a SIGKILL", async () => {
    const shared = document();
    await raise(shared.room, 8);
    const floor = async () => (await caughtUp(await openSealed(shared))).current.floor;
    assert.equal(await floor(), 8);
    await runtime.kill();
    await runtime.run();
    assert.equal(await floor(), 8);
  });
});
