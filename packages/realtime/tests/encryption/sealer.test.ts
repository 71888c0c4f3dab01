/** Which key a message is sealed with, and what it costs to have it. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Context } from "../../src/encryption/context.ts";
import type { KeySource } from "../../src/encryption/key-source.ts";
import { epochKeys } from "../../src/encryption/keys.ts";
import { type Primitives, webPrimitives } from "../../src/encryption/primitives.ts";
import { UndecryptableError } from "../../src/encryption/undecryptable.ts";

const CONTEXT: Context = { kind: "client", projectId: "p1", type: "client-x", sender: "u:ann" };
const PLAINTEXT = Uint8Array.of(1, 2, 3);

/** An app's keys up to the newest epoch, and how often it was asked for the current one. */
class App implements KeySource {
  newest = 7;
  asked = 0;
  readonly keys = epochKeys(this);

  async get(_: string, epoch: number) {
    return epoch <= this.newest ? new Uint8Array(32).fill(epoch) : null;
  }

  async current() {
    this.asked += 1;
    return this.newest > 0
      ? { epoch: this.newest, key: new Uint8Array(32).fill(this.newest) }
      : null;
  }
}

const undecryptable = (reason: string, epoch?: number) => (error: unknown) =>
  error instanceof UndecryptableError && error.reason === reason && error.epoch === epoch;

describe("a message is sealed", () => {
  test("under the current epoch, which is not asked for each time", async () => {
    const app = new App();
    for (let time = 0; time < 3; time += 1)
      assert.equal((await app.keys.sealer.seal(CONTEXT, PLAINTEXT, 7)).epoch, 7);
    assert.equal(app.asked, 1);
  });

  test("under a newer one, which is asked for, if the current one is below the floor", async () => {
    const app = new App();
    await app.keys.sealer.seal(CONTEXT, PLAINTEXT);
    app.newest = 8;
    assert.equal((await app.keys.sealer.seal(CONTEXT, PLAINTEXT)).epoch, 7);
    assert.equal((await app.keys.sealer.seal(CONTEXT, PLAINTEXT, 8)).epoch, 8);
    assert.equal((await app.keys.sealer.seal(CONTEXT, PLAINTEXT)).epoch, 8);
    assert.equal(app.asked, 2);
  });

  test("so that somebody else who has the keys opens what was sealed under either epoch", async () => {
    const app = new App();
    const before = await app.keys.sealer.seal(CONTEXT, PLAINTEXT);
    app.newest = 8;
    const after = await app.keys.sealer.seal(CONTEXT, PLAINTEXT, 8);
    for (const sealed of [after, before]) {
      const other = new App();
      other.newest = 8;
      assert.deepEqual(await other.keys.sealer.open(CONTEXT, sealed), PLAINTEXT);
    }
  });

  test("not at all if there is no key that is high enough, or none", async () => {
    const app = new App();
    const { sealer } = app.keys;
    await assert.rejects(sealer.seal(CONTEXT, PLAINTEXT, 8), undecryptable("no_key", 8));
    app.newest = 0;
    const { sealer: other } = epochKeys(app);
    await assert.rejects(other.seal(CONTEXT, PLAINTEXT), undecryptable("no_key"));
  });

  test("not at all while the source fails, which is the cause", async () => {
    const failure = new Error("502");
    const fail = async () => Promise.reject(failure);
    const { sealer } = epochKeys({ get: fail, current: fail });
    await assert.rejects(sealer.seal(CONTEXT, PLAINTEXT), { reason: "no_key", cause: failure });
    const sealed = await new App().keys.sealer.seal(CONTEXT, PLAINTEXT);
    await assert.rejects(sealer.open(CONTEXT, sealed), { reason: "no_key", cause: failure });
  });
});

describe("a message is opened", () => {
  test("with the key of its own epoch, also when that is not the current one", async () => {
    const app = new App();
    const sealed = await app.keys.sealer.seal(CONTEXT, PLAINTEXT);
    app.newest = 9;
    app.keys.refresh();
    await app.keys.current("p1");
    assert.deepEqual(await app.keys.sealer.open(CONTEXT, sealed), PLAINTEXT);
  });

  test("once the key is there", async () => {
    const [app, later] = [new App(), new App()];
    app.newest = 8;
    const sealed = await app.keys.sealer.seal(CONTEXT, PLAINTEXT);
    const { keys } = later;
    await assert.rejects(keys.sealer.open(CONTEXT, sealed), undecryptable("no_key", 8));
    await assert.rejects(keys.sealer.placeTag("p1", 8, "board"), undecryptable("no_key", 8));
    later.newest = 8;
    keys.refresh("p1");
    assert.deepEqual(await keys.sealer.open(CONTEXT, sealed), PLAINTEXT);
    assert.equal((await keys.sealer.placeTag("p1", 8, "board")).length, 22);
  });

  test("not if its parts can't be those of a message", async () => {
    const { sealer } = new App().keys;
    const sealed = await sealer.seal(CONTEXT, PLAINTEXT);
    for (const change of [
      { epoch: 0 },
      { nonce: new Uint8Array(13) },
      { ciphertext: new Uint8Array(15) },
    ])
      await assert.rejects(sealer.open(CONTEXT, { ...sealed, ...change }), { reason: "malformed" });
  });
});

describe("a sender's key is derived", () => {
  /** Counts the derivations. */
  function counting() {
    const primitives = webPrimitives();
    const derived: string[] = [];
    const counted: Primitives = {
      ...primitives,
      async hkdf(...given) {
        derived.push(Buffer.from(given[2]).toString());
        return primitives.hkdf(...given);
      },
    };
    return { derived, sealer: epochKeys(new App(), { crypto: counted }).sealer };
  }
  const from = (sender: string) => ({ ...CONTEXT, sender });

  test("once for each epoch, project and sender, and once by all who need it at a time", async () => {
    const { derived, sealer } = counting();
    const contexts = [
      ...[from("u:ann"), from("u:ben"), { ...from("u:ann"), projectId: "p2" }],
      { ...from("u:ann"), kind: "event" as const, type: "X" },
    ];
    for (let time = 0; time < 2; time += 1)
      await Promise.all(contexts.map((context) => sealer.seal(context, PLAINTEXT)));
    assert.equal(derived.length, 3);
  });

  test("again after 1,100 other senders, and not for one that keeps speaking", async () => {
    const { derived, sealer } = counting();
    await sealer.seal(from("u:rare"), PLAINTEXT);
    for (let user = 0; user < 1_100; user += 1) {
      await sealer.seal(from(`u:${user}`), PLAINTEXT);
      await sealer.seal(from("u:often"), PLAINTEXT);
    }
    assert.equal(derived.length, 1_102);
    await sealer.seal(from("u:rare"), PLAINTEXT);
    assert.equal(derived.length, 1_103);
  });

  test("anew after a failure", async () => {
    const primitives = webPrimitives();
    let fails = true;
    const hkdf: Primitives["hkdf"] = async (...given) => {
      if (fails) throw new Error("out of memory");
      return primitives.hkdf(...given);
    };
    const { sealer } = epochKeys(new App(), { crypto: { ...primitives, hkdf } });
    await assert.rejects(sealer.seal(CONTEXT, PLAINTEXT), /out of memory/);
    fails = false;
    assert.deepEqual(await sealer.open(CONTEXT, await sealer.seal(CONTEXT, PLAINTEXT)), PLAINTEXT);
  });
});
