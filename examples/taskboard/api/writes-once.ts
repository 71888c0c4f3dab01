/**
 * Each request that writes takes effect once, however often it is sent. Its key, its answer, what it
 * writes and what others are told of it are in one transaction.
 */

import { idempotent } from "@validiant/realtime/server";
import type { MiddlewareHandler } from "hono";
import { Announcer } from "./announce.ts";
import type { Env } from "./app.ts";
import { CommentStore } from "./comments.ts";
import type { Db } from "./database.ts";
import { keysIn } from "./keys.ts";
import { noteDown, type Outbox } from "./outbox.ts";
import { Store } from "./store.ts";

export function writesOnce(db: Db, outbox: Outbox): MiddlewareHandler<Env> {
  const storage = keysIn(db);
  return async (c, next) => {
    const request = { request: c.req.raw, user: c.get("user").id, storage };
    const { voice, said } = noteDown();
    let ids: number[] = [];
    const answer = await idempotent(request, async (tx: Db) => {
      c.set("store", new Store(tx));
      c.set("comments", new CommentStore(tx));
      c.set("announce", new Announcer(voice));
      // Hono makes an answer of what a handler throws.
      await next();
      if (c.res.ok) ids = await outbox.keep(tx, said);
      return c.res;
    });
    // Replacing an answer, Hono would add the headers of the old one.
    c.res = undefined;
    c.res = answer;
    outbox.send(said, ids);
  };
}
