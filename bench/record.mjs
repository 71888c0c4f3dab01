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
/** The sections that are written, and the files that they are in. */
export const SECTIONS = {
  shortfalls: PAGE,
  results: PAGE,
  encryption: PAGE,
  grown: PAGE,
  bench: join(ROOT, "README.md"),
};

/** @typedef {{ date: string, versions: Record<string, string>, figures: import("./figures.mjs").Reported[] }} Results */

/**
 * @param {import("./figures.mjs").Reported[]} figures
 * @returns {Results}
 */
export function results(figures) {
  const versions = {
    "validiant-realtime": versionIn("package.json"),
    workerd: versionIn("node_modules/workerd/package.json"),
    partyserver: versionIn("node_modules/partyserver/package.json"),
    machine: machine(),
    disk: `${durableWriteMs().toPrecision(2)} ms for a durable write (the median of fdatasync)`,
  };
  return { date: new Date().toISOString(), versions, figures };
}

/** What all of it was measured on. */
export function machine() {
  const { model = "unknown processor" } = cpus()[0] ?? {};
  return `${cpus().length} × ${model}, ${platform()} ${release()}`;
}

/** @param {string} file @param {object} results */
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
  writeSection("shortfalls", shortfalls(figures));
  writeSection("results", text);
  writeFileSync(CHART, chart(figures));
  const sentence = smallBroadcast(figures);
  if (sentence !== undefined) writeSection("bench", sentence);
}

/** Writes the section of the page on what encryption costs. @param {string} text */
export function recordEncryption(text) {
  writeSection("encryption", text);
}

/** Writes the section of the page on rooms that have grown. @param {string} text */
export function recordGrown(text) {
  writeSection("grown", text);
}

/** @param {keyof typeof SECTIONS} name @param {string} content */
function writeSection(name, content) {
  const file = SECTIONS[name];
  writeFileSync(file, withSection(readFileSync(file, "utf8"), name, content));
}

/**
 * The text, with this between `<!-- name -->` and `<!-- end of name -->`.
 * @param {string} text
 * @param {string} name
 * @param {string} content
 */
export function withSection(text, name, content) {
  const [start, end] = [`<!-- ${name} -->\n`, `\n<!-- end of ${name} -->`];
  const [before, rest] = splitOnce(text, start);
  const [, after] = splitOnce(rest, end);
  return `${before}${start}${content}${end}${after}`;
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
