/** The API. Callers say who they are in a header: this is a demo without a sign-in. */

import { decide } from "@validiant/realtime/patch";
import { matches, preconditionFailed, refusalOf, rowAnswer } from "@validiant/realtime/server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { sign } from "hono/jwt";
import type { Config, User } from "../shared/board.ts";
import { WORKSPACE } from "../shared/events.ts";
import { POLICIES } from "../shared/policies.ts";
import type { Actor, Announcer } from "./announce.ts";
import { addCommentRoutes } from "./comment-routes.ts";
import { CommentStore } from "./comments.ts";
import type { Db } from "./database.ts";
import { fields, id, memberIds, newTask, projectName, refused, taskPatch } from "./input.ts";
import { addMemberRoutes } from "./member-routes.ts";
import type { Outbox } from "./outbox.ts";
import type { PrivateProjects } from "./private-projects.ts";
import { Store } from "./store.ts";
import { addTextRoutes } from "./text-routes.ts";
import type { Texts } from "./texts.ts";
import { writesOnce } from "./writes-once.ts";

export const TOKEN_SECONDS = 15 * 60;
/** More than the longest text in any language. */
const BODY_MAX_BYTES = 32 * 1024;

export interface AppOptions {
  db: Db;
  outbox: Outbox;
  texts: Texts;
  privateProjects: PrivateProjects;
  /** Where pages reach the realtime server. */
  realtimeUrl: string;
  /** The secret that signs its tokens. Undefined if the server believes what clients say. */
  jwtSecret?: string | undefined;
}

/** What each route knows of its caller, and what it uses. */
export type Env = {
  Variables: {
    user: User;
    actor: Actor;
    /** These write in the transaction of the request. */
    store: Store;
    comments: CommentStore;
    announce: Announcer;
  };
};

export function createApp(options: AppOptions): Hono<Env> {
  const { db, outbox, texts, privateProjects, realtimeUrl, jwtSecret } = options;
  const everything = new Store(db);
  const app = new Hono<Env>().basePath("/api");

  app.onError((error, c) => {
    if (error instanceof HTTPException) return c.json({ error: error.message }, error.status);
    if (error instanceof SyntaxError) return c.json({ error: "The body is not JSON." }, 400);
    console.error(error);
    return c.json({ error: "Something went wrong." }, 500);
  });

  app.use(
    bodyLimit({
      maxSize: BODY_MAX_BYTES,
      onError: () => {
        throw refused(413, `The body is larger than ${BODY_MAX_BYTES} bytes.`);
      },
    }),
  );

  app.get("/config", async (c) => {
    const needsToken = jwtSecret !== undefined;
    return c.json<Config>({ users: await everything.users(), realtimeUrl, needsToken });
  });

  app.use(async (c, next) => {
    const known = (await everything.users()).find((user) => user.id === c.req.header("x-user-id"));
    if (!known) throw refused(401, "The header X-User-Id must name a user.");
    c.set("user", known);
    c.set("actor", [known.id, c.req.header("x-connection-id")]);
    c.set("store", everything);
    c.set("comments", new CommentStore(db));
    await next();
  });
  addMemberRoutes(app, { db, outbox, privateProjects });
  addTextRoutes(app, texts);
  app.on(["POST", "PUT", "PATCH", "DELETE"], "*", writesOnce(db, outbox));

  app.get("/realtime-token/:room", async (c) => {
    if (jwtSecret === undefined)
      throw refused(404, "The realtime server does not require a token.");
    const { id: sub, name } = c.get("user");
    const exp = Math.floor(Date.now() / 1_000) + TOKEN_SECONDS;
    const room = c.req.param("room");
    const permissions = ["subscribe", "presence", "send"];
    if (room !== WORKSPACE) permissions.push("doc:write");
    const claims = { sub, name, projects: [room], permissions, exp };
    return c.json({ token: await sign(claims, jwtSecret, "HS256") });
  });

  app.get("/projects", async (c) => c.json(await c.var.store.projects(c.get("user").id)));

  app.post("/projects", async (c) => {
    const body = fields(await c.req.json());
    const members = memberIds(body.members);
    const project = { id: id(body.id), name: projectName(body.name), members };
    if (members && !members.includes(c.get("user").id))
      throw refused(400, "You must be a member of your own project.");
    for (const member of members ?? [])
      if (!(await c.var.store.hasUser(member))) throw refused(400, "The user does not exist.");
    const isNew = await c.var.store.addProject(project);
    if (isNew) c.var.announce.projectCreated(project, c.get("actor"));
    return c.json(project, 201);
  });

  app.get("/projects/:project/tasks", async (c) => {
    const projectId = id(c.req.param("project"));
    if (!(await c.var.store.hasProject(projectId)))
      throw refused(404, "The project does not exist.");
    // Whoever sees the answer is told if there is something else.
    void texts.readOverdue(projectId).catch(console.error);
    return c.json(await c.var.store.tasks(projectId));
  });

  app.post("/projects/:project/tasks", async (c) => {
    const projectId = id(c.req.param("project"));
    const task = newTask(fields(await c.req.json()));
    if (!(await c.var.store.hasProject(projectId)))
      throw refused(404, "The project does not exist.");
    const added = await c.var.store.addTask(projectId, task, c.get("user").id);
    if (added) c.var.announce.taskCreated(added, c.get("actor"));
    return c.json(task, 201);
  });

  app.get("/tasks/:task", async (c) => {
    const task = await c.var.store.task(id(c.req.param("task")));
    if (!task) throw refused(404, "The task does not exist.");
    return c.json(task);
  });

  app.patch("/tasks/:task", async (c) => {
    const patch = taskPatch(await c.req.json());
    if (patch.set.assigneeId && !(await c.var.store.hasUser(patch.set.assigneeId)))
      throw refused(400, "The user does not exist.");
    const was = await c.var.store.lockTask(id(c.req.param("task")));
    if (!was) throw refused(404, "The task was deleted.");
    const isMatching = matches(c.req.raw, was);
    if (isMatching === false) return preconditionFailed(was);
    const seen = isMatching ? { set: patch.set, baseVersion: was.version } : patch;
    const decision = decide(POLICIES, was, seen);
    if (decision.kind !== "apply") return refusalOf(decision, was) as Response;
    const is = await c.var.store.changeTask(was, decision.changes, c.get("user").id);
    c.var.announce.taskChanged({ was, is }, c.get("actor"));
    return rowAnswer(is);
  });

  app.delete("/tasks/:task", async (c) => {
    const deleted = await c.var.store.deleteTask(id(c.req.param("task")), c.get("user").id);
    // It is gone either way, whoever deleted it.
    if (deleted) c.var.announce.taskDeleted(deleted, c.get("actor"));
    return c.body(null, 204);
  });

  app.post("/tasks/:task/restore", async (c) => {
    const taskId = id(c.req.param("task"));
    const restored = await c.var.store.restoreTask(taskId, c.get("user").id);
    if (restored) c.var.announce.taskRestored(restored, c.get("actor"));
    else if (!(await c.var.store.task(taskId))) throw refused(404, "The task is gone for good.");
    return c.body(null, 204);
  });

  addCommentRoutes(app);
  return app;
}
