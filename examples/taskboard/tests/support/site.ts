/** The whole app on ports of its own: the real realtime server, the API on its own database, the built board. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { createDocuments, type Documents } from "@validiant/realtime/server";
import { Hono } from "hono";
import { sign } from "hono/jwt";
import { build } from "vite";
import { Runtime } from "../../../../tests/support/runtime.ts";
import { createApp } from "../../api/app.ts";
import { newDatabase } from "./database.ts";
import { partsFor } from "./parts.ts";

export const SECRET = "secret-of-the-taskboard-tests";
export const JWT_SECRET = "a secret of at least 32 bytes, for the tests";
const BOARD = join(import.meta.dirname, "../../board");

export interface Site {
  /** Where the page and the API are. */
  url: string;
  runtime: Runtime;
  documents: Documents;
  close(): Promise<void>;
}

export async function startSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), "taskboard-"));
  const [runtime, database] = await Promise.all([
    Runtime.start({
      vars: {
        BROADCAST_SECRET: SECRET,
        JWT_SECRET,
        CLIENT_EVENTS: "on",
        DOCUMENT_CHANGED_EVENTS: "on",
      },
    }),
    newDatabase(),
    buildBoard(folder),
  ]);
  const server = { url: runtime.url, secret: SECRET };
  const parts = partsFor(database, server);
  const app = createApp({
    ...parts,
    realtimeUrl: runtime.url,
    jwtSecret: JWT_SECRET,
  });
  const web = await listen(new Hono().route("/", app).use(serveStatic({ root: folder })));
  return {
    url: web.url,
    runtime,
    documents: createDocuments(server),
    async close() {
      web.close();
      await parts.outbox.flush();
      await Promise.all([database.close(), runtime.stop(), rm(folder, { recursive: true })]);
    },
  };
}

/** A token for a room with these permissions, as another API might give it. */
export function tokenFor(userId: string, room: string, permissions: string[]): Promise<string> {
  const exp = Math.floor(Date.now() / 1_000) + 600;
  return sign({ sub: userId, projects: [room], permissions, exp }, JWT_SECRET, "HS256");
}

async function buildBoard(outDir: string): Promise<void> {
  const configFile = join(BOARD, "vite.config.ts");
  await build({ configFile, logLevel: "error", build: { outDir, minify: false } });
}

function listen(app: Hono): Promise<{ url: string; close: () => void }> {
  return new Promise((resolve) => {
    const options = { fetch: app.fetch, port: 0, hostname: "127.0.0.1" };
    const server = serve(options, ({ port }) =>
      resolve({ url: `http://127.0.0.1:${port}`, close: () => server.close() }),
    );
  });
}
