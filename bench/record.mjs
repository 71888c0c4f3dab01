/** Where results are kept: a JSON file for machines, docs/performance.md and its chart for people. */

import { readFileSync, writeFileSync } from "node:fs";
import { cpus, platform, release } from "node:os";
import { join } from "node:path";
import { ROOT } from "../scripts/common/paths.mjs";
import { chart } from "./chart.mjs";
import { markdownTable } from "./table.mjs";

const PAGE = join(ROOT, "docs", "performance.md");
const CHART = join(ROOT, "docs", "performance.svg");
const RESULTS = /(<!-- results -->)[\s\S]*(<!-- end of results -->)/;

/** @typedef {{ date: string, versions: Record<string, string>, runs: number, workloads: import("./figures.mjs").Reported[] }} Results */

/**
 * @param {import("./figures.mjs").Reported[]} workloads
 * @param {number} runs
 * @returns {Results}
 */
export function results(workloads, runs) {
  const { model = "unknown processor" } = cpus()[0] ?? {};
  const versions = {
    "validiant-realtime": versionIn("package.json"),
    workerd: versionIn("node_modules/workerd/package.json"),
    partyserver: versionIn("node_modules/partyserver/package.json"),
    machine: `${cpus().length} × ${model}, ${platform()} ${release()}`,
  };
  return { date: new Date().toISOString(), versions, runs, workloads };
}

/** @param {string} file @param {Results} results */
export function writeJson(file, results) {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

/**
 * Writes the page and the chart.
 * @param {import("./plan.mjs").Workload[]} workloads
 * @param {Results} results
 */
export function recordPage(workloads, { date, versions, runs, workloads: figures }) {
  const made = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const text = `Measured on ${date.slice(0, 10)}, ${runs} runs: ${made.join(" · ")}.

${markdownTable(workloads, figures)}`;
  const page = readFileSync(PAGE, "utf8");
  writeFileSync(
    PAGE,
    page.replace(RESULTS, (_, start, end) => `${start}\n${text}\n${end}`),
  );
  writeFileSync(CHART, chart(figures));
}

/** @param {string} file */
function versionIn(file) {
  return JSON.parse(readFileSync(join(ROOT, file), "utf8")).version;
}
