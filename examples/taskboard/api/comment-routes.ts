/** The routes of threads, comments, reactions and read marks. */

import type { Hono } from "hono";
import type { SingleTask } from "../shared/board.ts";
import type { Announcer } from "./announce.ts";
import type { Env } from "./app.ts";
import type { CommentRow, CommentStore } from "./comments.ts";
import { commentText, emoji, fields, id, newComment, refused } from "./input.ts";
import type { Store } from "./store.ts";

interface CommentRoutesOptions {
  store: Store;
  comments: CommentStore;
  announce: Announcer;
}

export function addCommentRoutes(
  app: Hono<Env>,
  { store, comments, announce }: CommentRoutesOptions,
): void {
  app.get("/projects/:project/unread", async (c) =>
    c.json(await comments.unread(id(c.req.param("project")), c.get("user").id)),
  );

  app.get("/tasks/:task/threads", async (c) =>
    c.json(await comments.threads(id(c.req.param("task")))),
  );

  app.get("/tasks/:task/comments", async (c) =>
    c.json(await comments.comments(id(c.req.param("task")))),
  );

  app.post("/tasks/:task/comments", async (c) => {
    const comment = newComment(fields(await c.req.json()));
    const task = await standing(id(c.req.param("task")));
    const added = await comments.add(task.id, c.get("user").id, comment);
    if (added === "nowhere") throw refused(404, "The task has no such thread.");
    if (added !== "known") announce.commentAdded(task, added, c.get("actor"));
    return c.json(comment, 201);
  });

  app.patch("/comments/:comment", async (c) => {
    const text = commentText(fields(await c.req.json()).text);
    const comment = await own(id(c.req.param("comment")), c.get("user").id);
    const task = await standing(comment.taskId);
    const edited = await comments.edit(comment.id, text);
    if (!edited) throw refused(404, "The comment was deleted.");
    announce.commentEdited(task, edited, c.get("actor"));
    return c.body(null, 204);
  });

  app.delete("/comments/:comment", async (c) => {
    const comment = await own(id(c.req.param("comment")), c.get("user").id);
    const task = await standing(comment.taskId);
    // Whoever sends it twice, as after a lost answer, has it deleted once.
    const deleted = await comments.delete(comment.id);
    if (deleted) announce.commentDeleted(task, deleted.comment, c.get("actor"));
    return c.body(null, 204);
  });

  app.put("/comments/:comment/reactions/:emoji", async (c) => {
    const given = emoji(c.req.param("emoji"));
    const comment = await living(id(c.req.param("comment")));
    const task = await standing(comment.taskId);
    const isNew = await comments.react(comment.id, c.get("user").id, given);
    if (isNew) announce.reactionChanged(task, comment, given, c.get("actor"));
    return c.body(null, 204);
  });

  app.delete("/comments/:comment/reactions/:emoji", async (c) => {
    const given = emoji(c.req.param("emoji"));
    const comment = await living(id(c.req.param("comment")));
    const task = await standing(comment.taskId);
    const wasThere = await comments.takeBack(comment.id, c.get("user").id, given);
    if (wasThere) announce.reactionChanged(task, comment, given, c.get("actor"));
    return c.body(null, 204);
  });

  for (const [method, isResolved] of [
    ["put", true],
    ["delete", false],
  ] as const)
    app[method]("/threads/:thread/resolved", async (c) => {
      const thread = await known(id(c.req.param("thread")));
      const task = await standing(thread.taskId);
      const isChanged = await comments.resolve(thread.id, c.get("user").id, isResolved);
      if (isChanged) announce.threadResolved(task, thread.id, isResolved, c.get("actor"));
      return c.body(null, 204);
    });

  app.put("/threads/:thread/read", async (c) => {
    const { commentId } = fields(await c.req.json());
    const thread = await known(id(c.req.param("thread")));
    const task = await standing(thread.taskId);
    const isNew = await comments.markRead(thread.id, c.get("user").id, id(commentId));
    if (isNew) announce.threadRead(task, thread.id, c.get("actor"));
    return c.body(null, 204);
  });

  /** A task that is not deleted. */
  async function standing(taskId: string): Promise<SingleTask> {
    const task = await store.task(taskId);
    if (!task || task.deleted) throw refused(404, "The task was deleted.");
    return task;
  }

  async function known(threadId: string) {
    const thread = await comments.thread(threadId);
    if (!thread) throw refused(404, "The thread does not exist.");
    return thread;
  }

  async function living(commentId: string): Promise<CommentRow> {
    const comment = await comments.comment(commentId);
    if (!comment || comment.deletedAt) throw refused(404, "The comment was deleted.");
    return comment;
  }

  /** A comment of this user, even a deleted one. */
  async function own(commentId: string, userId: string): Promise<CommentRow> {
    const comment = await comments.comment(commentId);
    if (!comment) throw refused(404, "The comment was deleted.");
    if (comment.authorId !== userId) throw refused(403, "It is somebody else's comment.");
    return comment;
  }
}
