import assert from "node:assert/strict";
import { test } from "node:test";
import { signed } from "../../scripts/serve/jwt.ts";
import { sign } from "../src/jwt.ts";
import { isPresent } from "../src/token.ts";

const SECRET = "ünïcode, and at least 32 bytes of it";

test("a token that is made here is, byte for byte, the one that a backend makes", async () => {
  const claims = { sub: "zoë~ÿ?>", projects: ["p"], exp: 1 };
  assert.equal(await sign(claims, SECRET), signed(claims, SECRET));
});

test("who has no presence is an observer", () => {
  const token = (permissions?: string[]) => signed({ sub: "ann", permissions }, SECRET);
  assert.equal(isPresent("", ""), false);
  assert.equal(isPresent("", "ann"), true);
  assert.equal(isPresent(token(), "ann"), true);
  assert.equal(isPresent(token(["subscribe", "presence"]), "ann"), true);
  assert.equal(isPresent(token(["subscribe"]), "ann"), false);
});
