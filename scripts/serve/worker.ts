/** The built Worker in the real runtime, without wrangler, for a command that needs a server. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../common/paths.ts";
import { endProcess, startProcess } from "../common/processes.ts";
import { listeningPort, ownWorker, WORKERD, workerdConfig } from "./workerd-config.ts";

/**
 * Serves it on its own port until `stop` is called or this process ends. The folder is an empty one, for its config and
 * storage.
 */
export async function serveWorker(
  folder: string,
  vars: Record<string, unknown>,
  isBound: (binding: string) => boolean = () => true,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const config = join(folder, "config.capnp");
  mkdirSync(join(folder, "storage"), { recursive: true });
  const { modules, objects } = ownWorker(join(ROOT, "build"));
  const bound = objects.map(({ className, binding }) =>
    isBound(binding) ? { className, binding } : { className },
  );
  writeFileSync(config, workerdConfig({ folder, modules, objects: bound, vars }));
  const args = ["serve", "--experimental", config, "--socket-addr=http=127.0.0.1:0"];
  const child = startProcess(WORKERD, [...args, "--control-fd=3"], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  const port = await listeningPort(child);
  return { url: `http://127.0.0.1:${port}`, stop: () => endProcess(child) };
}
