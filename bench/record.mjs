/** Where results are kept: a JSON file for machines; docs/performance.md, its chart and README.md for people. */

import { readFileSync, writeFileSync } from "node:fs";
import { cpus, platform, release } from "node:os";
import { join } from "node:path";
import { ROOT } from "../scripts/common/paths.ts";
import { chart } from "./chart.mjs";
import { durableWriteMs } from "./disk.mjs";
import { shortfalls, smallBroadcast } from "./summary.mjs";
import { markdownTable } from "./table.mjs";

const PAGE = join(ROOT, "docs", "performance.md");
const CHART = join(ROOT, "docs", "performance.svg");
const README = join(ROOT, "README.md");

/** @typedef {{ date: string, versions: Record<string, string>, figures: import("./figures.mjs").Reported[] }} Results */

/**
 * @param {import("./figures.mjs").Reported[]} figures
 * @returns {Results}
 */
export function results(figures) {
  const { model = "unknown processor" } = cpus()[0] ?? {};
  const versions = {
    "validiant-realtime": versionIn("package.json"),
    workerd: versionIn("node_modules/workerd/package.json"),
    partyserver: versionIn("node_modules/partyserver/package.json"),
    machine: `${cpus().length} × ${model}, ${platform()} ${release()}`,
    disk: `${durableWriteMs().toPrecision(2)} ms for a durable write (the median of fdatasync)`,
  };
  return { date: new Date().toISOString(), versions, figures };
}

/** @param {string} file @param {Results} results */
export function writeJson(file, results) {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

/**
 * Writes the page, the chart, and the sentence in README.md if what it says was measured.
 * @param {import("./plan.mjs").Workload[]} workloads
 * @param {Results} results
 */
export function recordPage(workloads, { date, versions, figures }) {
  const made = Object.entries(versions).map(([name, version]) => `- ${name}: ${version}`);
  const table = markdownTable(workloads, figures);
  const text = `Measured on ${date.slice(0, 10)} with:\n\n${made.join("\n")}\n\n${table}`;
  replaceIn(PAGE, "shortfalls", shortfalls(figures));
  replaceIn(PAGE, "results", text);
  writeFileSync(CHART, chart(figures));
  const sentence = smallBroadcast(figures);
  if (sentence !== undefined) replaceIn(README, "bench", sentence);
}

/**
 * Replaces what is between `<!-- name -->` and `<!-- end of name -->`.
 * @param {string} file
 * @param {string} name
 * @param {string} text
 */
function replaceIn(file, name, text) {
  const [start, end] = [`<!-- ${name} -->\n`, `\n<!-- end of ${name} -->`];
  const [before, rest] = splitOnce(readFileSync(file, "utf8"), start);
  const [, after] = splitOnce(rest, end);
  writeFileSync(file, `${before}${start}${text}${end}${after}`);
}

/** @param {string} text @param {string} mark */
function splitOnce(text, mark) {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`no ${mark.trim()}`);
  return /** @type {const} */ ([text.slice(0, at), text.slice(at + mark.length)]);
}

/** @param {string} file */
function versionIn(file) {
  return JSON.parse(readFileSync(join(ROOT, file), "utf8")).version;
}
