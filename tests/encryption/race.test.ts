/** A removal amid a stream of messages under the old key: docs/protocol.md, P14.2. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { done, sends, TALKING, typesHeard } from "../client-events/talk.ts";
import type { Client } from "../support/client.ts";
import { raise, remove, sealed, settle } from "../support/encrypted.ts";
import { broadcasts, count } from "../support/expect.ts";
import { NEEDS_OWN_RUNTIME, type Room, startOwnServer, UNHURRIED } from "../support/target.ts";

const ROUNDS = 15;
const BACKENDS = 6;
const MESSAGES_A_TURN = 8;

const vars = { ...TALKING, ...UNHURRIED };
const { server } = await startOwnServer({ vars });

/** What was sent under an old key, and what became of it. */
class Stream {
  readonly #room: Room;
  #isOver = false;
  /** The answers by when the request was made: before the answer to the removal, or after it. */
  readonly taken = { before: 0, after: 0 };
  refused = 0;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Broadcasts one after the other until it is over. */
  async publish(epoch: number, isRemoved: () => boolean): Promise<void> {
    while (!this.#isOver) {
      const when = isRemoved() ? "after" : "before";
      const response = await this.#room.post({ eventType: "OLD", payload: sealed(epoch) });
      const { code } = (await response.json()) as { code?: string };
      if (response.status === 200) this.taken[when] += 1;
      else {
        assert.equal(code, "stale_key_epoch");
        this.refused += 1;
      }
    }
  }

  /** Sends client events in the pace at which the socket takes them. */
  async send(client: Client, epoch: number): Promise<void> {
    while (!this.#isOver) {
      for (let sent = 0; sent < MESSAGES_A_TURN; sent++)
        client.send(sends("client-old", { payload: sealed(epoch) }));
      client.send({ type: "PING", asked: true });
      await client.next("PONG");
    }
  }

  end(): void {
    this.#isOver = true;
  }
}

describe("a removal with a key epoch", { skip: NEEDS_OWN_RUNTIME }, () => {
  test("P14.2 nothing under the old key is accepted after the answer, whatever was on its way", async () => {
    let hasAccepted = 0;
    let hasRefused = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const room = server.room();
      await raise(room, round);
      const [ann, ben, eve] = await Promise.all(
        ["ann", "ben", "eve"].map((userId) => room.user(userId)),
      );
      assert.ok(ann && ben && eve);
      let isRemoved = false;
      const stream = new Stream(room);
      const streams = [
        ...Array.from({ length: BACKENDS }, () => stream.publish(round, () => isRemoved)),
        stream.send(ann, round),
      ];
      await ben.next("OLD");
      await ben.next("client-old");
      const response = await remove(room, "eve", `for=60&minKeyEpoch=${round + 1}`);
      isRemoved = true;
      assert.equal(response.status, 200);
      // All that anybody was sent under the old key was sent before KEY_EPOCH, in this order on every socket.
      await ben.next("KEY_EPOCH");
      while (stream.refused < BACKENDS || count(ann, "ERROR") === 0)
        await once(ann.socket, "message");
      stream.end();
      await Promise.all(streams);
      await done(ann);
      await settle(room, ben);
      assert.equal(stream.taken.after, 0);
      const told = ben.frames.map(({ type }) => type);
      const late = told.slice(told.indexOf("KEY_EPOCH")).filter((type) => /old$/i.test(type));
      assert.deepEqual(late, [], "sent after KEY_EPOCH");
      const old = broadcasts(ben).filter((type) => type === "OLD");
      assert.equal(
        old.length,
        stream.taken.before,
        "what was answered with 200 was sent, and no more",
      );
      assert.equal((await eve.close()).code, 4003);
      hasAccepted += old.length + typesHeard(ben).length;
      hasRefused += stream.refused;
    }
    assert.ok(hasAccepted > ROUNDS && hasRefused > ROUNDS, "both sides of the race were seen");
  });
});
