import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { unstable_getVarsForDev } from "wrangler";
import { problemsIn, valuesIn, withValue } from "./dev-vars.ts";

test("adding a value keeps the other lines and replaces an empty one", () => {
  assert.equal(withValue("", "CONNECT_AUTH", "open"), "CONNECT_AUTH=open\n");
  for (const empty of ["BROADCAST_SECRET=", 'export BROADCAST_SECRET = "" # none yet'])
    assert.equal(
      withValue(`A=1\n\n${empty}\n# note\n`, "BROADCAST_SECRET", "x"),
      "A=1\n\n# note\nBROADCAST_SECRET=x\n",
    );
});

test("a value that needs quotes is not added, nor one whose empty line is part of another value", () => {
  for (const value of ["a#b", "a b", "a'b", 'a"b', "a$b", "a\\nb", ""])
    assert.throws(() => withValue("", "CONNECT_AUTH", value), /can't be added/, value);
  assert.throws(() => withValue("A='x\nB=\n'\n", "B", "2"), /can't be added/);
});

test("values are read as wrangler reads them: comments, quotes, spaces and line ends", (t) => {
  const text =
    "A=1 # one\r\nexport B = 'two # words'\r\n# C=3\nD=\"x=y\\nz\"\nE=\nF=`it's`\nG: 7\n";
  const expected = { A: "1", B: "two # words", D: "x=y\nz", E: "", F: "it's", G: "7" };
  assert.deepEqual(valuesIn(text), expected);
  assert.deepEqual(problemsIn(text), []);
  const folder = mkdtempSync(join(tmpdir(), "validiant-dev-vars-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, ".dev.vars"), text);
  const read = unstable_getVarsForDev(
    join(folder, "wrangler.toml"),
    undefined,
    {},
    undefined,
    true,
  );
  assert.deepEqual(
    Object.fromEntries(Object.entries(read).map(([name, { value }]) => [name, value])),
    expected,
  );
});

test("a line that does not mean what it seems to is reported, without its value", () => {
  const text = "A=ab#cd\nB C=1\nsecret\nD='open\nE=1\nE=2\nF='a#b'\nG=x #y\n";
  const nothing = "it sets nothing. A line is NAME=value, and each name appears only once.";
  assert.deepEqual(problemsIn(text), [
    "line 1: everything after # is a comment. Put the value in quotes.",
    `line 2: ${nothing}`,
    `line 3: ${nothing}`,
    "line 4: a quote is not closed.",
    `line 5: ${nothing}`,
  ]);
});

test("a value over several lines is a single value", () => {
  const text = "JWKS='{\n  \"keys\": []\n}'\nA=1\n";
  assert.deepEqual(valuesIn(text), { JWKS: '{\n  "keys": []\n}', A: "1" });
  assert.deepEqual(problemsIn(text), []);
  const expected = `${text}B=x\n`;
  assert.equal(withValue(text, "B", "x"), expected);
});
