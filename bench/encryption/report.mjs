/** The tables of what encryption costs, for a terminal and for a page. */

import { markdown, short } from "../table.mjs";

/** @typedef {import("./measure.mjs").Measured} Measured */

/** How many were measured, and of what, as Markdown. @param {Measured} measured */
export function report(measured) {
  return [sealing(measured), paths(measured), rooms(measured)].join("\n\n");
}

/** @param {Measured} measured */
function sealing({ places }) {
  const columns = places.flatMap(({ place, sealing }) =>
    sealing.map(({ cipher, rows }) => ({ name: `${place}, ${cipher}`, rows })),
  );
  const [first] = columns;
  const rows = (first?.rows ?? []).map(({ what }, row) => [
    what,
    ...columns.map(({ rows }) => cell(rows[row]?.times ?? [])),
  ]);
  const head = ["µs, the median (99th percentile)", ...columns.map(({ name }) => name)];
  const count = first?.rows[0]?.times.length ?? 0;
  return `To seal and to open one, each measured ${count} times:\n\n${markdown(head, rows)}`;
}

/** @param {Measured} measured */
function paths({ places }) {
  const rows = places.flatMap(({ place, paths }) =>
    paths.map(({ what, times: { plain, WebCrypto, noble } }) => [
      `${place}, ${what}`,
      ...[plain, WebCrypto, noble].map(cell),
    ]),
  );
  const count = places[0]?.paths[0]?.times.plain.length ?? 0;
  const head = ["µs, the median (99th percentile)", "plain", "WebCrypto", "noble"];
  return `From the call of the broadcaster to the handler of a connection, each measured ${count} times:\n\n${markdown(head, rows)}`;
}

/** @param {Measured} measured */
function rooms({ rooms }) {
  const [first] = rooms;
  if (!first) return "The CPU of the server was not measured: that needs /proc.";
  const rows = rooms.map(({ what, costs: { plain, padded, encrypted } }) => [
    what,
    ...[plain, padded, encrypted].map(spread),
  ]);
  const head = [
    "CPU µs, the median (the least to the most)",
    "plain",
    "plain, as large as encrypted",
    "encrypted",
  ];
  const { broadcasts, costs } = first;
  return `Per broadcast into a room of 5, ${broadcasts} of each kind in ${costs.plain.length} slices:\n\n${markdown(head, rows)}`;
}

/** @param {number[]} times */
function cell(times) {
  return `${short(percentile(times, 0.5))} (${short(percentile(times, 0.99))})`;
}

/** @param {number[]} costs */
function spread(costs) {
  const range = `${short(Math.min(...costs))}–${short(Math.max(...costs))}`;
  return `${short(percentile(costs, 0.5))} (${range})`;
}

/**
 * The smallest value that this part of all of them does not exceed.
 * @param {number[]} values
 * @param {number} part
 */
export function percentile(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? null;
}
