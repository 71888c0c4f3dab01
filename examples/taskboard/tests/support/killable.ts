/** An API in a process of its own, which can be killed. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { emptyDatabase } from "./database.ts";
import { JWT_SECRET, SECRET, type Site } from "./site.ts";

const MAIN = join(import.meta.dirname, "../../api/main.ts");

export interface KillableApi {
  url: string;
  /** Ends it at once: it can finish nothing. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and database. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an API that uses the site's realtime server. */
export async function startKillableApi(site: Site): Promise<KillableApi> {
  const [folder, port] = await Promise.all([emptyDatabase(), freePort()]);
  const env = {
    ...process.env,
    PORT: `${port}`,
    REALTIME_URL: site.runtime.url,
    BROADCAST_SECRET: SECRET,
    JWT_SECRET,
    DATA_FOLDER: folder,
  };
  let child: ChildProcess;
  const start = async () => {
    child = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "inherit"] });
    // It says when it listens.
    if (child.stdout) await once(child.stdout, "data");
  };
  const kill = async () => {
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  };
  await start();
  return {
    url: `http://localhost:${port}`,
    kill,
    start,
    async close() {
      await kill();
      await rm(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
