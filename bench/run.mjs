/**
 * Measures this server as shipped against a hand-written JavaScript object, with a history and without, against
 * partyserver, and against itself without a history, taking turns in one run on the same runtime.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildWorker } from "../scripts/build/build.ts";
import { Failure } from "../scripts/common/failure.ts";
import { duration, step } from "../scripts/common/steps.ts";
import { setup } from "../scripts/setup/setup.ts";
import { faults, figures } from "./figures.mjs";
import { buildLoadGenerator, measure, pinned } from "./measure.mjs";
import { workloads } from "./plan.mjs";
import { progress } from "./progress.mjs";
import { recordPage, results, writeJson } from "./record.mjs";
import { prepareServers } from "./servers.mjs";
import { shortfalls } from "./summary.mjs";
import { terminalTable } from "./table.mjs";

/**
 * @typedef {object} Options
 * @property {true} [quick]
 * @property {string} only
 * @property {number} [runs]
 * @property {number} sockets
 * @property {string} [json]
 * @property {true} [record]
 * @property {boolean} deflate
 * @property {true} [encryption]
 * @property {true} [grown]
 * @property {true} [peersCompress]
 */

/** @param {Options} options */
export default async (options) => {
  if (options.encryption) return (await import("./encryption/run.mjs")).benchEncryption(options);
  if (options.grown) return (await import("./grown/run.mjs")).benchGrown(options);
  return compare(options);
};

/** @param {Options} options */
async function compare(options) {
  const { quick = false, runs = quick ? 3 : 5, sockets, only } = options;
  const all = workloads({ quick, largest: sockets });
  const chosen = all.filter(({ name }) => name.includes(only));
  if (chosen.length === 0) {
    const names = all.map(({ name }) => name).join(", ");
    throw new Failure(`--only "${only}": no workload's name contains this.`, {
      next: `one of: ${names}`,
    });
  }
  await setup();
  await buildWorker();
  await step("Load generator", buildLoadGenerator);
  const measured = await measureAll(chosen, runs, options);
  const found = figures(chosen, measured);
  console.log(`\n${terminalTable(chosen, found)}\n\n${shortfalls(found)}\n`);
  report(chosen, results(found), options);
  const wrong = faults(measured);
  if (wrong.length > 0) throw new Failure(`Some deliveries failed:\n${wrong.join("\n")}`);
}

/**
 * @param {import("./plan.mjs").Workload[]} chosen
 * @param {number} runs
 * @param {Options} options
 */
async function measureAll(chosen, runs, options) {
  const folder = mkdtempSync(join(tmpdir(), "validiant-bench-"));
  const started = performance.now();
  const line = progress(chosen, runs);
  try {
    const servers = await prepareServers(folder, { peersCompress: options.peersCompress ?? false });
    const plan = { servers, workloads: chosen, runs, deflate: options.deflate };
    return await measure(plan, line.show);
  } finally {
    line.end();
    rmSync(folder, { recursive: true, force: true });
    console.log(`Took ${duration(performance.now() - started)}.`);
  }
}

/**
 * @param {import("./plan.mjs").Workload[]} chosen
 * @param {import("./record.mjs").Results} found
 * @param {Options} options
 */
function report(chosen, found, { json, record }) {
  if (!pinned)
    console.log(
      "The server and the load generator shared their cores, because taskset is not available.",
    );
  if (json !== undefined) writeJson(json, found);
  if (record) recordPage(chosen, found);
}
