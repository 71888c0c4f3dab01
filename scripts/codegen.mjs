/** Writes what others know of the core: docs/errors, and TypeScript modules of the npm package (crates/codegen). */

import { show } from "./commands.mjs";
import { Failure } from "./failure.mjs";
import { main } from "./main.mjs";
import { setup } from "./setup.mjs";
import { rustEnv } from "./toolchain.mjs";

await main(async () => {
  await setup();
  const args = ["run", "--quiet", "-p", "validiant-codegen"];
  if (!(await show("cargo", args, rustEnv()))) throw new Failure("\nNothing was written.");
});
