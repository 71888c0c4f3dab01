import assert from "node:assert/strict";
import { test } from "node:test";
import { addSecret, hasSecret } from "./dev-vars.mjs";

test("a secret is found however it is written", () => {
  for (const line of [
    "BROADCAST_SECRET=a",
    'BROADCAST_SECRET = "a"',
    "export BROADCAST_SECRET=a",
  ]) {
    assert.ok(hasSecret(`OTHER=1\n${line}\n`), line);
  }
});

test("an empty, a commented and another secret are none", () => {
  for (const line of [
    "BROADCAST_SECRET=",
    'BROADCAST_SECRET=""',
    "# BROADCAST_SECRET=a",
    "BROADCAST_SECRET_PREVIOUS=a",
  ]) {
    assert.ok(!hasSecret(`${line}\nOTHER=1\n`), line);
  }
});

test("adding a secret keeps the other lines and replaces an empty one", () => {
  assert.equal(addSecret("", "x"), "BROADCAST_SECRET=x\n");
  assert.equal(
    addSecret("A=1\nBROADCAST_SECRET=\n# note\n", "x"),
    "A=1\n# note\nBROADCAST_SECRET=x\n",
  );
});
