/** The table of what a grown room costs, for a terminal and for a page. */

import { median } from "../figures.mjs";
import { markdown, ratio, short } from "../table.mjs";

/** @typedef {Pick<import("../measure.mjs").Measured, "server" | "metrics">} Measured */

/** What is shown, by the names of the load generator. The last column is empty where a ratio says nothing. */
const ROWS = [
  { metric: "CPU µs/delivery", label: "CPU µs per delivery, one event at a time", compared: true },
  { metric: "p50 ms", label: "ms to the last delivery, the median", compared: true },
  { metric: "p99 ms", label: "ms to the last delivery, 99th percentile", compared: true },
  { metric: "p50 ms to answer", label: "ms to the answer, the median", compared: true },
  { metric: "CPU µs/delivery in bursts", label: "CPU µs per delivery, in bursts", compared: true },
  {
    metric: "p99 ms in bursts",
    label: "ms to the last delivery in bursts, 99th percentile",
    compared: true,
  },
  {
    metric: "ms until all are back",
    label: "ms until half of them are back after a crash",
    compared: true,
  },
  { metric: "places", label: "places" },
  { metric: "moves", label: "clients that were told to come back elsewhere" },
  { metric: "partial answers", label: "answers that were not exact yet, and say so" },
];

/**
 * @param {{ sockets: number, lone: number, bursts: number, events: number }} shape
 * @param {Measured[]} measured
 */
export function report({ sockets, lone, bursts, events }, measured) {
  const slices = measured.filter(({ server }) => server === "grown").length;
  const about =
    `A room of ${sockets} sockets: ${lone} events one at a time and ${bursts} bursts of ${events}, ` +
    `in each of ${slices} turns.`;
  const rows = ROWS.map(({ metric, label, compared }) => {
    const [one, grown] = ["one", "grown"].map((server) => values(measured, server, metric));
    const both = ratios(grown ?? [], one ?? []);
    return [label, cell(one ?? []), cell(grown ?? []), compared ? ratio(median(both)) : ""];
  });
  return `${about}\n\n${markdown(["", "one object", "grown", "grown / one"], rows)}`;
}

/** @param {Measured[]} measured @param {string} server @param {string} metric */
function values(measured, server, metric) {
  const own = measured.filter((one) => one.server === server);
  return own.flatMap(({ metrics: { [metric]: value } }) => (value === undefined ? [] : [value]));
}

/** Of those that were measured in turn. @param {number[]} grown @param {number[]} one */
function ratios(grown, one) {
  return grown.flatMap((value, turn) => {
    const other = one[turn];
    return other === undefined || other === 0 ? [] : [value / other];
  });
}

/** The median, with the least and the most. @param {number[]} values */
function cell(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (values.length === 0) return "–";
  return least === most
    ? short(least)
    : `${short(median(values))} (${short(least)}–${short(most)})`;
}
