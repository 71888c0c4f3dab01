import assert from "node:assert/strict";
import { test } from "node:test";
import { has, valuesIn, withValue } from "./dev-vars.mjs";

test("a secret is found however it is written", () => {
  for (const line of [
    "BROADCAST_SECRET=a",
    'BROADCAST_SECRET = "a"',
    "export BROADCAST_SECRET=a",
  ]) {
    assert.ok(has(`OTHER=1\n${line}\n`, "BROADCAST_SECRET"), line);
  }
});

test("an empty, a commented and another secret are none", () => {
  for (const line of [
    "BROADCAST_SECRET=",
    'BROADCAST_SECRET=""',
    "# BROADCAST_SECRET=a",
    "BROADCAST_SECRET_PREVIOUS=a",
  ]) {
    assert.ok(!has(`${line}\nOTHER=1\n`, "BROADCAST_SECRET"), line);
  }
});

test("adding a value keeps the other lines and replaces an empty one", () => {
  assert.equal(withValue("", "CONNECT_AUTH", "open"), "CONNECT_AUTH=open\n");
  assert.equal(
    withValue("A=1\nBROADCAST_SECRET=\n# note\n", "BROADCAST_SECRET", "x"),
    "A=1\n# note\nBROADCAST_SECRET=x\n",
  );
});

test("values are read however they are written, and comments are not", () => {
  const text = "A=1\nexport B = 'two words'\n# C=3\nD=\"x=y\"\nE=\n";
  assert.deepEqual(valuesIn(text), { A: "1", B: "two words", D: "x=y", E: "" });
});
