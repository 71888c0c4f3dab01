import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { COMMANDS } from "../commands.ts";
import { type CommandSpec, port, readOptions, whole } from "./options.ts";
import { ROOT } from "./paths.ts";

const SPEC: CommandSpec = {
  about: "does it",
  options: [
    ["--minutes <n>", "how long", 5, whole],
    ["--port <n>", "where", 80, port],
    ["--keep", "keeps"],
  ],
  load: () => assert.fail(),
};

const read = (...args: string[]) => readOptions("it", SPEC, args);

test("options are read in every spelling", () => {
  for (const args of [
    ["--minutes", "6", "--keep"],
    ["--keep", "--minutes=6"],
  ])
    assert.deepEqual({ ...read(...args)?.options }, { minutes: 6, port: 80, keep: true });
});

test("an error is one line, with what may have been meant and where to find help", () => {
  for (const [args, message] of [
    [["--minuets", "5"], "unknown option '--minuets' (Did you mean --minutes?)"],
    [["--verbose"], "unknown option '--verbose'"],
    [["--__proto__"], "unknown option '--__proto__'"],
    [["-x"], "unknown option '-x'"],
    [["--minutes"], "option '--minutes <n>' argument missing"],
    [["five"], "too many arguments. Expected 0 arguments but got 1: five."],
  ] as [string[], string][])
    assert.throws(() => read(...args), { message, next: "npm run it -- --help" });
});

test("a number that makes no sense is refused", () => {
  for (const wrong of ["0", "-1", "1.5", "abc", "", "--keep"])
    assert.throws(() => read("--minutes", wrong), /argument '.*' is invalid\. It must be a /);
  for (const wrong of ["0", "65536", "80.5", "abc", "", "true"])
    assert.throws(() => read("--port", wrong), /A port is a number from 1 to 65535/);
});

test("what is meant for another program is passed on", () => {
  const given = readOptions("it", { ...SPEC, passesOnTo: "it" }, ["--env", "a", "--port", "1"]);
  assert.deepEqual(given?.rest, ["--env", "a"]);
  assert.equal(given?.options.port, 1);
});

test("package.json and docs/commands.md have these commands, each in the same words", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const names = Object.keys(COMMANDS);
  const started = names.map((name) => [name, `exec node scripts/run.mjs ${name}`]);
  assert.deepEqual(scripts, Object.fromEntries(started));
  const page = readFileSync(join(ROOT, "docs", "commands.md"), "utf8");
  const listed = [...page.matchAll(/^\| `npm (?:run )?([\w:]+)` \| (.*) \|$/gm)];
  const said = Object.fromEntries(listed.map(([, name, about]) => [name, about]));
  const about = Object.entries(COMMANDS).map(([name, { about }]) => [name, about]);
  assert.deepEqual(said, Object.fromEntries(about));
});
