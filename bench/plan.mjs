/** The workloads, full and quick, and which of their figures are reported. */

/**
 * @typedef {object} Figure
 * @property {string} metric as the load generator calls it
 * @property {string} label with its unit
 * @property {"less" | "more"} better
 * @property {boolean} [headline] whether it is in the chart
 */

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} about one line for people
 * @property {Record<string, unknown>} shape as the load generator takes it (bench/src/plan.rs)
 * @property {number} [slices] how often in each run all servers, up at once, are measured in turn; absent if there
 *   are too many sockets for that, or if each measurement needs its own process
 * @property {number} [runs] fewer than usual, if each takes long
 * @property {string[]} [only] the servers that take part; by default those that do the same job
 * @property {Figure[]} figures
 */

/** @type {Record<string, Figure>} */
const FIGURES = {
  cpuBroadcast: { metric: "CPU µs/broadcast", label: "CPU µs per broadcast", better: "less" },
  cpuAlone: {
    metric: "CPU µs/broadcast alone",
    label: "CPU µs per broadcast, one at a time",
    better: "less",
  },
  cpuDelivery: { metric: "CPU µs/delivery", label: "CPU µs per delivery", better: "less" },
  broadcasts: { metric: "broadcasts/s", label: "broadcasts/s", better: "more" },
  deliveries: { metric: "deliveries/s", label: "deliveries/s", better: "more" },
  p50: { metric: "p50 ms", label: "p50 ms to last delivery, one at a time", better: "less" },
  p99: { metric: "p99 ms", label: "p99 ms to last delivery, one at a time", better: "less" },
  p99Load: { metric: "p99 ms under load", label: "p99 ms to last delivery", better: "less" },
  p99Burst: { metric: "p99 ms", label: "p99 ms to last delivery", better: "less" },
  cpuConnect: { metric: "CPU µs/connect", label: "CPU µs per connect", better: "less" },
  connects: { metric: "connects/s", label: "connects/s", better: "more" },
  memory: { metric: "memory KB/socket", label: "memory KB per socket", better: "less" },
  cpu: { metric: "CPU ms", label: "CPU ms", better: "less" },
  allBack: { metric: "ms until all are back", label: "ms until all are back", better: "less" },
  firstAfter: { metric: "first broadcast ms", label: "ms of the first broadcast", better: "less" },
  lastDelivery: { metric: "ms to last delivery", label: "ms to last delivery", better: "less" },
  start: { metric: "ms from start to answer", label: "ms from start to answer", better: "less" },
};

const { cpuBroadcast, cpuAlone, cpuDelivery, broadcasts, deliveries, p50, p99, p99Load } = FIGURES;

/** @param {(Figure | undefined)[]} figures the first of them is in the chart */
function reported(...figures) {
  const [first, ...rest] = /** @type {Figure[]} */ (figures);
  return [{ .../** @type {Figure} */ (first), headline: true }, ...rest];
}

const SMALL = reported(cpuBroadcast, cpuAlone, broadcasts, p50, p99, p99Load);
const LARGE = reported(cpuDelivery, cpuAlone, deliveries, p50, p99, p99Load);
const BURST = reported(cpuDelivery, deliveries, FIGURES.p99Burst);

/** A client can open 20,000 files here, and each socket is one. */
const MOST_SOCKETS_AT_ONCE = 18_000;
/** The servers that do the same job: without a history. */
const SAME_JOB = ["ours", "js", "partyserver"];
const WITH_HISTORY = [...SAME_JOB, "history"];

/**
 * @param {{ quick: boolean, largest: number }} size `largest`: sockets in the largest room
 * @returns {Workload[]}
 */
export function workloads({ quick, largest }) {
  const all = [...steady({ quick, largest }), ...bursts(quick), ...comings({ quick, largest })];
  return all.map((workload) => ({ only: SAME_JOB, ...workload }));
}

/**
 * @param {{ quick: boolean, largest: number }} size
 * @returns {Workload[]}
 */
function steady({ quick, largest }) {
  const rooms = quick ? 100 : 1000;
  const seconds = quick ? 0.3 : 1;
  /** @param {string} name @param {number} count @param {number} sockets @param {Figure[]} figures */
  const room = (name, count, sockets, figures, { excludes = true, only = SAME_JOB } = {}) => {
    const shape = { shape: "broadcast", rooms: count, sockets, seconds, excludes };
    const fits = only.length * count * sockets <= MOST_SOCKETS_AT_ONCE;
    const about = excludes ? "each event excludes one user" : "no event excludes anybody";
    return { name, about, shape, figures, only, ...(fits ? { slices: quick ? 1 : 3 } : {}) };
  };
  const all = [
    room(`${rooms} rooms of 5`, rooms, 5, SMALL),
    room("room of 5", 1, 5, SMALL, { only: WITH_HISTORY }),
    room("room of 100", 1, 100, SMALL),
    room("room of 1000", 1, 1000, LARGE, { only: WITH_HISTORY }),
    room("room of 1000, nobody excluded", 1, 1000, LARGE, { excludes: false }),
    room(`room of ${largest}`, 1, largest, LARGE),
  ];
  return quick ? all.slice(0, 4) : all;
}

/**
 * @param {boolean} quick
 * @returns {Workload[]}
 */
function bursts(quick) {
  const shape = { shape: "burst", sockets: quick ? 300 : 1000, events: 50, rounds: 2 };
  const slices = quick ? 1 : 2;
  const few = quick ? { runs: 2 } : {};
  return [
    {
      name: "burst, several events a frame",
      about: `50 events at once into ${shape.sockets} sockets that ask for batches`,
      shape: { ...shape, batch: true },
      slices,
      ...few,
      figures: BURST,
    },
    {
      name: "burst, an event a frame",
      about: `50 events at once into ${shape.sockets} sockets that take one event a frame`,
      shape: { ...shape, batch: false },
      slices,
      ...few,
      figures: BURST,
    },
  ];
}

/**
 * @param {{ quick: boolean, largest: number }} size
 * @returns {Workload[]}
 */
function comings({ quick, largest }) {
  const crowd = quick ? Math.min(largest, 1000) : largest;
  const few = quick ? { runs: 1 } : {};
  const { cpuConnect, connects, memory, cpu, allBack, firstAfter, lastDelivery, start } = FIGURES;
  return [
    {
      name: `${crowd} connects`,
      about: "anonymous, into one room, as fast as they go",
      shape: { shape: "connect", sockets: crowd, users: false, overMs: 0 },
      figures: reported(cpuConnect, connects, memory),
    },
    {
      name: "1000 connects in 1 s, anonymous",
      about: "the baseline for the presence storm",
      shape: { shape: "connect", sockets: 1000, users: false, overMs: 1000 },
      only: ["ours", "js"],
      ...few,
      figures: reported(cpuConnect),
    },
    {
      name: "1000 connects in 1 s, as many users",
      about: "the presence storm",
      shape: { shape: "connect", sockets: 1000, users: true, overMs: 1000 },
      only: ["ours", "js"],
      ...few,
      figures: reported(cpuConnect),
    },
    {
      name: "return after a restart",
      about: `all ${quick ? 200 : 1000} users of a room at once`,
      shape: { shape: "return", sockets: quick ? 200 : 1000 },
      ...few,
      figures: reported(cpu, allBack, firstAfter),
    },
    {
      name: "first broadcast after hibernation",
      about: "into 1000 sockets",
      shape: { shape: "wake", sockets: 1000 },
      slices: quick ? 1 : 2,
      ...few,
      figures: reported(cpu, lastDelivery),
    },
    {
      name: "first request of a process",
      about: "a broadcast into an empty room",
      shape: { shape: "firstRequest" },
      figures: reported(start, cpu),
    },
  ];
}
