/**
 * The routes of descriptions. They can be sent any number of times. They ask the realtime server, so they
 * must not be in a transaction.
 */

import type { Hono } from "hono";
import type { Env } from "./app.ts";
import { id, refused } from "./input.ts";
import type { Texts } from "./texts.ts";

export function addTextRoutes(app: Hono<Env>, texts: Texts): void {
  for (const deed of ["open", "read"] as const)
    app.post(`/tasks/:task/text/${deed}`, async (c) => {
      const isThere = await texts[deed](id(c.req.param("task")));
      if (!isThere) throw refused(404, "The task does not exist.");
      return c.body(null, 204);
    });
}
