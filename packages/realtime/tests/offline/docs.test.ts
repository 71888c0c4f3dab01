/** The file of an app in docs/offline.md works exactly as it is. */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { blocksOf } from "../../../../scripts/check/readme.ts";
import { decide, patchOf, readPatch } from "../../src/patch.ts";
import { idempotent, refusalOf, rowAnswer } from "../../src/server.ts";
import { MemoryDatabase } from "../support/transactions.ts";

const PACKAGE = join(import.meta.dirname, "..", "..");
const PAGE = join(PACKAGE, "..", "..", "docs", "offline.md");
const STORAGE = `
const values = new Map();
export const get = async (key) => values.get(key);
export const set = async (key, value) => void values.set(key, value);
export const del = async (key) => void values.delete(key);
export const keys = async () => [...values.keys()];
`;

const folder = mkdtempSync(join(PACKAGE, ".docs-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The first block of the page, with the package's sources and a storage in memory. */
function app(): string {
  const [block] = blocksOf(readFileSync(PAGE, "utf8"), "The file of an app");
  assert.ok(block);
  const code = block.code
    .replaceAll(/"@validiant\/realtime\/(\w+)"/g, '"../src/$1.ts"')
    .replace('"idb-keyval"', '"./storage.mjs"');
  const file = join(folder, "app.ts");
  writeFileSync(join(folder, "storage.mjs"), STORAGE);
  writeFileSync(file, code);
  return pathToFileURL(file).href;
}

test("the README of the package shows the same file", () => {
  const readme = readFileSync(join(PACKAGE, "README.md"), "utf8");
  const [block] = blocksOf(readFileSync(PAGE, "utf8"), "The file of an app");
  assert.deepEqual(blocksOf(readme, "Working offline"), [block]);
});

test("the file of about 30 lines sends a change once, by the contract, and shows it", async (t) => {
  const task = { id: "t1", version: 1, title: "A", status: "todo", labels: ["x"], notes: "" };
  const database = new MemoryDatabase<typeof task>();
  database.rows.set("t1", task);
  t.mock.method(globalThis, "fetch", async (path: string, init: RequestInit) => {
    const request = new Request(new URL(path, "https://api.example"), init);
    return idempotent({ request, user: "ann", storage: database }, async (tx, { url }) => {
      const id = url.slice(-2);
      const row = database.rows.get(id) ?? task;
      const patch = readPatch(await request.clone().json());
      assert.ok(patch);
      const decision = decide(policies, row, patch);
      const changes = decision.kind === "apply" ? decision.changes : {};
      const next = { ...row, ...changes, version: row.version + 1 };
      const refusal = refusalOf(decision, row);
      if (!refusal) tx.rows.set(id, next);
      return refusal ?? rowAnswer(next);
    });
  });
  const { offline, policies, queryClient } = await import(app());
  t.after(() => offline.close());
  queryClient.setQueryData(["task", "t1"], task);
  const change = { id: "t1", ...patchOf(task, { title: "B" }) };
  const { outcome } = offline.mutate("task.update", change);
  assert.equal(queryClient.getQueryData(["task", "t1"]).title, "B");
  const { status, data } = await outcome;
  assert.deepEqual([status, data.title, data.version], ["done", "B", 2]);
  assert.equal(database.rows.get("t1")?.title, "B");
});
