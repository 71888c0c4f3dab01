/** One line that shows what is being measured and the progress; in a log, one line for each workload. */

import { duration } from "../scripts/common/steps.ts";

const live = process.stderr.isTTY === true;

/**
 * @param {import("./plan.mjs").Workload[]} workloads
 * @param {number} runs
 */
export function progress(workloads, runs) {
  const started = performance.now();
  const names = workloads.map(({ name }) => name);
  let shown = "";
  return {
    /** @param {import("./measure.mjs").Doing} doing */
    show({ workload, server, run }) {
      const place = `${names.indexOf(workload) + 1}/${names.length} ${workload}`;
      if (live) {
        const time = duration(performance.now() - started);
        const line = `… ${place} · run ${run + 1} of ${runs} · ${server} · ${time}`;
        process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns || 80) - 1)}`);
      } else if (shown !== workload) {
        process.stderr.write(`... ${place}\n`);
      }
      shown = workload;
    },
    end() {
      if (live) process.stderr.write("\r\x1b[2K");
    },
  };
}
