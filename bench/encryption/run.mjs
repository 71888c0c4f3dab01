/** `npm run bench -- --encryption`: measures what encryption costs, and shows it. */

import { buildWorker } from "../../scripts/build/build.ts";
import { setup } from "../../scripts/setup/setup.ts";
import { machine, recordEncryption, writeJson } from "../record.mjs";
import { measureEncryption } from "./measure.mjs";
import { report } from "./report.mjs";

const COUNTS = { sealed: 2000, sent: 500, broadcasts: 2000 };
const QUICK = { sealed: 500, sent: 100, broadcasts: 500 };

/** @param {import("../run.mjs").Options} options */
export async function benchEncryption({ quick, json, record }) {
  await setup({ browser: true });
  await buildWorker();
  const measured = await measureEncryption(quick ? QUICK : COUNTS, (doing) =>
    process.stderr.write(`... ${doing}\n`),
  );
  const [date, tables] = [new Date().toISOString(), report(measured)];
  console.log(`\n${machine()}\n\n${tables}\n`);
  if (json !== undefined) writeJson(json, { date, machine: machine(), ...measured });
  if (record) recordEncryption(`Measured on ${date.slice(0, 10)} on ${machine()}.\n\n${tables}`);
}
