/**
 * Who may use which routes, the keys of private projects, and their members. These ask the realtime server,
 * so they must not be in a transaction.
 */

import { RoomError } from "@validiant/realtime/server";
import type { Hono } from "hono";
import { Announcer } from "./announce.ts";
import type { Env } from "./app.ts";
import type { Db } from "./database.ts";
import { id, refused } from "./input.ts";
import { type Kind, MemberStore } from "./members.ts";
import { noteDown, type Outbox } from "./outbox.ts";
import type { PrivateProjects } from "./private-projects.ts";

/** The routes of what belongs to a project. */
const ROUTES: [path: string, kind: Kind, param: string][] = [
  ["/projects/:project/*", "project", "project"],
  ["/tasks/:task/*", "task", "task"],
  ["/comments/:comment/*", "comment", "comment"],
  ["/threads/:thread/*", "thread", "thread"],
  ["/realtime-token/:room", "project", "room"],
];

const NOT_TOLD =
  "The realtime server can't be reached. There are no more keys for this user, but they may still be connected. Try again.";

export interface MemberRoutesOptions {
  db: Db;
  outbox: Outbox;
  privateProjects: PrivateProjects;
}

/** To be called before all other routes of what belongs to a project. */
export function addMemberRoutes(app: Hono<Env>, options: MemberRoutesOptions): void {
  const { db, outbox, privateProjects } = options;
  const members = new MemberStore(db);

  for (const [path, kind, param] of ROUTES)
    app.use(path, async (c, next) => {
      const value: string = c.req.param(param as never) ?? "";
      if (!(await members.mayUse(c.get("user").id, kind, value)))
        throw refused(403, "You are not a member of this project.");
      await next();
    });

  app.get("/projects/:project/keys/:epoch", async (c) => {
    const member = { projectId: id(c.req.param("project")), userId: c.get("user").id };
    // Of a project that is not saved yet, nobody can tell whether it is encrypted.
    if (!(await c.var.store.hasProject(member.projectId)))
      throw refused(404, "The project does not exist.");
    return privateProjects.answer(member, c.req.param("epoch"));
  });

  for (const [method, isMember] of [
    ["put", true],
    ["delete", false],
  ] as const)
    app[method]("/projects/:project/members/:user", async (c) => {
      const projectId = id(c.req.param("project"));
      const userId = c.req.param("user");
      if (!(await members.isPrivate("project", projectId)))
        throw refused(404, "The project is for everybody.");
      if (!(await c.var.store.hasUser(userId))) throw refused(404, "The user does not exist.");
      const before = await members.list(projectId);
      if (!isMember && before.every((member) => member === userId))
        throw refused(409, "Somebody has to stay.");
      const change = isMember ? privateProjects.add : privateProjects.remove;
      await change.call(privateProjects, { projectId, userId }).catch(explain);
      const told = [...new Set([...before, userId])];
      const { voice, said } = noteDown();
      const about = { projectId, userIds: [userId], isMember };
      new Announcer(voice).membersChanged(about, told, c.get("actor"));
      outbox.send(said, await outbox.keep(db, said));
      return c.body(null, 204);
    });
}

function explain(error: unknown): never {
  if (error instanceof RoomError) throw refused(503, NOT_TOLD);
  throw error;
}
