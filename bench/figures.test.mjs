import assert from "node:assert/strict";
import { test } from "node:test";
import { faults, figures, worse } from "./figures.mjs";
import { workloads } from "./plan.mjs";

const none = { lost: 0, doubled_or_late: 0, to_excluded: 0, not_as_sent: 0, disconnected: 0 };

/** @param {"less" | "more"} better */
const workload = (better) => ({
  name: "w",
  about: "",
  shape: {},
  figures: [{ metric: "m", label: "ms", better }],
});

/** @param {string} server @param {number[]} values */
const measured = (server, values) =>
  values.map((m, run) => ({ workload: "w", server, run, metrics: { m }, faults: none }));

test("a ratio is the median of the ratios of what was measured in turn, not that of the medians", () => {
  const all = [...measured("ours", [1, 20, 3]), ...measured("js", [2, 10, 4])];
  const [figure] = figures([workload("less")], all);
  assert.equal(figure?.ratios.js, 0.75);
  assert.deepEqual([figure?.medians.ours, figure?.medians.js, figure?.count], [3, 4, 3]);
});

test("the median of an even number of measurements is the mean of the two in the middle", () => {
  const [figure] = figures([workload("less")], measured("ours", [4, 1, 2, 30]));
  assert.equal(figure?.medians.ours, 3);
});

test("a server that did not take part has no figures", () => {
  const [figure] = figures([workload("less")], measured("ours", [1, 2]));
  assert.deepEqual([figure?.medians.partyserver, figure?.ratios.partyserver], [null, null]);
  assert.deepEqual([figure?.spreads.ours, figure?.spreads.partyserver], [[1, 2], null]);
});

test("what is more than a tenth worse is listed, whether less or more is better", () => {
  /** @param {"less" | "more"} better @param {number} ours */
  const isListed = (better, ours) => {
    const all = [...measured("ours", [ours]), ...measured("js", [100])];
    return worse(figures([workload(better)], all), "js").length === 1;
  };
  assert.deepEqual([isListed("less", 110), isListed("less", 111)], [false, true]);
  assert.deepEqual([isListed("more", 91), isListed("more", 90)], [false, true]);
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
