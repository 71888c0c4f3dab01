/** The built Worker in the real runtime, without wrangler, for a script that needs a server. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../common/paths.mjs";
import { endProcess, startProcess } from "../common/processes.mjs";

/**
 * Serves it on its own port until `stop` is called or this process ends.
 * @param {string} folder an empty one, for its config and storage
 * @param {Record<string, unknown>} vars of the Worker, by name
 * @param {{ hasRooms?: boolean }} [options] whether it is bound to its rooms
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>} once it listens
 */
export async function serveWorker(folder, vars, { hasRooms = true } = {}) {
  // Only there after setup.
  const { listeningPort, ownWorker, WORKERD, workerdConfig } = await import("./workerd-config.mjs");
  const config = join(folder, "config.capnp");
  mkdirSync(join(folder, "storage"), { recursive: true });
  const { binding, ...worker } = ownWorker(join(ROOT, "build"));
  const bound = hasRooms ? { binding } : {};
  writeFileSync(config, workerdConfig({ folder, ...worker, ...bound, vars }));
  const args = ["serve", "--experimental", config, "--socket-addr=http=127.0.0.1:0"];
  const child = startProcess(WORKERD, [...args, "--control-fd=3"], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  const port = await listeningPort(child);
  return { url: `http://127.0.0.1:${port}`, stop: () => endProcess(child) };
}
