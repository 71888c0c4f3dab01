import assert from "node:assert/strict";
import { test } from "node:test";
import { signed } from "../../scripts/serve/jwt.ts";
import { userIn } from "../src/token.ts";

const SECRET = "a secret of at least 32 bytes, for this";

test("a token says who its user is", () => {
  const token = signed({ sub: "zoë~ÿ?>", name: "Zoë ✓", exp: 1 }, SECRET);
  assert.deepEqual(userIn(token), { userId: "zoë~ÿ?>", userName: "Zoë ✓" });
});

test("a token that is for nobody has no user", () => {
  assert.deepEqual(userIn(signed({ exp: 1 }, SECRET)), { userId: "", userName: "" });
});

test("another text is no token", () => {
  for (const text of ["", "a.b", "a.b.c", "a b.c.d", `${signed({}, SECRET)}.x`])
    assert.equal(userIn(text), undefined, text);
});
