/**
 * Serves the API. The environment has the realtime server's address and secrets: REALTIME_URL,
 * BROADCAST_SECRET, and JWT_SECRET unless the server is open. DATABASE_URL names a PostgreSQL server to
 * use. Without it, PGlite keeps its files in DATA_FOLDER. EPOCH_WRAPPING_KEYS encrypts the keys of private
 * projects in the database. Without it, there is a key of this machine in DATA_FOLDER.
 */

import { join } from "node:path";
import { serve } from "@hono/node-server";
import {
  createBroadcaster,
  createDocuments,
  createEpochKeys,
  createRooms,
} from "@validiant/realtime/server";
import { createApp, TOKEN_SECONDS } from "./app.ts";
import { openDatabase } from "./database.ts";
import { forgetKeys } from "./keys.ts";
import { Outbox } from "./outbox.ts";
import { PrivateProjects } from "./private-projects.ts";
import { seedDemo } from "./seed.ts";
import { Texts } from "./texts.ts";
import { keyOfThisMachine } from "./wrapping-key.ts";

const {
  PORT = "3001",
  REALTIME_URL = "http://localhost:1999",
  BROADCAST_SECRET = "",
  JWT_SECRET,
  CONNECT_AUTH,
  DATABASE_URL,
  EPOCH_WRAPPING_KEYS,
  DATA_FOLDER = join(import.meta.dirname, "..", ".data"),
} = process.env;

const { db, client, close } = await openDatabase({ url: DATABASE_URL, folder: DATA_FOLDER });
await seedDemo(db);
await forgetKeys(db);
const server = { url: REALTIME_URL, secret: BROADCAST_SECRET };
const wrappingKeys = EPOCH_WRAPPING_KEYS ?? (await keyOfThisMachine(DATA_FOLDER));
const privateProjects = new PrivateProjects({
  db,
  store: createEpochKeys({ database: client, wrappingKeys }),
  rooms: createRooms(server),
  tokenSeconds: TOKEN_SECONDS,
});
const encryption = { keys: privateProjects.keys, name: "api" };
const outbox = new Outbox(db, createBroadcaster({ ...server, encryption }));
const texts = new Texts(db, outbox, createDocuments(server));
await outbox.sendLeft();
const app = createApp({
  db,
  outbox,
  texts,
  privateProjects,
  realtimeUrl: REALTIME_URL,
  jwtSecret: CONNECT_AUTH === "open" ? undefined : JWT_SECRET,
});
const listening = serve(
  { fetch: app.fetch, port: Number(PORT), hostname: "localhost" },
  ({ port }) => console.log(`ready on http://localhost:${port}`),
);

// The realtime server may not be there yet. What is left is forgotten at the next start.
void texts.forgetDeleted().catch(console.error);
void privateProjects.finishRemovals().catch(console.error);

async function stop(): Promise<void> {
  listening.close();
  await outbox.flush();
  await close();
  process.exit();
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
