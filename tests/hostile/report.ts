/** The table that a run prints. */

import type { Fared, Measured } from "./measured.ts";

const HEADINGS = [
  "attack",
  "attempts",
  "per s",
  "quiet p50/p99 ms",
  "attacked p50/p99 ms",
  "p99 ratio",
  "what came of it",
];

export function table(all: Measured[]): string {
  const rows = [HEADINGS, ...all.map(row)];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: string[]) =>
    cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return rows.map((cells) => line(cells).trimEnd()).join("\n");
}

function row({
  name,
  attempts,
  perSecond,
  quiet,
  attacked,
  ratio,
  before,
  outcomes,
}: Measured): string[] {
  const again = before.map((earlier) => `, measured again after ${earlier.toFixed(2)}`);
  return [
    name,
    String(attempts),
    perSecond.toFixed(perSecond < 10 ? 1 : 0),
    inWords(quiet),
    inWords(attacked),
    ratio.toFixed(2) + again.join(""),
    Object.entries(outcomes)
      .map(([outcome, count]) => `${count} ${outcome}`)
      .join(", "),
  ];
}

function inWords({ p50, p99, samples }: Fared): string {
  return `${p50.toFixed(1)} / ${p99.toFixed(1)} of ${samples}`;
}
