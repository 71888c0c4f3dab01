/** Keys from the app's API: what is asked for, what is kept, and what is refused. */

import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import { appKeys, type FetchedKey, type FetchKey } from "../../src/encryption/app-keys.ts";
import { generateEpochKey } from "../../src/encryption/keys.ts";
import { hex } from "./vectors.ts";

const K7 = Uint8Array.from({ length: 32 }, (_, index) => index);
const K8 = K7.toReversed();
const KEYS: Record<number, Uint8Array> = { 7: K7, 8: K8 };
const MINUTE = 60_000;

mock.timers.enable({ apis: ["Date", "setTimeout"] });

/** An API that hands out what `current` names, and what it has been asked. */
class Api {
  current: number | null = 7;
  missing = new Set<number>();
  readonly asked: (number | "current")[] = [];
  answer: FetchKey = async (_, epoch) => this.#answered(epoch);

  readonly keys = appKeys({
    fetchKey: (projectId, epoch) => {
      this.asked.push(epoch);
      return this.answer(projectId, epoch);
    },
  });

  #answered(asked: number | "current"): FetchedKey | null {
    const epoch = asked === "current" ? this.current : asked;
    const key = epoch === null || this.missing.has(epoch) ? undefined : KEYS[epoch];
    return epoch !== null && key ? { epoch, key } : null;
  }
}

let api = new Api();
beforeEach(() => {
  api = new Api();
});

const currentEpoch = async () => (await api.keys.current("p1"))?.epoch;
const named = (name: string, message: RegExp) => ({ name, message });

describe("a key", () => {
  test("is asked for once, and kept for good", async () => {
    assert.deepEqual(await api.keys.get("p1", 8), K8);
    mock.timers.tick(24 * 60 * MINUTE);
    api.keys.refresh();
    assert.deepEqual(await api.keys.get("p1", 8), K8);
    assert.deepEqual(api.asked, [8]);
  });

  test("is asked for once by all who ask at the same time", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => api.keys.get("p1", 8)));
    assert.deepEqual(answers, [K8, K8, K8]);
    assert.deepEqual(api.asked, [8]);
  });

  test("is one project's", async () => {
    await api.keys.get("p1", 8);
    await api.keys.get("p2", 8);
    assert.deepEqual(api.asked, [8, 8]);
  });

  test("of the current epoch is not asked for again", async () => {
    await api.keys.current("p1");
    assert.deepEqual(await api.keys.get("p1", 7), K7);
    assert.deepEqual(api.asked, ["current"]);
  });

  test("that is not there is asked for again after half a second, or at once after a refresh", async () => {
    api.missing.add(8);
    for (let time = 0; time < 3; time += 1) assert.equal(await api.keys.get("p1", 8), null);
    assert.deepEqual(api.asked, [8]);
    mock.timers.tick(500);
    assert.equal(await api.keys.get("p1", 8), null);
    api.missing.clear();
    api.keys.refresh("p1");
    assert.deepEqual(await api.keys.get("p1", 8), K8);
    assert.deepEqual(api.asked, [8, 8, 8]);
  });

  test("may be text in base64 or base64url, with or without padding", async () => {
    const odd = Uint8Array.from({ length: 32 }, (_, index) => 255 - 4 * index);
    const buffer = Buffer.from(odd);
    for (const key of [buffer.toString("base64"), buffer.toString("base64url")]) {
      api = new Api();
      api.answer = async () => ({ epoch: 7, key });
      assert.deepEqual(await api.keys.get("p1", 7), odd);
    }
  });

  test("is a copy, so that what the app does with its own changes nothing", async () => {
    const key = Uint8Array.from(K7);
    api.answer = async () => ({ epoch: 7, key });
    await api.keys.current("p1");
    key.fill(0);
    assert.deepEqual(await api.keys.get("p1", 7), K7);
  });

  test("that is new has 32 random bytes", () => {
    const [one, other] = [generateEpochKey(), generateEpochKey()];
    assert.equal(one.length, 32);
    assert.notDeepEqual(one, other);
  });
});

describe("the current epoch", () => {
  test("is asked for every 10 minutes", async () => {
    assert.equal(await currentEpoch(), 7);
    api.current = 8;
    mock.timers.tick(10 * MINUTE - 1);
    assert.equal(await currentEpoch(), 7);
    mock.timers.tick(1);
    assert.equal(await currentEpoch(), 8);
    assert.deepEqual(api.asked, ["current", "current"]);
  });

  test("is asked for after a refresh of its project or of all, and not of another", async () => {
    for (const projectId of ["p2", "p1", undefined]) {
      await currentEpoch();
      api.keys.refresh(projectId);
    }
    await currentEpoch();
    assert.deepEqual(api.asked, ["current", "current", "current"]);
  });

  test("is none for a project that is not encrypted", async () => {
    api.current = null;
    assert.equal(await api.keys.current("p1"), null);
    assert.equal(await api.keys.current("p1"), null);
    assert.deepEqual(api.asked, ["current"]);
  });

  test("never goes down, and never away", async () => {
    api.current = 8;
    assert.equal(await currentEpoch(), 8);
    for (const later of [7, null]) {
      api.current = later;
      api.keys.refresh();
      assert.deepEqual(await api.keys.current("p1"), { epoch: 8, key: K8 });
    }
  });

  test("that was asked for before a refresh counts only if it is higher", async () => {
    const answers: ((answer: FetchedKey | null) => void)[] = [];
    api.answer = () => new Promise((resolve) => answers.push(resolve));
    const before = api.keys.current("p1");
    api.keys.refresh();
    const after = api.keys.current("p1");
    assert.equal(answers.length, 2);
    answers[1]?.({ epoch: 8, key: K8 });
    assert.equal((await after)?.epoch, 8);
    answers[0]?.({ epoch: 7, key: K7 });
    assert.equal((await before)?.epoch, 8);
    assert.equal(await currentEpoch(), 8);
  });
});

describe("what fails", () => {
  test("fails for all who wait, and is tried again after half a second", async () => {
    api.answer = async () => Promise.reject(new Error("502"));
    for (let time = 0; time < 2; time += 1) {
      await assert.rejects(api.keys.get("p1", 7), named("Error", /^502$/));
      await assert.rejects(api.keys.current("p1"), named("Error", /^502$/));
    }
    assert.deepEqual(api.asked, [7, "current"]);
    mock.timers.tick(500);
    api.answer = async () => ({ epoch: 7, key: K7 });
    assert.equal(await currentEpoch(), 7);
    assert.deepEqual(await api.keys.get("p1", 7), K7);
  });

  test("fails also where fetchKey itself throws", async () => {
    api.answer = () => {
      throw new TypeError("no such route");
    };
    await assert.rejects(api.keys.get("p1", 7), named("TypeError", /no such route/));
  });

  test("fails after 15 s without an answer", async () => {
    api.answer = () => new Promise(() => {});
    const late = assert.rejects(api.keys.get("p1", 7), named("EpochKeyError", /15 s/));
    await new Promise(setImmediate);
    mock.timers.tick(15_000);
    await late;
  });

  test("does not fall back on the key that was current", async () => {
    await currentEpoch();
    api.keys.refresh();
    api.answer = async () => Promise.reject(new Error("502"));
    await assert.rejects(api.keys.current("p1"), /502/);
  });
});

describe("an answer is refused, by name and without the key in the message, if", () => {
  const short = hex(K7).slice(2);
  const cases: Record<string, [answer: unknown, message: RegExp]> = {
    "the key has 31 bytes": [{ epoch: 7, key: K7.slice(1) }, /31 bytes instead of 32/],
    "the key has 64 bytes": [{ epoch: 7, key: new Uint8Array(64) }, /64 bytes instead of 32/],
    "the key is not base64": [{ epoch: 7, key: `${short}!` }, /not base64/],
    "the key is in hexadecimal digits": [{ epoch: 7, key: hex(K7) }, /48 bytes instead of 32/],
    "there is no key": [{ epoch: 7 }, /not a Uint8Array/],
    "the key is a list": [{ epoch: 7, key: [...K7] }, /not a Uint8Array/],
  };
  for (const [name, [answer, message]] of Object.entries(cases))
    test(name, async () => {
      api.answer = async () => answer as FetchedKey;
      for (const asked of [api.keys.get("p1", 7), api.keys.current("p1")])
        await assert.rejects(asked, (error: Error) => {
          assert.equal(error.name, "EpochKeyError");
          assert.match(error.message, message);
          for (const secret of [hex(K7), short, Buffer.from(K7).toString("base64url")])
            assert.ok(!String(error.stack).includes(secret));
          return true;
        });
    });

  test("it is of another epoch than was asked for", async () => {
    api.answer = async () => ({ epoch: 8, key: K8 });
    await assert.rejects(api.keys.get("p1", 7), named("EpochKeyError", /another epoch than 7/));
    // And it is not kept as the key of either.
    api.answer = async () => null;
    mock.timers.tick(500);
    for (const epoch of [7, 8]) assert.equal(await api.keys.get("p1", epoch), null);
  });

  test("the current epoch is none", async () => {
    for (const epoch of [0, -1, 1.5, 2 ** 32, Number.NaN]) {
      api.answer = async () => ({ epoch, key: K7 });
      api.keys.refresh();
      await assert.rejects(api.keys.current("p1"), named("EpochKeyError", /whole number/));
    }
  });

  test("an epoch that can't be is not even asked for", async () => {
    for (const epoch of [0, 1.5, 2 ** 32])
      await assert.rejects(api.keys.get("p1", epoch), RangeError);
    assert.deepEqual(api.asked, []);
  });
});

describe("who listens", () => {
  test("is told of a refresh, and of each key that is new", async () => {
    const told: (string | undefined)[] = [];
    const unsubscribe = api.keys.subscribe((projectId) => told.push(projectId));
    await api.keys.current("p1");
    await api.keys.get("p1", 7);
    assert.deepEqual(told.splice(0), ["p1"]);
    api.keys.refresh();
    api.keys.refresh("p2");
    assert.deepEqual(told.splice(0), [undefined, "p2"]);
    unsubscribe();
    await api.keys.get("p1", 8);
    assert.deepEqual(told, []);
  });

  test("is not told of what is not there", async () => {
    api.missing.add(8);
    const told: unknown[] = [];
    api.keys.subscribe((projectId) => told.push(projectId));
    await api.keys.get("p1", 8);
    assert.deepEqual(told, []);
  });
});
