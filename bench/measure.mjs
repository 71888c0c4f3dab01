/** Builds and runs the load generator, and returns what it measures. */

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Failure } from "../scripts/common/failure.ts";
import { ROOT, which } from "../scripts/common/paths.ts";
import { startProcess } from "../scripts/common/processes.ts";
import { WORKERD } from "../scripts/serve/workerd-config.ts";
import { rustEnv } from "../scripts/setup/toolchain.ts";
import { SECRET } from "./servers.mjs";

const PROFILE = "load";
const CRATE = "validiant-bench";
const SERVER_CORE = 0;
const CLIENT_CORE = 1;

/** @typedef {{ workload: string, server: string, run: number }} Doing */
/** @typedef {Doing & { metrics: Record<string, number>, faults: Record<string, number> }} Measured */

/** Whether the server and the load generator can each have their own core. */
export const pinned = which("taskset") !== undefined && availableParallelism() > 1;

/** @param {import("../scripts/common/steps.ts").Job} job */
export async function buildLoadGenerator(job) {
  await job.run("cargo", ["build", "--profile", PROFILE, "--package", CRATE], { env: rustEnv() });
}

/**
 * @param {object} plan
 * @param {import("./servers.mjs").Servers} plan.servers
 * @param {import("./plan.mjs").Workload[]} plan.workloads
 * @param {number} plan.runs
 * @param {boolean} plan.deflate whether clients offer permessage-deflate, as browsers do
 * @param {(doing: Doing) => void} onDoing
 */
export function measure({ servers, workloads, runs, deflate }, onDoing) {
  const all = workloads.map(({ name, only, servers: kind, runs: most = runs, slices, shape }) => {
    const takePart = servers[kind ?? "usual"].filter((server) => only?.includes(server.name));
    return { name, servers: takePart, runs: Math.min(most, runs), slices, ...shape };
  });
  return generate(all, deflate, onDoing);
}

/**
 * Runs the load generator.
 * @param {object[]} workloads as it takes them (bench/src/plan.rs)
 * @param {boolean} deflate
 * @param {(doing: Doing) => void} onDoing
 * @returns {Promise<Measured[]>}
 */
export async function generate(workloads, deflate, onDoing) {
  const [program = "", ...args] = [...on(CLIENT_CORE), join(ROOT, "target", PROFILE, CRATE)];
  const child = startProcess(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const plan = { workerd: WORKERD, prefix: on(SERVER_CORE), secret: SECRET, deflate, workloads };
  const [input, output] = [
    /** @type {import("node:stream").Writable} */ (child.stdin),
    /** @type {import("node:stream").Readable} */ (child.stdout),
  ];
  input.end(JSON.stringify(plan));
  const all = [];
  for await (const line of createInterface({ input: output })) {
    const { doing, measured } = JSON.parse(line);
    if (doing) onDoing(doing);
    if (measured) all.push(measured);
  }
  if ((await ended) !== 0) throw new Failure("The load generator failed; see its output above.");
  return all;
}

/** @param {number} core */
function on(core) {
  return pinned ? ["taskset", "--cpu-list", `${core}`] : [];
}
