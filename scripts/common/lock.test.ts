import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { withLock } from "./lock.mjs";

const MODULE = new URL("./lock.mjs", import.meta.url).href;

test("processes under one lock work one after another", async (t) => {
  const folder = temporary(t);
  // Each makes a folder that must not exist yet, works, and removes it: two at a time would collide.
  const code = `
    import { mkdirSync, rmdirSync } from "node:fs";
    import { setTimeout as work } from "node:timers/promises";
    import { withLock } from "${MODULE}";
    for (let round = 0; round < 3; round += 1) {
      await withLock("${join(folder, "lock")}", async () => {
        mkdirSync("${join(folder, "busy")}");
        await work(5);
        rmdirSync("${join(folder, "busy")}");
      });
    }`;
  const codes = await Promise.all([1, 2, 3].map(() => exitCode(code)));
  assert.deepEqual(codes, [0, 0, 0]);
  assert.deepEqual(readdirSync(folder), []);
});

test("the lock of a process that has died is taken over", async (t) => {
  const file = join(temporary(t), "lock");
  const { pid } = spawnSync(process.execPath, ["--version"]);
  writeFileSync(file, String(pid));
  assert.equal(await withLock(file, async () => "done"), "done");
  assert.ok(!existsSync(file));
});

test("the lock is released when the work fails", async (t) => {
  const file = join(temporary(t), "lock");
  await assert.rejects(
    withLock(file, () => Promise.reject(new Error("no"))),
    /no/,
  );
  assert.ok(!existsSync(file));
});

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "validiant-lock-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function exitCode(code: string): Promise<number | null> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
    stdio: "inherit",
  });
  return new Promise((resolve) => child.once("close", resolve));
}
