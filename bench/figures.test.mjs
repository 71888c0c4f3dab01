import assert from "node:assert/strict";
import { test } from "node:test";
import { faults, figures } from "./figures.mjs";
import { workloads } from "./plan.mjs";

const none = { lost: 0, doubled_or_late: 0, to_excluded: 0, disconnected: 0 };
const workload = {
  name: "w",
  about: "",
  shape: {},
  figures: [{ metric: "m", label: "ms", better: /** @type {const} */ ("less") }],
};

/** @param {string} server @param {number[]} values */
const measured = (server, values) =>
  values.map((m, run) => ({ workload: "w", server, run, metrics: { m }, faults: none }));

test("a ratio is the median of the ratios of what was measured in turn, not that of the medians", () => {
  const all = [...measured("ours", [1, 20, 3]), ...measured("js", [2, 10, 4])];
  const [figure] = figures([workload], all);
  assert.equal(figure?.ratio_js, 0.75);
  assert.deepEqual([figure?.ours, figure?.js], [3, 4]);
});

test("a server that did not take part has no figures", () => {
  const [figure] = figures([workload], measured("ours", [1]));
  assert.deepEqual([figure?.partyserver, figure?.ratio_partyserver], [null, null]);
  assert.deepEqual(figure?.spread, { ours: [1, 1] });
});

test("a measurement with a failed delivery is reported", () => {
  const [good, bad] = measured("ours", [1, 2]);
  assert.ok(good && bad);
  const wrong = { ...bad, faults: { ...none, lost: 3, to_excluded: 1 } };
  assert.deepEqual(faults([good, wrong]), ["w, ours: 3 lost, 1 to excluded"]);
});

test("every workload has a unique name, full and quick", () => {
  for (const quick of [true, false]) {
    const names = workloads({ quick, largest: 9500 }).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  }
});
