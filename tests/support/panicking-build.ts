/** The test build in which a room can be made to panic (src/room/planted_panic.rs). */

import { buildWorker } from "../../scripts/build.mjs";
import { REMOTE } from "./target.ts";

const FOLDER = "build-panic";

/** Builds it unless it is up to date. Answers its folder. */
export async function panickingBuild(): Promise<string> {
  if (!REMOTE) await buildWorker({ features: "planted-panic", outDir: FOLDER, name: "Test build" });
  return FOLDER;
}
