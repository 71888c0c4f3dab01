/** `npm run bench -- --grown`: measures a room that has grown over several objects against the same room in one. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildWorker } from "../../scripts/build/build.ts";
import { Failure } from "../../scripts/common/failure.ts";
import { step } from "../../scripts/common/steps.ts";
import { setup } from "../../scripts/setup/setup.ts";
import { faults } from "../figures.mjs";
import { buildLoadGenerator, generate } from "../measure.mjs";
import { machine, recordGrown, writeJson } from "../record.mjs";
import { ourServer } from "../servers.mjs";
import { report } from "./report.mjs";

const NAME = "a crowd";
/** What a place holds before the room grows: with this share of all sockets there are eight places in the end. */
const SHARE = 1 / 7.9;
/** More than the room has. */
const ALL_IN_ONE = 30_000;
const FULL = { lone: 60, bursts: 2, events: 10 };
const QUICK = { lone: 20, bursts: 1, events: 5 };

/** @param {import("../run.mjs").Options} options */
export async function benchGrown({ quick, sockets, runs = 1, deflate, json, record }) {
  await setup();
  await buildWorker();
  await step("Load generator", buildLoadGenerator);
  const folder = mkdtempSync(join(tmpdir(), "validiant-bench-grown-"));
  try {
    const room = { ROOM_SOCKETS_MAX: `${ALL_IN_ONE}`, USER_SOCKETS_MAX: "20" };
    const share = Math.ceil(sockets * SHARE);
    const servers = Object.entries({ one: ALL_IN_ONE, grown: share }).map(([name, sockets]) => {
      const settings = { ...room, LEAF_SOCKETS: `${sockets}` };
      return { ...ourServer(join(folder, name), settings), name };
    });
    const shape = { shape: "crowd", sockets, ...(quick ? QUICK : FULL) };
    // Both are up at once: they get the same conditions, and take turns.
    const workload = { name: NAME, servers, runs, slices: quick ? 1 : 2, ...shape };
    const measured = await generate([workload], deflate, ({ server }) =>
      process.stderr.write(`... ${server}\n`),
    );
    const [date, tables] = [new Date().toISOString(), report(shape, measured)];
    console.log(`\n${machine()}\n\n${tables}\n`);
    if (json !== undefined) writeJson(json, { date, machine: machine(), shape, measured });
    const wrong = faults(measured);
    if (wrong.length > 0) throw new Failure(`Some deliveries failed:\n${wrong.join("\n")}`);
    if (record) recordGrown(`Measured on ${date.slice(0, 10)} on ${machine()}.\n\n${tables}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
