/** The routes of threads, comments, reactions and read marks. */

import type { Context, Hono } from "hono";
import type { SingleTask } from "../shared/board.ts";
import type { Env } from "./app.ts";
import type { CommentRow } from "./comments.ts";
import { commentText, emoji, fields, id, newComment, refused } from "./input.ts";

export function addCommentRoutes(app: Hono<Env>): void {
  app.get("/projects/:project/unread", async (c) =>
    c.json(await c.var.comments.unread(id(c.req.param("project")), c.get("user").id)),
  );

  app.get("/tasks/:task/threads", async (c) =>
    c.json(await c.var.comments.threads(id(c.req.param("task")))),
  );

  app.get("/tasks/:task/comments", async (c) =>
    c.json(await c.var.comments.comments(id(c.req.param("task")))),
  );

  app.post("/tasks/:task/comments", async (c) => {
    const comment = newComment(fields(await c.req.json()));
    const task = await standing(c, id(c.req.param("task")));
    const added = await c.var.comments.add(task.id, c.get("user").id, comment);
    if (added === "nowhere") throw refused(404, "The task has no such thread.");
    if (added !== "known") c.var.announce.commentAdded(task, added, c.get("actor"));
    return c.json(comment, 201);
  });

  app.patch("/comments/:comment", async (c) => {
    const text = commentText(fields(await c.req.json()).text);
    const comment = await own(c, id(c.req.param("comment")), c.get("user").id);
    const task = await standing(c, comment.taskId);
    const edited = await c.var.comments.edit(comment.id, text);
    if (!edited) throw refused(404, "The comment was deleted.");
    c.var.announce.commentEdited(task, edited, c.get("actor"));
    return c.body(null, 204);
  });

  app.delete("/comments/:comment", async (c) => {
    const comment = await own(c, id(c.req.param("comment")), c.get("user").id);
    const task = await standing(c, comment.taskId);
    // Whoever sends it twice, as after a lost answer, has it deleted once.
    const deleted = await c.var.comments.delete(comment.id);
    if (deleted) c.var.announce.commentDeleted(task, deleted.comment, c.get("actor"));
    return c.body(null, 204);
  });

  app.put("/comments/:comment/reactions/:emoji", async (c) => {
    const given = emoji(c.req.param("emoji"));
    const comment = await living(c, id(c.req.param("comment")));
    const task = await standing(c, comment.taskId);
    const isNew = await c.var.comments.react(comment.id, c.get("user").id, given);
    if (isNew) c.var.announce.reactionChanged(task, comment, given, c.get("actor"));
    return c.body(null, 204);
  });

  app.delete("/comments/:comment/reactions/:emoji", async (c) => {
    const given = emoji(c.req.param("emoji"));
    const comment = await living(c, id(c.req.param("comment")));
    const task = await standing(c, comment.taskId);
    const wasThere = await c.var.comments.takeBack(comment.id, c.get("user").id, given);
    if (wasThere) c.var.announce.reactionChanged(task, comment, given, c.get("actor"));
    return c.body(null, 204);
  });

  for (const [method, isResolved] of [
    ["put", true],
    ["delete", false],
  ] as const)
    app[method]("/threads/:thread/resolved", async (c) => {
      const thread = await known(c, id(c.req.param("thread")));
      const task = await standing(c, thread.taskId);
      const isChanged = await c.var.comments.resolve(thread.id, c.get("user").id, isResolved);
      if (isChanged) c.var.announce.threadResolved(task, thread.id, isResolved, c.get("actor"));
      return c.body(null, 204);
    });

  app.put("/threads/:thread/read", async (c) => {
    const { commentId } = fields(await c.req.json());
    const thread = await known(c, id(c.req.param("thread")));
    const task = await standing(c, thread.taskId);
    const isNew = await c.var.comments.markRead(thread.id, c.get("user").id, id(commentId));
    if (isNew) c.var.announce.threadRead(task, thread.id, c.get("actor"));
    return c.body(null, 204);
  });
}

/** A task that is not deleted. */
async function standing(c: Context<Env>, taskId: string): Promise<SingleTask> {
  const task = await c.var.store.task(taskId);
  if (!task || task.deleted) throw refused(404, "The task was deleted.");
  return task;
}

async function known(c: Context<Env>, threadId: string) {
  const thread = await c.var.comments.thread(threadId);
  if (!thread) throw refused(404, "The thread does not exist.");
  return thread;
}

async function living(c: Context<Env>, commentId: string): Promise<CommentRow> {
  const comment = await c.var.comments.comment(commentId);
  if (!comment || comment.deletedAt) throw refused(404, "The comment was deleted.");
  return comment;
}

/** A comment of this user, even a deleted one. */
async function own(c: Context<Env>, commentId: string, userId: string): Promise<CommentRow> {
  const comment = await c.var.comments.comment(commentId);
  if (!comment) throw refused(404, "The comment was deleted.");
  if (comment.authorId !== userId) throw refused(403, "It is somebody else's comment.");
  return comment;
}
