/** Prints the secret of local development, for a command that broadcasts: `npm run -s secret`. */

import { Failure } from "../common/failure.ts";
import { readDevVars } from "./dev-vars.ts";

export default async (): Promise<void> => {
  const { BROADCAST_SECRET } = readDevVars();
  if (!BROADCAST_SECRET)
    throw new Failure("There is no BROADCAST_SECRET in .dev.vars yet.", { next: "npm run dev" });
  console.log(BROADCAST_SECRET);
};
