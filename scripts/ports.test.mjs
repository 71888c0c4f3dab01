import assert from "node:assert/strict";
import { test } from "node:test";
import { readPort } from "./ports.mjs";

test("a port is a whole number from 1 to 65535", () => {
  assert.equal(readPort("1999", "--port"), 1999);
  for (const wrong of ["0", "65536", "80.5", "abc", "", "true"])
    assert.throws(() => readPort(wrong, "--port"), /--port .*: a port is a number from 1 to 65535/);
});
