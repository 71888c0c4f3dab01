/** The contract of a PATCH: what an API makes of it, and what a client makes of a conflict. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  applied,
  ask,
  compareOrder,
  decide,
  lww,
  order,
  orderBetween,
  patchOf,
  readPatch,
  rebase,
  rebaseBy,
  set,
  setChange,
  text3,
} from "../src/patch.ts";

const policies = { title: text3, status: lww, labels: set, place: order, due: ask };
const row = {
  id: "t1",
  version: 17,
  title: "A",
  status: "todo",
  labels: ["x"],
  place: "V",
  due: null,
};

describe("what an API makes of a patch", () => {
  const decideOn = (patch: Parameters<typeof decide>[2]) => decide(policies, row, patch);

  test("a field that is unchanged since the person saw it is applied", () => {
    const patch = { set: { title: "B" }, base: { title: "A" }, baseVersion: 12 };
    assert.deepEqual(decideOn(patch), { kind: "apply", changes: { title: "B" } });
  });

  test("a field that already has the value needs nothing", () => {
    const patch = { set: { title: "A" }, base: { title: "Z" }, baseVersion: 12 };
    assert.deepEqual(decideOn(patch), { kind: "apply", changes: {} });
  });

  test("a field that was changed since is a conflict of that field, and nothing is applied", () => {
    const patch = { set: { title: "B", status: "done" }, base: { title: "Z", status: "todo" } };
    assert.deepEqual(decideOn(patch), { kind: "conflict", fields: ["title"] });
  });

  test("what was seen as version 17 is unchanged while the row has version 17", () => {
    const patch = { set: { title: "B" }, baseVersion: 17 };
    assert.deepEqual(decideOn(patch), { kind: "apply", changes: { title: "B" } });
  });

  test("a base counts more than the version: what was seen may have been a change that still waits", () => {
    const patch = { set: { title: "C" }, base: { title: "B" }, baseVersion: 17 };
    assert.deepEqual(decideOn(patch), { kind: "conflict", fields: ["title"] });
  });

  test("an older version without a base is a conflict", () => {
    const patch = { set: { title: "B" }, baseVersion: 16 };
    assert.deepEqual(decideOn(patch), { kind: "conflict", fields: ["title"] });
  });

  test("a patch that does not say what was seen is not applied", () => {
    assert.deepEqual(decideOn({ set: { title: "B" } }), {
      kind: "unconditional",
      fields: ["title"],
    });
  });

  test("a field without a policy can't be changed, nor one of every object", () => {
    for (const field of ["id", "version", "constructor"]) {
      const patch = { set: { [field]: 1, title: "B" }, baseVersion: 17 };
      assert.deepEqual(decideOn(patch), { kind: "invalid", fields: [field] });
    }
  });

  test("changes of a set commute, and are never in conflict", () => {
    const mine = { set: { labels: { add: ["y"] } } };
    assert.deepEqual(decideOn(mine), { kind: "apply", changes: { labels: ["x", "y"] } });
    const both = decide(policies, { ...row, labels: ["z", "y"] }, mine);
    assert.deepEqual(both, { kind: "apply", changes: {} });
    const removing = { set: { labels: { remove: ["x"], add: ["x2"] } } };
    assert.deepEqual(decideOn(removing), { kind: "apply", changes: { labels: ["x2"] } });
  });

  test("a set can't be replaced", () => {
    for (const labels of [["y"], "y", null, { add: "y" }])
      assert.equal(decideOn({ set: { labels }, baseVersion: 17 }).kind, "invalid");
  });

  test("dates and the order of names make no difference", () => {
    const at = new Date(0);
    const current = { ...row, due: { b: 1, a: at } };
    const patch = { set: { due: null }, base: { due: { a: at.toISOString(), b: 1 } } };
    assert.deepEqual(decide(policies, current, patch), { kind: "apply", changes: { due: null } });
  });

  test("a body that is no patch is recognised", () => {
    for (const body of [
      null,
      1,
      [],
      {},
      { set: [] },
      { set: {}, base: 1 },
      { set: {}, baseVersion: "1" },
    ])
      assert.equal(readPatch(body), undefined);
    assert.deepEqual(readPatch({ set: {}, baseVersion: 1, more: 2 }), {
      set: {},
      base: undefined,
      baseVersion: 1,
    });
  });
});

describe("what a client makes of a conflict", () => {
  const patch = (field: string, base: unknown, mine: unknown) => ({
    id: "t1",
    set: { [field]: mine },
    base: { [field]: base },
    baseVersion: 12,
  });
  const against = (field: string, theirs: unknown) => ({
    code: "conflict" as const,
    current: { ...row, [field]: theirs },
    fields: [field],
  });

  test("lww: the last intention is sent again, on top of what is there", () => {
    const again = rebase(policies, patch("status", "todo", "done"), against("status", "doing"));
    assert.deepEqual(again, {
      variables: {
        id: "t1",
        set: { status: "done" },
        base: { status: "doing" },
        baseVersion: 17,
      },
      ask: [],
    });
  });

  test("text3: changes of different words are merged", () => {
    const mine = patch("title", "buy milk today", "buy oat milk today");
    const again = rebase(policies, mine, against("title", "buy milk tomorrow"));
    assert.equal(again.variables.set.title, "buy oat milk tomorrow");
    assert.deepEqual(again.ask, []);
  });

  test("text3: changes of the same words are asked about, with both as the suggestion", () => {
    const mine = patch("title", "buy milk", "buy bread");
    const { ask } = rebase(policies, mine, against("title", "buy rice"));
    assert.deepEqual(ask, [
      {
        field: "title",
        base: "buy milk",
        mine: "buy bread",
        theirs: "buy rice",
        merged: "buy rice bread",
      },
    ]);
  });

  test("ask: a person decides", () => {
    const { ask } = rebase(policies, patch("due", null, "2030"), against("due", "2031"));
    assert.deepEqual(ask, [
      { field: "due", base: null, mine: "2030", theirs: "2031", merged: "2030" },
    ]);
  });

  test("the fields that are not in conflict are sent with it", () => {
    const mine = { set: { title: "B", status: "done" }, base: { title: "A", status: "todo" } };
    const { variables } = rebase(policies, mine, against("status", "doing"));
    assert.deepEqual(variables.set, { title: "B", status: "done" });
    assert.deepEqual(variables.base, { title: "A", status: "doing" });
  });

  test("after a 412, which names no fields, they are found by what was seen", () => {
    const answer = { ...against("due", "2031"), fields: [] };
    assert.equal(rebase(policies, patch("due", null, "2030"), answer).ask.length, 1);
  });

  test("what is sent again is accepted, unless it has changed once more", () => {
    const conflict = against("status", "doing");
    const { variables } = rebase(policies, patch("status", "todo", "done"), conflict);
    const now = { ...row, status: "doing" };
    assert.deepEqual(decide(policies, now, variables), {
      kind: "apply",
      changes: { status: "done" },
    });
    assert.equal(
      decide(policies, { ...now, status: "x", version: 18 }, variables).kind,
      "conflict",
    );
  });

  test("an answer that is not of this contract is nobody's conflict", () => {
    for (const answer of [undefined, {}, { current: {} }, { current: 1, fields: [] }])
      assert.equal(rebaseBy(policies)(patch("due", 1, 2), answer), undefined);
  });
});

describe("making a patch", () => {
  test("it has only what differs, and what was seen there", () => {
    assert.deepEqual(patchOf(row, { title: "B", status: "todo", due: undefined }), {
      set: { title: "B" },
      base: { title: "A" },
      baseVersion: 17,
    });
  });

  test("a change of a set is what was added and removed", () => {
    assert.deepEqual(setChange(["a", "b"], ["b", "c"]), { add: ["c"], remove: ["a"] });
  });

  test("it can be shown before the API has answered", () => {
    const shown = applied(policies, row, { title: "B", labels: { add: ["y"] } });
    assert.deepEqual([shown.title, shown.labels, shown.id], ["B", ["x", "y"], "t1"]);
  });
});

describe("places in a list", () => {
  test("there is room between any two, at the ends too", () => {
    const places: string[] = [orderBetween(null, null)];
    let seed = 7;
    for (let n = 0; n < 2_000; n += 1) {
      seed = (seed * 48_271) % 2_147_483_647;
      const at = seed % (places.length + 1);
      places.splice(at, 0, orderBetween(places[at - 1] ?? null, places[at] ?? null));
    }
    assert.deepEqual(places, [...places].sort());
    assert.equal(new Set(places).size, places.length);
  });

  test("a thousand additions at the end, or at the beginning, stay short", () => {
    let [last, first] = [orderBetween(null, null), orderBetween(null, null)];
    for (let n = 0; n < 1_000; n += 1) {
      last = orderBetween(last, null);
      first = orderBetween(null, first);
    }
    assert.ok(last.length < 60 && first.length < 60, `${last} ${first}`);
  });

  test("in the same place, the id decides, and nothing goes between", () => {
    assert.ok(compareOrder({ order: "V", id: "a" }, { order: "V", id: "b" }) < 0);
    assert.equal(orderBetween("V", "V"), "V");
    assert.equal(orderBetween("a", "a0"), "a");
  });
});
