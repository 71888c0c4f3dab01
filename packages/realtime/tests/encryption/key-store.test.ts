/** The epoch keys of projects in PostgreSQL, and how they are handed out. */

import assert from "node:assert/strict";
import { after, beforeEach, describe, test } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import fc from "fast-check";
import {
  createEpochKeys,
  EPOCH_KEYS_SQL,
  KeyStoreError,
  type KeyStoreErrorCode,
  type SqlClient,
} from "../../src/server.ts";

const database = await PGlite.create();
await database.exec(EPOCH_KEYS_SQL);
after(() => database.close());

const ONE = Buffer.alloc(32, 1).toString("base64");
const TWO = Buffer.alloc(32, 2).toString("base64url");

const under = (wrappingKeys: string | undefined, client: SqlClient = database) =>
  createEpochKeys({ database: client, wrappingKeys });
const store = under(ONE);

beforeEach(() => database.exec("TRUNCATE realtime_epoch_keys"));

const failure =
  (code: KeyStoreErrorCode, words = /./) =>
  (error: unknown) =>
    error instanceof KeyStoreError && error.code === code && words.test(error.message);

async function read(answer: Promise<Response>): Promise<[number, unknown]> {
  const { status, headers, text } = await answer.then(async (response) => ({
    status: response.status,
    headers: response.headers,
    text: await response.text(),
  }));
  assert.equal(headers.get("cache-control"), "no-store");
  return [status, JSON.parse(text)];
}

describe("the keys of a project", () => {
  test("are none until the first rotation: it is not encrypted", async () => {
    assert.equal(await store.current("demo"), null);
    assert.equal(await store.get("demo", 1), null);
  });

  test("count 1, 2, 3, each with 32 bytes of its own, and stay", async () => {
    for (const epoch of [1, 2, 3]) assert.equal(await store.rotate("demo"), epoch);
    const keys = await Promise.all([1, 2, 3].map((epoch) => store.get("demo", epoch)));
    assert.deepEqual(
      keys.map((key) => key?.length),
      [32, 32, 32],
    );
    assert.equal(new Set(keys.map((key) => `${key}`)).size, 3);
    assert.deepEqual(await store.current("demo"), { epoch: 3, key: keys[2] });
  });

  test("of one project are not those of another", async () => {
    await store.rotate("demo");
    assert.equal(await store.current("other"), null);
    assert.equal(await store.rotate("other"), 1);
    assert.notDeepEqual(await store.get("demo", 1), await store.get("other", 1));
  });

  test("of rotations at once are of different epochs, and none has two keys", async () => {
    const seen = new Map<number, string>();
    const epochs = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const epoch = await store.rotate("demo");
        seen.set(epoch, `${await store.get("demo", epoch)}`);
        return epoch;
      }),
    );
    assert.deepEqual(epochs.sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
    for (const [epoch, key] of seen) assert.equal(`${await store.get("demo", epoch)}`, key);
  });

  test("are read whether the driver returns a bigint as a number or as text, as pg does", async () => {
    const asText: SqlClient = {
      async query(text, params) {
        const { rows } = await database.query<{ epoch?: unknown }>(text, params);
        return { rows: rows.map((row) => ({ ...row, epoch: `${row.epoch}` })) };
      },
    };
    for (const epoch of [1, 2]) assert.equal(await under(ONE, asText).rotate("demo"), epoch);
    assert.deepEqual(await under(ONE, asText).current("demo"), await store.current("demo"));
  });
});

describe("in the database", () => {
  const rows = () =>
    database.query<Record<string, string>>("SELECT * FROM realtime_epoch_keys ORDER BY epoch");

  test("no key is stored as it is, and neither is the wrapping key", async () => {
    await store.rotate("demo");
    const dump = JSON.stringify((await rows()).rows);
    const key = Buffer.from((await store.get("demo", 1)) ?? []);
    for (const bytes of [key, Buffer.alloc(32, 1)])
      for (const encoding of ["base64", "base64url", "hex"] as const)
        assert.ok(!dump.includes(bytes.toString(encoding).slice(0, 20)), encoding);
  });

  test("a key is encrypted for its row: any other project, epoch or bit is refused", async () => {
    await store.rotate("demo");
    const { wrapped = "", wrapping_key = "" } = (await rows()).rows[0] ?? {};
    const insert = (project: string, epoch: number, value: string) =>
      database.query(
        `INSERT INTO realtime_epoch_keys VALUES ($1, $2, $3, $4)
         ON CONFLICT (project_id, epoch) DO UPDATE SET wrapped = $3`,
        [project, epoch, value, wrapping_key],
      );
    for (const [project, epoch] of [
      ["other", 1],
      ["demo", 2],
    ] as const) {
      await insert(project, epoch, wrapped);
      await assert.rejects(store.get(project, epoch), failure("damaged"));
    }
    await assert.rejects(store.current("demo"), failure("damaged"), "an error is not null");
    const bytes = Buffer.from(wrapped, "base64url");
    const bits = fc.integer({ min: 0, max: bytes.length * 8 - 1 });
    await fc.assert(
      fc.asyncProperty(bits, async (bit) => {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await insert("demo", 1, changed.toString("base64url"));
        await assert.rejects(store.get("demo", 1), failure("damaged"));
      }),
    );
    for (const value of ["", "!", "AAAA"]) {
      await insert("demo", 1, value);
      await assert.rejects(store.get("demo", 1), failure("damaged"));
    }
  });

  test("the table takes no epoch twice, and none outside 1 to 4,294,967,295", async () => {
    const insert = (epoch: number) =>
      database.query("INSERT INTO realtime_epoch_keys VALUES ('demo', $1, '', '')", [epoch]);
    await insert(4_294_967_295);
    for (const epoch of [4_294_967_295, 0, 4_294_967_296]) await assert.rejects(insert(epoch));
  });
});

describe("the wrapping key", () => {
  test("that is missing or malformed is an error with its name, and never no encryption", () => {
    const saved = process.env.EPOCH_WRAPPING_KEYS;
    delete process.env.EPOCH_WRAPPING_KEYS;
    try {
      for (const setting of [undefined, "", " ,"])
        assert.throws(
          () => under(setting),
          failure("not_set_up", /^EPOCH_WRAPPING_KEYS is not set/),
        );
    } finally {
      if (saved !== undefined) process.env.EPOCH_WRAPPING_KEYS = saved;
    }
    for (const setting of ["secret", ONE.slice(4), `${ONE}AAAA`, `${ONE} secret`, "*".repeat(43)])
      assert.throws(
        () => under(setting),
        (error: KeyStoreError) =>
          failure("not_set_up", /^EPOCH_WRAPPING_KEYS must be/)(error) &&
          !error.message.includes(setting),
      );
  });

  test("is that of the environment by default", async () => {
    await store.rotate("demo");
    process.env.EPOCH_WRAPPING_KEYS = ONE;
    try {
      assert.deepEqual(
        await createEpochKeys({ database }).get("demo", 1),
        await store.get("demo", 1),
      );
    } finally {
      delete process.env.EPOCH_WRAPPING_KEYS;
    }
  });

  test("is replaced: the new one first, then all keys under it, then the old one goes", async () => {
    for (const project of ["demo", "demo", "other"]) await store.rotate(project);
    const keys = [await store.get("demo", 1), await store.get("demo", 2)];
    const both = under(`${TWO}, ${ONE}`);
    assert.deepEqual([await both.get("demo", 1), await both.get("demo", 2)], keys);
    assert.equal(await both.rewrap(), 3);
    assert.equal(await both.rewrap(), 0);
    assert.deepEqual([await under(TWO).get("demo", 1), await under(TWO).get("demo", 2)], keys);
    await assert.rejects(store.get("demo", 1), failure("unknown_wrapping_key", /epoch 1 of demo/i));
  });
});

describe("the answer to a client", () => {
  const yes = () => true;

  test("has the current epoch or the one that it asks for, and its key", async () => {
    await store.rotate("demo");
    const old = await read(store.answer("demo", "current", yes));
    await store.rotate("demo");
    assert.deepEqual(await read(store.answer("demo", "1", yes)), old);
    const key = Buffer.from((await store.get("demo", 2)) ?? []).toString("base64url");
    assert.deepEqual(await read(store.answer("demo", "current", yes)), [200, { epoch: 2, key }]);
  });

  test("is null if there is no key", async () => {
    assert.deepEqual(await read(store.answer("demo", "current", yes)), [200, null]);
    assert.deepEqual(await read(store.answer("demo", "4294967295", yes)), [200, null]);
  });

  test("is an error if this is no epoch", async () => {
    for (const epoch of ["", "0", "01", "-1", "1.5", "1e3", "4294967296", "newest"])
      assert.deepEqual(await read(store.answer("demo", epoch, yes)), [
        400,
        { code: "invalid_epoch" },
      ]);
  });

  test("has no key for somebody who is no member", async () => {
    await store.rotate("demo");
    const no = async () => false;
    assert.deepEqual(await read(store.answer("demo", "1", no)), [403, { code: "not_a_member" }]);
    assert.deepEqual(await read(store.answer("demo", "2", no)), [403, { code: "not_a_member" }]);
  });

  test("never gives a member who is being removed a key that was made afterwards", async () => {
    await store.rotate("demo");
    const before = await read(store.answer("demo", "current", yes));
    // The list is asked, and at once the member is taken off it and the key replaced.
    const askedInTime = async () => {
      await store.rotate("demo");
      return true;
    };
    assert.deepEqual(await read(store.answer("demo", "current", askedInTime)), before);
  });
});
