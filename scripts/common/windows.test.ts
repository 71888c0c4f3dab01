import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { NPM_BIN, ROOT } from "./paths.ts";
import { asStarted, fileNames } from "./windows.ts";

const WINDOWS = { platform: "win32", root: ROOT, npm: "C:\\npm-cli.js" } as const;

test("on Windows Node runs the programs of npm, by name and by path", () => {
  for (const name of ["tsc", "esbuild", "biome", "redocly", "wasm-opt", "publint", "attw"]) {
    for (const command of [name, join(NPM_BIN, name)]) {
      const { program, args } = asStarted(command, ["--version"], WINDOWS);
      assert.equal(program, process.execPath, command);
      assert.ok(existsSync(args[0] ?? ""), args[0]);
    }
  }
  const { program, args } = asStarted("tsc", ["--version"], WINDOWS);
  assert.match(spawnSync(program, args, { encoding: "utf8" }).stdout, /^Version \d/);
  assert.deepEqual(asStarted("npm", ["ci"], WINDOWS).args, ["C:\\npm-cli.js", "ci"]);
});

test("other programs, and all programs elsewhere, are started unchanged", () => {
  for (const command of ["cargo", "C:\\tools\\tsc.exe"])
    assert.deepEqual(asStarted(command, ["a"], WINDOWS), { program: command, args: ["a"] });
  const linux = { ...WINDOWS, platform: "linux" } as const;
  assert.deepEqual(asStarted("npm", ["ci"], linux), { program: "npm", args: ["ci"] });
});

test("on Windows a program is found by its extensions too", () => {
  assert.deepEqual(fileNames("cargo", "win32", ".EXE;.CMD"), ["cargo", "cargo.exe", "cargo.cmd"]);
  assert.deepEqual(fileNames("cargo", "darwin"), ["cargo"]);
});
