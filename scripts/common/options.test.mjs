import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "./near.mjs";
import { readOptions } from "./options.mjs";

const OPTIONS = /** @type {const} */ ({ minutes: { type: "string" }, keep: { type: "boolean" } });

const read = (/** @type {string[]} */ ...args) =>
  readOptions({ help: "npm run it -- --keep    it", options: OPTIONS, args });

test("options are read in every spelling", () => {
  for (const args of [
    ["--minutes", "5", "--keep"],
    ["--keep", "--minutes=5"],
  ])
    assert.deepEqual({ ...read(...args)?.values }, { minutes: "5", keep: true });
});

test("an error is one line, with what may have been meant and where to find help", () => {
  for (const [args, message] of /** @type {[string[], string][]} */ ([
    [["--minuets", "5"], "--minuets: unknown option. Did you mean --minutes?"],
    [["--verbose"], "--verbose: unknown option."],
    [["--__proto__"], "--__proto__: unknown option."],
    [["-x"], "-x: unknown option."],
    [["--minutes"], "--minutes needs a value."],
    [["--minutes", "--keep"], "--minutes needs a value."],
    [["--keep=yes"], "--keep takes no value."],
    [["five"], "five: this is not an option."],
  ]))
    assert.throws(() => read(...args), { message, next: "npm run it -- --help" });
});

test("a value that begins with a dash is given by an equals sign", () => {
  assert.equal(read("--minutes=-5")?.values.minutes, "-5");
});

test("the most similar of several names is found, and none if none is similar", () => {
  const known = ["project", "projects", "permissions", "name"];
  assert.equal(nearest("projcets", known), "projects");
  assert.equal(nearest("perm", known), "permissions");
  assert.equal(nearest("xyz", known), undefined);
});
