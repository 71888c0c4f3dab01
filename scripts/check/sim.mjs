/**
 * Runs the simulator of rooms, clients, backends and faults (crates/sim).
 *
 *     npm run sim -- --steps N --seed S
 *     npm run sim -- --help
 */

import { show } from "../common/commands.mjs";
import { Failure } from "../common/failure.mjs";
import { main } from "../common/main.mjs";
import { setup } from "../setup/setup.mjs";
import { rustEnv } from "../setup/toolchain.mjs";

// A panicking room is a failure to shrink like any other, so a panic must not end the process.
const PROFILE = ["--profile", "load", "--config", 'profile.load.panic="unwind"'];

await main(async () => {
  await setup();
  const args = ["run", "--quiet", ...PROFILE, "--package", "validiant-sim", "--"];
  if (!(await show("cargo", [...args, ...process.argv.slice(2)], rustEnv()))) {
    throw new Failure("\nThe simulator has failed.");
  }
});
