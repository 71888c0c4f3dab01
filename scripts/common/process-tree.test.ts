import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { descendants, killAll, readPs, readStat, running } from "./process-tree.ts";

test("a process whose name has spaces and brackets is read as any other", () => {
  const numbers = Array.from({ length: 50 }, (_, index) => index).join(" ");
  const expected = { id: "71 18", pid: 71, parent: 0, ended: false };
  assert.deepEqual(readStat(`71 (a) (b c) S ${numbers}`), [expected]);
  assert.deepEqual(readStat(`71 (a) Z ${numbers}`), [{ ...expected, ended: true }]);
  assert.deepEqual(readStat(""), []);
});

test("the output of ps is read by process, with its start time", () => {
  const table =
    "   71     1 Ss   Mon Nov  1 10:00:00 2026\n  72    71 Z  Mon Nov  1 10:00:01 2026\n";
  assert.deepEqual(readPs(table), [
    { id: "71 Mon Nov 1 10:00:00 2026", pid: 71, parent: 1, ended: false },
    { id: "72 Mon Nov 1 10:00:01 2026", pid: 72, parent: 71, ended: true },
  ]);
});

test("the descendants of a process are found, and can be killed with it", async () => {
  const code =
    'require("child_process").spawn("sleep", ["60"], { detached: true }); console.log(1)';
  const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout, "data");
  const found = descendants([process.pid]);
  const below = descendants([child.pid as number]);
  assert.ok(found.some(({ pid }) => pid === child.pid));
  assert.equal(below.length, 1);
  assert.ok(found.some(({ id }) => id === below[0]?.id));
  killAll(below);
  while (running(below).length > 0) await new Promise((go) => setImmediate(go));
  child.kill("SIGKILL");
});
