/**
 * Measures this server as shipped against a hand-written JavaScript object, with a history and without, against
 * partyserver, and against itself without a history, taking turns in one run on the same runtime. See HELP below.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildWorker } from "../scripts/build/build.mjs";
import { Failure } from "../scripts/common/failure.mjs";
import { main } from "../scripts/common/main.mjs";
import { readOptions } from "../scripts/common/options.mjs";
import { duration, step } from "../scripts/common/steps.mjs";
import { setup } from "../scripts/setup/setup.mjs";
import { faults, figures } from "./figures.mjs";
import { buildLoadGenerator, measure, pinned } from "./measure.mjs";
import { workloads } from "./plan.mjs";
import { progress } from "./progress.mjs";
import { recordPage, results, writeJson } from "./record.mjs";
import { prepareServers } from "./servers.mjs";
import { shortfalls } from "./summary.mjs";
import { terminalTable } from "./table.mjs";

const HELP = `npm run bench                        all workloads, 3 to 5 runs, 25 minutes
npm run bench -- --quick             smaller and at most 3 runs, 4 minutes
npm run bench -- --only "room of 5"  the workloads whose name contains this
  --runs N           how often each workload is measured with each server
  --sockets N        the largest room (9500: a process here can open 20,000 files, and workerd takes two a socket)
  --json FILE        also writes the results to this file
  --record           writes them into docs/performance.md, its chart and README.md
  --no-deflate       clients do not offer permessage-deflate, which browsers do
  --peers-compress   the peers compress, as the runtime does by default

All servers run in the same workerd, each in a process of its own, on one core; the load generator has another. Ours
is as shipped, with a history. Every delivery is checked: an event that is lost, duplicated, late or sent to an
excluded user fails the run.`;

const OPTIONS = /** @type {const} */ ({
  quick: { type: "boolean", default: false },
  only: { type: "string", default: "" },
  runs: { type: "string" },
  sockets: { type: "string", default: "9500" },
  json: { type: "string" },
  record: { type: "boolean" },
  "no-deflate": { type: "boolean", default: false },
  "peers-compress": { type: "boolean", default: false },
});

await main(async () => {
  const given = readOptions({ help: HELP, options: OPTIONS });
  if (!given) return;
  const { values } = given;
  const { quick } = values;
  const runs = count(values.runs ?? (quick ? "3" : "5"), "--runs");
  const all = workloads({ quick, largest: count(values.sockets, "--sockets") });
  const chosen = all.filter(({ name }) => name.includes(values.only));
  if (chosen.length === 0) {
    const names = all.map(({ name }) => name).join(", ");
    throw new Failure(`--only "${values.only}": no workload's name contains this.`, {
      next: `one of: ${names}`,
    });
  }
  await setup();
  await buildWorker();
  await step("Load generator", buildLoadGenerator);
  const measured = await measureAll(chosen, runs, values);
  const found = figures(chosen, measured);
  console.log(`\n${terminalTable(chosen, found)}\n\n${shortfalls(found)}\n`);
  report(chosen, results(found), values);
  const wrong = faults(measured);
  if (wrong.length > 0) throw new Failure(`Some deliveries failed:\n${wrong.join("\n")}`);
});

/**
 * @param {import("./plan.mjs").Workload[]} chosen
 * @param {number} runs
 * @param {{ "no-deflate": boolean, "peers-compress": boolean }} options
 */
async function measureAll(chosen, runs, options) {
  const folder = mkdtempSync(join(tmpdir(), "validiant-bench-"));
  const started = performance.now();
  const line = progress(chosen, runs);
  try {
    const servers = await prepareServers(folder, { peersCompress: options["peers-compress"] });
    const plan = { servers, workloads: chosen, runs, deflate: !options["no-deflate"] };
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
 * @param {{ json?: string | undefined, record?: boolean | undefined }} options
 */
function report(chosen, found, { json, record }) {
  if (!pinned)
    console.log(
      "The server and the load generator shared their cores, because taskset is not available.",
    );
  if (json !== undefined) writeJson(json, found);
  if (record) recordPage(chosen, found);
}

/** @param {string} text @param {string} option */
function count(text, option) {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Failure(`${option} ${text}: must be a whole number from 1.`);
}
