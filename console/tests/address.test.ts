import assert from "node:assert/strict";
import { test } from "node:test";
import { fragmentOf, keptIn, withoutSecret } from "../src/address.ts";

const ANN = { projectId: "demo", userId: "a/n&n=#", userName: "Ann Lee ✓", hadToken: false };
const BEN = { projectId: "p?1", userId: "ben", userName: "", hadToken: true };
const OBSERVER = { projectId: "demo", userId: "", userName: "", hadToken: false };

test("an address brings back the clients and the fields that it was made of", () => {
  const kept = {
    clients: [ANN, BEN, OBSERVER],
    fields: { to: "apollo", payload: '{"a":"b&c=#%"}', exclude: "ann,ben" },
  };
  assert.deepEqual(keptIn(fragmentOf(kept)), kept);
});

test("a page that is as it was at first has no fragment", () => {
  assert.equal(fragmentOf({ clients: [], fields: {} }), "");
  assert.deepEqual(keptIn(""), { clients: [], fields: {} });
});

test("a field that is too long for an address is left out, and nothing else", () => {
  const fields = { payload: "x".repeat(9_000), to: "apollo" };
  assert.deepEqual(keptIn(fragmentOf({ clients: [ANN], fields })).clients, [ANN]);
  assert.deepEqual(keptIn(fragmentOf({ clients: [ANN], fields: { to: "apollo" } })).fields, {
    to: "apollo",
  });
  assert.ok(fragmentOf({ clients: [ANN], fields }).length < 1_000);
});

test("what can't be read is ignored", () => {
  for (const fragment of ["#client=", "#client=a", "#client=%zz/a/b", "#clients", "#=&&"])
    assert.deepEqual(keptIn(fragment).clients, [], fragment);
});

test("the secret of a link is taken out of the fragment, and is never one of its fields", () => {
  const fragment = "#client=demo/ann/Ann&secret=a%2Fb%26c&to=p";
  assert.deepEqual(withoutSecret(fragment), {
    secret: "a/b&c",
    rest: "#client=demo/ann/Ann&to=p",
  });
  assert.deepEqual(keptIn(fragment).fields, { to: "p" });
  assert.deepEqual(withoutSecret("#secret=s"), { secret: "s", rest: "" });
  assert.deepEqual(withoutSecret("#to=p"), { secret: "", rest: "#to=p" });
});
