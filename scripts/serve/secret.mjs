/** Prints the secret of local development, for a command that broadcasts: `npm run -s secret`. */

import { Failure } from "../common/failure.mjs";
import { main } from "../common/main.mjs";
import { readOptions } from "../common/options.mjs";
import { readDevVars } from "./dev-vars.mjs";

const HELP = "npm run -s secret                    prints the secret; takes no options";

await main(async () => {
  if (!readOptions({ help: HELP, options: {} })) return;
  const { BROADCAST_SECRET } = readDevVars();
  if (!BROADCAST_SECRET)
    throw new Failure("There is no BROADCAST_SECRET in .dev.vars yet.", { next: "npm run dev" });
  console.log(BROADCAST_SECRET);
});
