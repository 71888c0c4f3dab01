/**
 * Serves the API. The environment has the realtime server's address and secrets: REALTIME_URL,
 * BROADCAST_SECRET, and JWT_SECRET unless the server is open. DATABASE_URL names a PostgreSQL server to
 * use. Without it, PGlite keeps its files in DATA_FOLDER.
 */

import { join } from "node:path";
import { serve } from "@hono/node-server";
import { createBroadcaster } from "@validiant/realtime/server";
import { createApp } from "./app.ts";
import { openDatabase } from "./database.ts";
import { forgetKeys } from "./keys.ts";
import { Outbox } from "./outbox.ts";
import { seedDemo } from "./seed.ts";
import { Store } from "./store.ts";

const {
  PORT = "3001",
  REALTIME_URL = "http://localhost:1999",
  BROADCAST_SECRET = "",
  JWT_SECRET,
  CONNECT_AUTH,
  DATABASE_URL,
  DATA_FOLDER = join(import.meta.dirname, "..", ".data"),
} = process.env;

const { db, close } = await openDatabase({ url: DATABASE_URL, folder: DATA_FOLDER });
await seedDemo(db);
await new Store(db).forgetDeleted();
await forgetKeys(db);
const realtime = createBroadcaster({ url: REALTIME_URL, secret: BROADCAST_SECRET });
const outbox = new Outbox(db, realtime);
await outbox.sendLeft();
const app = createApp({
  db,
  outbox,
  realtimeUrl: REALTIME_URL,
  jwtSecret: CONNECT_AUTH === "open" ? undefined : JWT_SECRET,
});
const server = serve({ fetch: app.fetch, port: Number(PORT), hostname: "localhost" }, ({ port }) =>
  console.log(`ready on http://localhost:${port}`),
);

async function stop(): Promise<void> {
  server.close();
  await outbox.flush();
  await close();
  process.exit();
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
