/** Writes docs/errors and packages/realtime/src/codes.ts from the registries of codes in crates/core/src. */

import { show } from "./commands.mjs";
import { Failure } from "./failure.mjs";
import { main } from "./main.mjs";
import { setup } from "./setup.mjs";
import { rustEnv } from "./toolchain.mjs";

await main(async () => {
  await setup();
  const args = ["run", "--quiet", "-p", "validiant-core", "--example", "codes"];
  if (!(await show("cargo", args, rustEnv()))) throw new Failure("\nThe codes were not written.");
});
