/** The commands that prepare the machine and then run one program, which shows its own output. */

import { buildWorker } from "../build/build.ts";
import { buildConsole } from "../build/console.ts";
import { Failure } from "../common/failure.ts";
import type { Values } from "../common/options.ts";
import { show } from "../common/programs.ts";
import { setup } from "../setup/setup.ts";
import { rustEnv } from "../setup/toolchain.ts";

// A panicking room is a failure to shrink like any other, so a panic must not end the process.
const UNWINDING = ["--profile", "load", "--config", 'profile.load.panic="unwind"'];

/** By command: arguments for cargo, or the file that Node runs against the built Worker. */
const PROGRAMS: Record<string, string[] | string> = {
  codegen: ["-p", "validiant-codegen"],
  sim: [...UNWINDING, "-p", "validiant-sim", "--"],
  chaos: "tests/chaos/run.ts",
  hostile: "tests/hostile/run.ts",
  screenshots: "tests/console/screenshots.ts",
  "soak:documents": "tests/documents/differential/run.ts",
  "sim:offline": "packages/realtime/tests/offline/sim/run.ts",
};
/** They need no Worker. */
const ALONE = ["sim:offline"];

export default async (options: Values, rest: string[], name: string): Promise<void> => {
  const program = PROGRAMS[name] ?? [];
  await setup({ browser: name === "screenshots" });
  if (typeof program === "string" && !ALONE.includes(name)) {
    await buildWorker();
    await buildConsole();
  }
  const given = Object.values(options).map(String);
  const succeeded =
    typeof program === "string"
      ? await show(process.execPath, [program, ...given], process.env)
      : await show("cargo", ["run", "--quiet", ...program, ...rest], rustEnv());
  if (!succeeded) throw new Failure(`\nnpm run ${name} has failed.`);
};
