/** What the API is made of, on a database and a realtime server of a test. */

import { randomBytes } from "node:crypto";
import {
  createBroadcaster,
  createDocuments,
  createEpochKeys,
  createRooms,
} from "@validiant/realtime/server";
import { TOKEN_SECONDS } from "../../api/app.ts";
import type { Database } from "../../api/database.ts";
import { Outbox } from "../../api/outbox.ts";
import { PrivateProjects } from "../../api/private-projects.ts";
import { Texts } from "../../api/texts.ts";

export function partsFor(
  { db, client }: Pick<Database, "db" | "client">,
  server: { url: string; secret: string },
) {
  const wrappingKeys = randomBytes(32).toString("base64");
  const privateProjects = new PrivateProjects({
    db,
    store: createEpochKeys({ database: client, wrappingKeys }),
    rooms: createRooms({ ...server, retries: 0 }),
    tokenSeconds: TOKEN_SECONDS,
  });
  const encryption = { keys: privateProjects.keys, name: "api" };
  const outbox = new Outbox(db, createBroadcaster({ ...server, encryption }));
  const texts = new Texts(db, outbox, createDocuments(server));
  return { db, outbox, texts, privateProjects };
}
