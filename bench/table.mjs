/** The figures as a table, for a terminal and for a page. */

const SERVERS = /** @type {const} */ (["ours", "js", "partyserver", "history"]);
const WIDTHS = [42, 22, 22, 22, 22, 8, 15, 16];
const HEAD = [
  "",
  "ours",
  "JavaScript",
  "partyserver",
  "ours with history",
  "/ JS",
  "/ partyserver",
  "history / ours",
];

/**
 * For a terminal: medians with their minimum and maximum, and the ratios of ours.
 * @param {import("./plan.mjs").Workload[]} workloads
 * @param {import("./figures.mjs").Reported[]} figures
 */
export function terminalTable(workloads, figures) {
  const lines = [row(HEAD)];
  for (const { name, about } of workloads) {
    lines.push("", `${name} (${about})`);
    for (const figure of figures.filter(({ workload }) => workload === name)) {
      lines.push(row([`  ${figure.label}`, ...cells(figure)]));
    }
  }
  return lines.join("\n");
}

/**
 * The same in Markdown.
 * @param {import("./plan.mjs").Workload[]} workloads
 * @param {import("./figures.mjs").Reported[]} figures
 */
export function markdownTable(workloads, figures) {
  const lines = [`| ${HEAD.join(" | ")} |`, `|---|${"---:|".repeat(HEAD.length - 1)}`];
  for (const { name, about } of workloads) {
    lines.push(`| **${name}** (${about}) |${" |".repeat(HEAD.length - 1)}`);
    for (const figure of figures.filter(({ workload }) => workload === name)) {
      lines.push(`| ${figure.label} | ${cells(figure).join(" | ")} |`);
    }
  }
  return lines.join("\n");
}

/** @param {import("./figures.mjs").Reported} figure */
function cells(figure) {
  const values = SERVERS.map((server) => {
    const [least, most] = figure.spread[server] ?? [];
    if (least === undefined || most === undefined) return "–";
    return `${short(figure[server])} (${short(least)}–${short(most)})`;
  });
  const { ratio_js, ratio_partyserver, ratio_history } = figure;
  return [...values, ratio(ratio_js), ratio(ratio_partyserver), ratio(ratio_history)];
}

/** @param {string[]} texts */
function row(texts) {
  return texts
    .map((text, index) =>
      (index === 0 ? text.padEnd : text.padStart).call(text, WIDTHS[index] ?? 0),
    )
    .join(" ")
    .trimEnd();
}

/**
 * Three significant digits.
 * @param {number | null} value
 */
function short(value) {
  if (value === null) return "–";
  if (value >= 100_000) return `${Math.round(value / 1000)}k`;
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** @param {number | null} value */
function ratio(value) {
  return value === null ? "–" : value.toFixed(2);
}
