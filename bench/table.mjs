/** The figures as a table, for a terminal and for a page. */

import { OTHERS, SERVERS } from "./figures.mjs";

const COLUMNS = /** @type {import("./figures.mjs").Server[]} */ (Object.keys(SERVERS));
const HEAD = [
  "",
  ...Object.values(SERVERS),
  "/ JS",
  "/ JS with history",
  "/ partyserver",
  "/ without history",
];

/**
 * For a terminal: medians with their minimum and maximum, and the ratios of ours.
 * @param {import("./plan.mjs").Workload[]} workloads
 * @param {import("./figures.mjs").Reported[]} figures
 */
export function terminalTable(workloads, figures) {
  const lines = [HEAD];
  for (const { title, own } of sections(workloads, figures)) {
    lines.push([], [title("", "")]);
    for (const figure of own) lines.push([`  ${figure.label}`, ...cells(figure)]);
  }
  return aligned(lines);
}

/**
 * The same in Markdown.
 * @param {import("./plan.mjs").Workload[]} workloads
 * @param {import("./figures.mjs").Reported[]} figures
 */
export function markdownTable(workloads, figures) {
  const lines = [`| ${HEAD.join(" | ")} |`, `|---|${"---:|".repeat(HEAD.length - 1)}`];
  for (const { title, own } of sections(workloads, figures)) {
    lines.push(`| ${title("**", "**")} |${" |".repeat(HEAD.length - 1)}`);
    for (const figure of own) lines.push(`| ${figure.label} | ${cells(figure).join(" | ")} |`);
  }
  return lines.join("\n");
}

/**
 * A workload's figures, and its title with the name between two marks.
 * @param {import("./plan.mjs").Workload[]} workloads
 * @param {import("./figures.mjs").Reported[]} figures
 */
function sections(workloads, figures) {
  return workloads.map(({ name, about }) => {
    const own = figures.filter(({ workload }) => workload === name);
    const { count = 0 } = own[0] ?? {};
    /** @param {string} begin @param {string} end */
    const title = (begin, end) => `${begin}${name}${end} (${about}; measured ${times(count)})`;
    return { title, own };
  });
}

/** @param {number} count */
function times(count) {
  return count === 1 ? "once" : `${count} times`;
}

/** @param {import("./figures.mjs").Reported} figure */
function cells({ medians, spreads, ratios }) {
  const values = COLUMNS.map((server) => {
    const spread = spreads[server];
    if (spread === null) return "–";
    const [least, most] = spread;
    if (least === most) return short(least);
    return `${short(medians[server])} (${short(least)}–${short(most)})`;
  });
  return [...values, ...OTHERS.map((other) => ratio(ratios[other]))];
}

/**
 * Columns as wide as their longest text. A line with one text is not a row.
 * @param {string[][]} lines
 */
function aligned(lines) {
  const rows = lines.filter(({ length }) => length > 1);
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const padded = lines.map((texts) =>
    texts.map((text, column) => {
      const width = texts.length > 1 ? (widths[column] ?? 0) : 0;
      return column === 0 ? text.padEnd(width) : text.padStart(width);
    }),
  );
  return padded.map((texts) => texts.join("  ")).join("\n");
}

/**
 * Three significant digits.
 * @param {number | null} value
 */
export function short(value) {
  if (value === null) return "–";
  if (value >= 100_000) return `${Math.round(value / 1000)}k`;
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** @param {number | null} value */
export function ratio(value) {
  return value === null ? "–" : value.toFixed(2);
}

/**
 * Any table in Markdown, with columns that are aligned in a terminal too.
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function markdown(head, rows) {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  /** @param {string[]} texts */
  const line = (texts) => {
    const cells = texts.map((text, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? text.padEnd(width) : text.padStart(width);
    });
    return `| ${cells.join(" | ")} |`;
  };
  const under = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(head), line(under), ...rows.map(line)].join("\n");
}
