/** Turns measurements into the figures of a report: medians, spreads, and ratios of measurements taken in turn. */

/** What each server is called, in the order of the columns. */
export const SERVERS = {
  ours: "ours",
  js: "JavaScript",
  jsHistory: "JavaScript with history",
  partyserver: "partyserver",
  without: "ours without history",
};

/** What ours is compared with. */
export const OTHERS = /** @type {const} */ (["js", "jsHistory", "partyserver", "without"]);

/** A ratio that is worse than this is listed. */
const WORSE = 1.1;

/** @typedef {keyof typeof SERVERS} Server */
/** @typedef {typeof OTHERS[number]} Other */

/**
 * @typedef {object} Reported one figure of one workload
 * @property {string} workload
 * @property {string} metric
 * @property {string} label
 * @property {"less" | "more"} better
 * @property {boolean} headline
 * @property {number} count how often it was measured with each server
 * @property {Record<Server, number | null>} medians
 * @property {Record<Server, [number, number] | null>} spreads the least and the most
 * @property {Record<Other, number | null>} ratios ours to the others: the median of the ratios of measurements that
 *   were taken in turn
 */

/**
 * @param {import("./plan.mjs").Workload[]} workloads
 * @param {import("./measure.mjs").Measured[]} measured
 * @returns {Reported[]}
 */
export function figures(workloads, measured) {
  return workloads.flatMap(({ name, figures }) =>
    figures.map((figure) => report(figure, valuesOf(name, figure.metric, measured), name)),
  );
}

/**
 * The values of each server, in the order in which they were measured.
 * @param {string} workload
 * @param {string} metric
 * @param {import("./measure.mjs").Measured[]} measured
 */
function valuesOf(workload, metric, measured) {
  const own = measured.filter((one) => one.workload === workload);
  return record(keys(SERVERS), (server) =>
    own
      .filter((one) => one.server === server)
      .map(({ metrics }) => /** @type {number} */ (metrics[metric])),
  );
}

/**
 * @param {import("./plan.mjs").Figure} figure
 * @param {Record<Server, number[]>} values
 * @param {string} workload
 * @returns {Reported}
 */
function report({ metric, label, better, headline = false }, values, workload) {
  return {
    workload,
    metric,
    label,
    better,
    headline,
    count: values.ours.length,
    medians: record(keys(SERVERS), (server) => median(values[server])),
    spreads: record(keys(SERVERS), (server) => spread(values[server])),
    ratios: record(OTHERS, (other) => median(ratios(values.ours, values[other]))),
  };
}

/**
 * The figures of which ours is more than a tenth worse than another server's.
 * @param {Reported[]} figures
 * @param {Other} other
 */
export function worse(figures, other) {
  return figures.filter(({ better, ratios: { [other]: ratio } }) => {
    if (ratio === null) return false;
    return rounded(better === "less" ? ratio : 1 / ratio) > WORSE;
  });
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

/** As it is printed. @param {number} ratio */
function rounded(ratio) {
  return Math.round(ratio * 100) / 100;
}

/** @param {number[]} ours @param {number[]} theirs */
function ratios(ours, theirs) {
  const inTurn = Math.min(ours.length, theirs.length);
  return theirs.slice(0, inTurn).map((value, index) => /** @type {number} */ (ours[index]) / value);
}

/** @param {number[]} values */
export function median(values) {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) / 2, sorted.length / 2 + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/**
 * @param {number[]} values
 * @returns {[number, number] | null}
 */
function spread(values) {
  return values.length === 0 ? null : [Math.min(...values), Math.max(...values)];
}

/**
 * @template {string} Name
 * @template Value
 * @param {readonly Name[]} names
 * @param {(name: Name) => Value} make
 */
function record(names, make) {
  const entries = names.map((name) => [name, make(name)]);
  return /** @type {Record<Name, Value>} */ (Object.fromEntries(entries));
}

/**
 * @template {string} Name
 * @param {Record<Name, unknown>} record
 */
function keys(record) {
  return /** @type {Name[]} */ (Object.keys(record));
}
