/** Requests that are sent again, and the answers of an API to changes. */

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { decide, lww } from "../src/patch.ts";
import {
  etagOf,
  idempotent,
  matches,
  preconditionFailed,
  refusalOf,
  rowAnswer,
} from "../src/server.ts";
import { MemoryDatabase, type Transaction } from "./support/transactions.ts";

interface Row {
  [field: string]: unknown;
  version: number;
  title: string;
}

let database: MemoryDatabase<Row>;
let runs: number;

beforeEach(() => {
  database = new MemoryDatabase();
  runs = 0;
});

const asked = (key: string | undefined, body: unknown = {}, path = "/tasks/t1") =>
  new Request(`https://api.example${path}`, {
    method: "PATCH",
    body: JSON.stringify(body),
    ...(key === undefined ? {} : { headers: { "Idempotency-Key": key } }),
  });

type Handler = (tx: Transaction<Row>) => Promise<Response>;

/** Writes the row, and says how often. */
const writes: Handler = async (tx) => {
  runs += 1;
  const row = { version: runs, title: "B" };
  tx.rows.set("t1", row);
  return rowAnswer(row);
};

const send = (request: Request, handler: Handler = writes, user = "ann") =>
  idempotent({ request, user, storage: database }, handler);

const bodyOf = async (response: Response) => [response.status, await response.json()];

describe("the key of a request", () => {
  test("the handler runs once, and a repetition gets the same answer", async () => {
    const first = await send(asked("k1", { a: 1 }));
    const again = await send(asked("k1", { a: 1 }));
    assert.equal(runs, 1);
    assert.equal(again.headers.get("etag"), '"v1"');
    assert.equal(again.headers.get("content-type"), "application/json");
    assert.deepEqual(await bodyOf(again), await bodyOf(first));
  });

  test("while the first runs, a repetition is answered 409 in_progress, with when to ask again", async () => {
    const [started, finished] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow: Handler = async (tx) => {
      started.resolve();
      await finished.promise;
      return writes(tx);
    };
    const first = send(asked("k1"), slow);
    await started.promise;
    const second = await send(asked("k1"), slow);
    assert.deepEqual(await bodyOf(second), [409, { code: "in_progress" }]);
    assert.equal(second.headers.get("retry-after"), "1");
    finished.resolve();
    assert.equal((await first).status, 200);
    assert.equal(runs, 1);
  });

  test("another request under the same key is answered 422", async () => {
    await send(asked("k1", { a: 1 }));
    for (const other of [asked("k1", { a: 2 }), asked("k1", { a: 1 }, "/tasks/t2")])
      assert.deepEqual(await bodyOf(await send(other)), [422, { code: "key_reused" }]);
    assert.equal(runs, 1);
  });

  test("the same key of somebody else is another key", async () => {
    await send(asked("k1"));
    await send(asked("k1"), writes, "ben");
    assert.equal(runs, 2);
  });

  test("a request without a key is answered 400, and so is one with a huge key", async () => {
    for (const key of [undefined, "", "k".repeat(201)])
      assert.equal((await send(asked(key))).status, 400);
    assert.equal(runs, 0);
  });

  test("a refusal is kept too: a late repetition can't succeed after it was told", async () => {
    const refuses: Handler = async () => new Response(null, { status: 404 });
    assert.equal((await send(asked("k1"), refuses)).status, 404);
    assert.equal((await send(asked("k1"))).status, 404);
    assert.equal(runs, 0);
  });

  for (const status of [500, 503, 401, 408, 425, 429]) {
    test(`a ${status} writes nothing and keeps nothing`, async () => {
      const fails: Handler = async (tx) => {
        await writes(tx);
        return new Response("later", { status });
      };
      assert.equal((await send(asked("k1"), fails)).status, status);
      assert.deepEqual([database.rows.size, database.kept.size], [0, 0]);
      assert.equal((await send(asked("k1"))).status, 200);
    });
  }

  test("a handler that throws has written nothing", async () => {
    const throws: Handler = async (tx) => {
      await writes(tx);
      throw new Error("broken");
    };
    await assert.rejects(send(asked("k1"), throws), /broken/);
    assert.deepEqual([database.rows.size, database.kept.size], [0, 0]);
  });
});

describe("the answers", () => {
  const row = { version: 17, title: "A" };
  const answerTo = async (patch: Parameters<typeof decide>[2]) => {
    const refusal = refusalOf(decide({ title: lww }, row, patch), row);
    return refusal && [...(await bodyOf(refusal)), refusal.headers.get("etag")];
  };

  test("a conflict is 409, with the row as it is, its ETag and the fields", async () => {
    assert.deepEqual(await answerTo({ set: { title: "B" }, base: { title: "Z" } }), [
      409,
      { code: "conflict", current: row, fields: ["title"] },
      '"v17"',
    ]);
  });

  test("a patch that says not what was seen is 428", async () => {
    const [status, body] = (await answerTo({ set: { title: "B" } })) ?? [];
    assert.deepEqual([status, (body as { code: string }).code], [428, "precondition_required"]);
  });

  test("a field that can't be changed is 422", async () => {
    const answer = await answerTo({ set: { version: 1 }, baseVersion: 17 });
    assert.deepEqual(answer, [422, { code: "invalid_patch", fields: ["version"] }, null]);
  });

  test("what can be applied is not refused", async () => {
    assert.equal(await answerTo({ set: { title: "B" }, baseVersion: 17 }), undefined);
  });

  test("If-Match is compared with the version of the row, and 412 says what it is now", async () => {
    const headed = (tag: string) => new Request("https://a", { headers: { "if-match": tag } });
    assert.equal(etagOf(row), '"v17"');
    assert.equal(matches(new Request("https://a"), row), undefined);
    assert.equal(matches(headed('"v16", "v17"'), row), true);
    assert.equal(matches(headed("*"), row), true);
    for (const other of ['"v16"', "v17", 'W/"v17"', ""])
      assert.equal(matches(headed(other), row), false);
    const refused = preconditionFailed(row);
    assert.deepEqual(await bodyOf(refused), [412, { code: "conflict", current: row, fields: [] }]);
  });
});
