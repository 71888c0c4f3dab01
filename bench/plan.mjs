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
 * @property {number} [runs] at most so many, if each takes long
 * @property {import("./figures.mjs").Server[]} [only] the servers that take part; by default the most usual three
 * @property {keyof import("./servers.mjs").Servers} [servers] which of them take part, `usual` by default
 * @property {Figure[]} figures
 */

/** @type {Record<string, Figure>} */
const FIGURES = {
  cpuLoad: {
    metric: "CPU µs/broadcast",
    label: "CPU µs per broadcast, under load",
    better: "less",
  },
  cpuAlone: {
    metric: "CPU µs/broadcast alone",
    label: "CPU µs per broadcast, one at a time",
    better: "less",
  },
  cpuKeystroke: { metric: "CPU µs/keystroke", label: "CPU µs per keystroke", better: "less" },
  cpuDelivery: { metric: "CPU µs/delivery", label: "CPU µs per delivery", better: "less" },
  broadcasts: { metric: "broadcasts/s", label: "broadcasts/s", better: "more" },
  deliveries: { metric: "deliveries/s", label: "deliveries/s", better: "more" },
  p50: { metric: "p50 ms", label: "p50 ms to last delivery, one at a time", better: "less" },
  p99: { metric: "p99 ms", label: "p99 ms to last delivery, one at a time", better: "less" },
  cpuSingle: {
    metric: "CPU µs/broadcast after a pause",
    label: "CPU µs per broadcast, after a pause",
    better: "less",
  },
  p50Single: {
    metric: "p50 ms after a pause",
    label: "p50 ms to last delivery, after a pause",
    better: "less",
  },
  answerSingle: {
    metric: "p50 ms to answer after a pause",
    label: "p50 ms to answer, after a pause",
    better: "less",
  },
  p50Load: {
    metric: "p50 ms under load",
    label: "p50 ms to last delivery, under load",
    better: "less",
  },
  p99Load: {
    metric: "p99 ms under load",
    label: "p99 ms to last delivery, under load",
    better: "less",
  },
  answerLoad: {
    metric: "p50 ms to answer under load",
    label: "p50 ms to answer, under load",
    better: "less",
  },
  p99Last: { metric: "p99 ms", label: "p99 ms to last delivery", better: "less" },
  elsewhereRatio: {
    metric: "p99 elsewhere, ratio",
    label: "p99 of broadcasts to the other rooms, relative to while nobody moves",
    better: "less",
  },
  p99Elsewhere: {
    metric: "p99 ms elsewhere",
    label: "p99 ms of broadcasts to the other rooms",
    better: "less",
  },
  p99ElsewhereWithout: {
    metric: "p99 ms elsewhere without pointers",
    label: "p99 ms of the same while nobody moves",
    better: "less",
  },
  p50Elsewhere: {
    metric: "p50 ms elsewhere",
    label: "p50 ms of broadcasts to the other rooms",
    better: "less",
  },
  p50ElsewhereWithout: {
    metric: "p50 ms elsewhere without pointers",
    label: "p50 ms of the same while nobody moves",
    better: "less",
  },
  p50Last: { metric: "p50 ms", label: "p50 ms to last delivery", better: "less" },
  cpuConnect: { metric: "CPU µs/connect", label: "CPU µs per connect", better: "less" },
  connects: { metric: "connects/s", label: "connects/s", better: "more" },
  memory: { metric: "memory KB/socket", label: "memory KB per socket", better: "less" },
  cpu: { metric: "CPU ms", label: "CPU ms", better: "less" },
  allBack: { metric: "ms until all are back", label: "ms until all are back", better: "less" },
  firstAfter: { metric: "first broadcast ms", label: "ms of the first broadcast", better: "less" },
  lastDelivery: { metric: "ms to last delivery", label: "ms to last delivery", better: "less" },
  start: { metric: "ms from start to answer", label: "ms from start to answer", better: "less" },
};

const { cpuLoad, cpuAlone, cpuDelivery, broadcasts, deliveries } = FIGURES;
const { p50, p99, p50Load, p99Load, answerLoad, cpuSingle, p50Single, answerSingle } = FIGURES;

/** @param {(Figure | undefined)[]} figures the first of them is in the chart */
function reported(...figures) {
  const [first, ...rest] = /** @type {Figure[]} */ (figures);
  return [{ .../** @type {Figure} */ (first), headline: true }, ...rest];
}

const TIMES = [p50, p99, p50Load, p99Load, answerLoad];
const SINGLE = [cpuSingle, p50Single, answerSingle];
const SMALL = [...reported(cpuLoad), ...reported(cpuAlone, broadcasts, ...TIMES, ...SINGLE)];
const LARGE = [...reported(cpuDelivery), ...reported(cpuAlone, deliveries, ...TIMES)];
const BURST = reported(cpuDelivery, deliveries, FIGURES.p99Last);
const POINTERS = reported(
  cpuDelivery,
  FIGURES.p50Last,
  FIGURES.p99Last,
  FIGURES.elsewhereRatio,
  FIGURES.p99Elsewhere,
  FIGURES.p99ElsewhereWithout,
  FIGURES.p50Elsewhere,
  FIGURES.p50ElsewhereWithout,
);

/** How many single events, each after a pause, are measured in a turn. */
const SINGLES = 20;
/** How often what takes long is measured. */
const LONG_RUNS = 3;
/** A client can open 20,000 files here, and each socket is one. */
const MOST_SOCKETS_AT_ONCE = 18_000;
/** @type {import("./figures.mjs").Server[]} */
const SOME = ["ours", "js", "partyserver"];
/** @type {import("./figures.mjs").Server[]} */
const ALL = [...SOME, "jsHistory", "without"];

/**
 * @param {{ quick: boolean, largest: number }} size `largest`: sockets in the largest room
 * @returns {Workload[]}
 */
export function workloads({ quick, largest }) {
  const all = [
    ...steady({ quick, largest }),
    ...bursts(quick),
    pointers(quick),
    typing(quick),
    ...comings({ quick, largest }),
  ];
  return all.map((workload) => ({ only: SOME, ...workload }));
}

/**
 * @param {{ quick: boolean, largest: number }} size
 * @returns {Workload[]}
 */
function steady({ quick, largest }) {
  const seconds = quick ? 0.3 : 1;
  /** @param {string} name @param {number} count @param {number} sockets @param {Figure[]} figures */
  const room = (name, count, sockets, figures, { excludes = true, only = SOME } = {}) => {
    const singles = figures === SMALL ? (quick ? SINGLES / 2 : SINGLES) : 0;
    const shape = { shape: "broadcast", rooms: count, sockets, seconds, singles, excludes };
    const fits = only.length * count * sockets <= MOST_SOCKETS_AT_ONCE;
    const about = excludes ? "each event excludes one user" : "no event excludes anybody";
    return { name, about, shape, figures, only, ...(fits ? { slices: quick ? 1 : 3 } : {}) };
  };
  const most = [
    room("100 rooms of 5", 100, 5, SMALL, { only: ALL }),
    room("room of 5", 1, 5, SMALL, { only: ALL }),
    room("room of 100", 1, 100, SMALL),
    room("room of 1000", 1, 1000, LARGE, { only: ALL }),
  ];
  if (quick) return most;
  const larger = [
    room("1000 rooms of 5", 1000, 5, SMALL),
    room("room of 1000, nobody excluded", 1, 1000, LARGE, { excludes: false }),
    room(`room of ${largest}`, 1, largest, LARGE),
  ];
  return [...most, ...larger.map((workload) => ({ ...workload, runs: LONG_RUNS }))];
}

/**
 * @param {boolean} quick
 * @returns {Workload[]}
 */
function bursts(quick) {
  const shape = { shape: "burst", sockets: quick ? 300 : 1000, events: 50, rounds: 2 };
  const slices = quick ? 1 : 2;
  const few = { runs: quick ? 2 : LONG_RUNS };
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
 * @param {boolean} quick
 * @returns {Workload}
 */
function pointers(quick) {
  return {
    name: "20 people at 10 Hz in one room",
    about: "pointers as events of clients, and beside them broadcasts to ten rooms of 5",
    // Long enough that a collection of garbage does not decide the 99th percentile.
    shape: { shape: "pointers", people: 20, rooms: 10, sockets: 5, seconds: quick ? 1 : 8 },
    only: ["ours", "js", "jsHistory"],
    servers: "withClientEvents",
    slices: 1,
    runs: quick ? 2 : LONG_RUNS,
    figures: POINTERS,
  };
}

/**
 * @param {boolean} quick
 * @returns {Workload}
 */
function typing(quick) {
  return {
    name: "ten people type in one document",
    about:
      "five letters a second each, with carets and the echoes of stock clients; " +
      "the column partyserver is y-partyserver with onSave into SQLite",
    // Longer than both servers wait between two writes.
    shape: { shape: "typing", people: 10, seconds: quick ? 4 : 20 },
    only: ["ours", "partyserver"],
    servers: "withDocuments",
    slices: 1,
    runs: quick ? 2 : LONG_RUNS,
    figures: reported(FIGURES.cpuKeystroke, FIGURES.p50Last, FIGURES.p99Last),
  };
}

/**
 * @param {{ quick: boolean, largest: number }} size
 * @returns {Workload[]}
 */
function comings({ quick, largest }) {
  const crowd = quick ? Math.min(largest, 1000) : largest;
  const few = quick ? { runs: 2 } : {};
  const { cpuConnect, connects, memory, cpu, allBack, firstAfter, lastDelivery, start } = FIGURES;
  return [
    {
      name: `${crowd} connects`,
      about: "anonymous, into one room, as fast as they go",
      shape: { shape: "connect", sockets: crowd, users: false, overMs: 0 },
      ...(quick ? {} : { runs: LONG_RUNS }),
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
      about: "all 1000 users of a room at once",
      shape: { shape: "return", sockets: 1000 },
      only: ALL,
      ...few,
      figures: reported(cpu, allBack, firstAfter),
    },
    {
      name: "first broadcast after hibernation",
      about: "into 1000 sockets",
      shape: { shape: "wake", sockets: 1000 },
      only: ALL,
      slices: quick ? 1 : 2,
      ...few,
      figures: reported(cpu, lastDelivery),
    },
    {
      name: "first request of a process",
      about: "a broadcast into an empty room",
      shape: { shape: "firstRequest" },
      only: ALL,
      figures: reported(start, cpu),
    },
  ];
}
