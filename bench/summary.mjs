/** What the figures come to, in sentences: where ours is worse, and what README.md says. */

import { worse } from "./figures.mjs";
import { ratio, short } from "./table.mjs";

/** @type {[import("./figures.mjs").Other, string][]} */
const COMPARED = [
  ["js", "hand-written JavaScript without a history"],
  ["without", "itself without a history"],
];
const LINE_WIDTH = 100;

/**
 * Where ours is more than a tenth worse, in Markdown: an item for each workload.
 * @param {import("./figures.mjs").Reported[]} figures
 */
export function shortfalls(figures) {
  const lists = COMPARED.map(([other, name]) => {
    const listed = worse(figures, other);
    const workloads = new Set(listed.map(({ workload }) => workload));
    const items = [...workloads].map((workload) => {
      const own = listed.filter((one) => one.workload === workload);
      const texts = own.map(({ label, ratios }) => `${label} (${ratio(ratios[other])})`);
      return wrap(`- ${workload}: ${texts.join("; ")}`, "  ");
    });
    const title = `More than a tenth worse than ${name}`;
    return items.length === 0 ? `${title}: nothing.` : `${title}:\n\n${items.join("\n")}`;
  });
  return lists.join("\n\n");
}

/**
 * What a broadcast to five people costs; undefined if that was not measured.
 * @param {import("./figures.mjs").Reported[]} figures
 */
export function smallBroadcast(figures) {
  const median = (/** @type {string} */ metric) =>
    figures.find((one) => one.workload === "room of 5" && one.metric === metric)?.medians.ours;
  const cpu = [median("CPU µs/broadcast"), median("CPU µs/broadcast alone")];
  const last = median("p50 ms");
  const [least, most] = cpu.map((value) => value ?? 0).toSorted((a, b) => a - b);
  if (!last || !least || !most) return undefined;
  return wrap(
    `A broadcast to five people, kept in the history, costs ${short(least / 1000)} to ` +
      `${short(most / 1000)} ms of CPU and reaches the last of them after ${short(last)} ms, with ` +
      "the server and all clients on one machine.",
  );
}

/**
 * Lines of at most 100 characters.
 * @param {string} text
 * @param {string} [indent] before each line but the first
 */
function wrap(text, indent = "") {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trimStart();
    if (longer.length + indent.length <= LINE_WIDTH) lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  return lines.join(`\n${indent}`);
}
