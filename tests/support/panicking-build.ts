/** The test build in which a room can be made to panic, also where a test file is run by itself. */

import { buildWorker, PANICKING_BUILD } from "../../scripts/build/build.ts";
import { REMOTE } from "./target.ts";

/** Builds it unless it is up to date. Returns its folder. */
export async function panickingBuild(): Promise<string> {
  if (!REMOTE) await buildWorker(PANICKING_BUILD);
  return PANICKING_BUILD.outDir;
}
