/** Several encrypted replicas, whatever happens to them, end with the document that plain Yjs ends with. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as Y from "yjs";
import { Random, SEED } from "../../../../tests/support/random.ts";
import type { DocumentProvider } from "../../src/yjs.ts";
import { FakeSocket, pass, withFakeClock } from "../support/fake-socket.ts";
import { openSealed, Ring, sealed } from "../support/sealed-document.ts";
import { Vault, VaultSocket } from "../support/vault.ts";

withFakeClock();

const CLIENTS = 4;
const STEPS = 60;
const RUNS = 25;
/** No wait for a retry, a key or a snapshot is longer than this together. */
const ROUNDS = 20;
const ROUND_MS = 10_000;

interface Client {
  ring: Ring;
  provider: DocumentProvider;
}

/** A document that runs beside: it gets every change of every client, as plain Yjs has it. */
class Plain {
  readonly doc = new Y.Doc();

  follow({ doc }: DocumentProvider): void {
    doc.on("update", (update) => Y.applyUpdate(this.doc, update));
  }
}

class World {
  readonly vault = new Vault();
  readonly plain = new Plain();
  readonly clients: Client[] = [];
  readonly #random: Random;
  #epoch = 1;

  constructor(name: string) {
    this.#random = new Random(name);
    for (let id = 0; id < CLIENTS; id += 1) {
      const ring = new Ring();
      const provider = openSealed(ring, { user: { id: `user-${id}` } });
      this.plain.follow(provider);
      this.clients.push({ ring, provider });
    }
  }

  async step(): Promise<void> {
    const random = this.#random;
    const client = random.of(...this.clients);
    const what = random.below(100);
    if (what < 55) this.#type(client);
    else if (what < 60) this.#live()[0]?.ends();
    else if (what < 63) this.vault.crash();
    else if (what < 66) client.provider.disconnect();
    else if (what < 72) client.provider.connect();
    else if (what < 78) this.#rotate();
    else if (what < 86) client.ring.gets(random.below(this.#epoch + 1) || 1);
    else if (what < 88) client.ring.isReachable = !client.ring.isReachable;
    else if (what < 92) this.vault.storesAtOnce = !this.vault.storesAtOnce;
    else if (what < 96) this.vault.store();
    else if (what < 98) this.#typeMuch(client);
    else client.provider.flush();
    // Some of them fall on each other, some are far apart.
    await pass(random.of(0, 0, 50, 400, 400, 8_000));
    this.#letIn();
  }

  /** Everything that keeps them apart ends. */
  async heal(): Promise<void> {
    this.vault.storesAtOnce = true;
    this.vault.store();
    for (const { ring, provider } of this.clients) {
      ring.isReachable = true;
      ring.gets(this.#epoch);
      provider.connect();
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      this.#letIn();
      await pass(ROUND_MS);
    }
  }

  #live(): VaultSocket[] {
    return [...this.vault.sockets];
  }

  #letIn(): void {
    for (const socket of FakeSocket.made)
      if (socket instanceof VaultSocket && socket.readyState === 0) socket.joins();
  }

  #type({ provider: { doc } }: Client): void {
    const random = this.#random;
    const text = doc.getText("t");
    if (text.length > 0 && random.below(4) === 0) text.delete(random.below(text.length), 1);
    else text.insert(random.below(text.length + 1), random.of("a", "b", "ccc", "ö€"));
    if (random.below(5) === 0) doc.getMap("m").set(random.of("x", "y"), random.below(100));
  }

  #typeMuch({ provider: { doc } }: Client): void {
    doc.getText("t").insert(0, "x".repeat(20_000 + this.#random.below(60_000)));
  }

  /** The app makes a key, hands it to nobody but one of them yet, and raises the floor. */
  #rotate(): void {
    this.#epoch += 1;
    this.#random.of(...this.clients).ring.gets(this.#epoch);
    this.vault.raise(this.#epoch);
  }
}

const stateOf = (doc: Y.Doc) => ({
  text: doc.getText("t").toString(),
  map: doc.getMap("m").toJSON(),
});

describe("encrypted replicas", () => {
  const seen = { snapshots: 0, stale: 0 };
  for (let run = 0; run < RUNS; run += 1)
    test(`P14.8 lose nothing and end alike, run ${run}`, async (context) => {
      const world = new World(`replicas ${run}`);
      for (let step = 0; step < STEPS; step += 1) await world.step();
      await world.heal();
      const hint = `SEED=${SEED}`;
      const right = stateOf(world.plain.doc);
      for (const { provider } of world.clients) {
        assert.deepEqual([provider.synced, provider.saved], [true, true], hint);
        assert.deepEqual(stateOf(provider.doc), right, hint);
      }
      // What the server has is enough, under the newest key that matters.
      for (const { provider } of world.clients) provider.destroy();
      const newcomer = await sealed(new Ring(1_000), { user: { id: "newcomer" } });
      await pass(0);
      assert.deepEqual(stateOf(newcomer.provider.doc), right, hint);
      seen.snapshots += world.vault.snapshots.taken;
      seen.stale += world.vault.snapshots.stale;
      context.diagnostic(`${world.vault.taken} entries, ${world.vault.snapshots.taken} snapshots`);
    });

  test("were put to the test: there were snapshots", () => {
    assert.ok(seen.snapshots > RUNS);
  });
});
