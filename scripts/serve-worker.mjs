/** The built Worker in the real runtime, without wrangler, for a script that needs a server. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Failure } from "./failure.mjs";
import { ROOT } from "./paths.mjs";

/**
 * Serves it on a port of its own until `stop` is called, and to the end of this process at most.
 * @param {string} folder an empty one, for its config and storage
 * @param {Record<string, string>} vars of the Worker, by name
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>} once it listens
 */
export async function serveWorker(folder, vars) {
  // Only set up gets it.
  const { WORKERD, workerdConfig } = await import("./workerd-config.mjs");
  const modules = ["index.js", "index_bg.wasm"].map((file) => join(ROOT, "build", file));
  const config = join(folder, "config.capnp");
  mkdirSync(join(folder, "storage"), { recursive: true });
  writeFileSync(
    config,
    workerdConfig({ folder, modules, className: "ProjectRoom", binding: "ROOMS", vars }),
  );
  const args = ["serve", "--experimental", config, "--socket-addr=http=127.0.0.1:0"];
  const child = spawn(WORKERD, [...args, "--control-fd=3"], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const gone = once(child, "exit");
  const stop = async () => {
    process.off("exit", kill);
    kill();
    await gone;
  };
  return { url: `http://127.0.0.1:${await portOf(child)}`, stop };
}

/**
 * @param {import("node:child_process").ChildProcess} workerd
 * @returns {Promise<number>}
 */
function portOf(workerd) {
  return new Promise((resolve, reject) => {
    workerd.once("exit", (code) => reject(new Failure(`workerd ended with code ${code}.`)));
    const control = createInterface({
      input: /** @type {import("node:stream").Readable} */ (workerd.stdio[3]),
    });
    control.on("line", (line) => {
      const { event, port } = JSON.parse(line);
      if (event === "listen") resolve(port);
    });
  });
}
