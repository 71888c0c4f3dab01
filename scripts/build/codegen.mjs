/** Generates docs/errors and TypeScript modules of the npm package from the core (crates/codegen). */

import { show } from "../common/commands.mjs";
import { Failure } from "../common/failure.mjs";
import { main } from "../common/main.mjs";
import { readOptions } from "../common/options.mjs";
import { setup } from "../setup/setup.mjs";
import { rustEnv } from "../setup/toolchain.mjs";

const HELP = "npm run codegen                      writes the generated files; takes no options";

await main(async () => {
  if (!readOptions({ help: HELP, options: {} })) return;
  await setup();
  const args = ["run", "--quiet", "-p", "validiant-codegen"];
  if (!(await show("cargo", args, rustEnv()))) throw new Failure("\nNothing was written.");
});
