/** Turns measurements into the figures of a report: medians, spreads, and ratios of measurements taken in turn. */

/**
 * @typedef {object} Reported one figure of one workload
 * @property {string} name
 * @property {string} workload
 * @property {string} label
 * @property {"less" | "more"} better
 * @property {boolean} headline
 * @property {number | null} ours median, and so on
 * @property {number | null} js
 * @property {number | null} partyserver
 * @property {number | null} history ours, keeping a history
 * @property {number | null} ratio_js ours / js: the median of the ratios of measurements that were taken in turn
 * @property {number | null} ratio_partyserver
 * @property {number | null} ratio_history history / ours: what it costs to keep one
 * @property {Record<string, [number, number]>} spread the least and the most, by server
 */

/**
 * @param {import("./plan.mjs").Workload[]} workloads
 * @param {import("./measure.mjs").Measured[]} measured
 * @returns {Reported[]}
 */
export function figures(workloads, measured) {
  return workloads.flatMap(({ name, figures }) =>
    figures.map(({ metric, label, better, headline = false }) => {
      const of = (/** @type {string} */ server) =>
        measured
          .filter((one) => one.workload === name && one.server === server)
          .map(({ metrics }) => /** @type {number} */ (metrics[metric]));
      const [ours, js, partyserver] = [of("ours"), of("js"), of("partyserver")];
      const history = of("history");
      return {
        name: `${name}: ${label}`,
        workload: name,
        label,
        better,
        headline,
        ours: median(ours),
        js: median(js),
        partyserver: median(partyserver),
        history: median(history),
        ratio_js: median(ratios(ours, js)),
        ratio_partyserver: median(ratios(ours, partyserver)),
        ratio_history: median(ratios(history, ours)),
        spread: spreads({ ours, js, partyserver, history }),
      };
    }),
  );
}

/**
 * What went wrong, one line for each measurement that does not count.
 * @param {import("./measure.mjs").Measured[]} measured
 */
export function faults(measured) {
  return measured.flatMap(({ workload, server, faults }) => {
    const wrong = Object.entries(faults).filter(([, count]) => count > 0);
    const list = wrong.map(([fault, count]) => `${count} ${fault.replaceAll("_", " ")}`);
    return list.length > 0 ? [`${workload}, ${server}: ${list.join(", ")}`] : [];
  });
}

/** @param {number[]} ours @param {number[]} theirs */
function ratios(ours, theirs) {
  const inTurn = Math.min(ours.length, theirs.length);
  return theirs.slice(0, inTurn).map((value, index) => /** @type {number} */ (ours[index]) / value);
}

/** @param {number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** @param {Record<string, number[]>} servers */
function spreads(servers) {
  const some = Object.entries(servers).filter(([, values]) => values.length > 0);
  return Object.fromEntries(
    some.map(([server, values]) => [
      server,
      /** @type {[number, number]} */ ([Math.min(...values), Math.max(...values)]),
    ]),
  );
}
