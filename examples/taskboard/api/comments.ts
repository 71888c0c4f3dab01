/** Reads and writes the threads, comments, reactions and read marks. */

import {
  and,
  asc,
  count,
  eq,
  gt,
  inArray,
  isNotNull,
  isNull,
  ne,
  or,
  type SQL,
  sql,
} from "drizzle-orm";
import type { Comment, Emoji, NewComment, Reaction, Thread, Unread } from "../shared/board.ts";
import { mentionsIn } from "../shared/mentions.ts";
import type { Db } from "./database.ts";
import { comments, mentions, reactions, tasks, threadReads, threads, users } from "./schema.ts";

export type CommentRow = typeof comments.$inferSelect;
export type ThreadRow = typeof threads.$inferSelect;

/** A comment as it is now, and the ids of the users whom it mentions. */
export interface Written {
  comment: CommentRow;
  mentions: string[];
}

export class CommentStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** The comments on a task, the oldest first. */
  async comments(taskId: string): Promise<Comment[]> {
    const [rows, given] = await Promise.all([
      this.#db
        .select()
        .from(comments)
        .where(eq(comments.taskId, taskId))
        .orderBy(asc(comments.createdAt), asc(comments.id)),
      this.#db
        .select({
          commentId: reactions.commentId,
          userId: reactions.userId,
          emoji: reactions.emoji,
        })
        .from(reactions)
        .innerJoin(comments, eq(comments.id, reactions.commentId))
        .where(eq(comments.taskId, taskId))
        .orderBy(asc(reactions.createdAt), asc(reactions.userId)),
    ]);
    const byComment = Map.groupBy(given, ({ commentId }) => commentId);
    return rows.map((row) => ({
      ...row,
      createdAt: row.createdAt.toISOString(),
      editedAt: row.editedAt?.toISOString() ?? null,
      deletedAt: row.deletedAt?.toISOString() ?? null,
      reactions: grouped(byComment.get(row.id) ?? []),
    }));
  }

  async threads(taskId: string): Promise<Thread[]> {
    const rows = await this.#db
      .select()
      .from(threads)
      .where(eq(threads.taskId, taskId))
      .orderBy(asc(threads.createdAt), asc(threads.id));
    return rows.map(({ id, resolvedAt: at, resolvedBy: by }) => ({
      id,
      taskId,
      resolved: at && by ? { by, at: at.toISOString() } : null,
    }));
  }

  async comment(id: string): Promise<CommentRow | undefined> {
    return (await this.#db.select().from(comments).where(eq(comments.id, id)))[0];
  }

  async thread(id: string): Promise<ThreadRow | undefined> {
    return (await this.#db.select().from(threads).where(eq(threads.id, id)))[0];
  }

  /**
   * Adds a comment, and its thread if it begins one. It may be known already: a page that got no answer
   * sends it again. It has nowhere to go if the task has no such thread.
   */
  add(
    taskId: string,
    authorId: string,
    comment: NewComment,
  ): Promise<Written | "known" | "nowhere"> {
    const { id, threadId, text } = comment;
    return this.#db.transaction(async (tx) => {
      if (id === threadId) await tx.insert(threads).values({ id, taskId }).onConflictDoNothing();
      // The comments of a thread are added one after the other, so that a later one has a later time.
      const isIt = and(eq(threads.id, threadId), eq(threads.taskId, taskId));
      const [thread] = await tx.select().from(threads).where(isIt).for("update");
      if (!thread) return "nowhere";
      const values = { id, taskId, threadId, authorId, text, createdAt: sql`clock_timestamp()` };
      const [added] = await tx.insert(comments).values(values).onConflictDoNothing().returning();
      return added ? { comment: added, mentions: await addMentions(tx, added) } : "known";
    });
  }

  /** Changes the text of a comment. Undefined if it is deleted. */
  edit(id: string, text: string): Promise<Written | undefined> {
    return this.#change(id, { text, editedAt: sql`now()` });
  }

  /** Deletes a comment: its text, mentions and reactions are gone, and its place in the thread stays. */
  delete(id: string): Promise<Written | undefined> {
    return this.#change(id, { text: "", deletedAt: sql`now()` });
  }

  /** Returns whether it is new. */
  async react(commentId: string, userId: string, emoji: Emoji): Promise<boolean> {
    const insert = this.#db.insert(reactions).values({ commentId, userId, emoji });
    return (await insert.onConflictDoNothing().returning()).length > 0;
  }

  /** Returns whether there was one. */
  async takeBack(commentId: string, userId: string, emoji: Emoji): Promise<boolean> {
    const isMine = and(eq(reactions.commentId, commentId), eq(reactions.userId, userId));
    const isIt = and(isMine, eq(reactions.emoji, emoji));
    return (await this.#db.delete(reactions).where(isIt).returning()).length > 0;
  }

  /** Resolves a thread, or opens it again. Returns whether that has changed it. */
  async resolve(id: string, userId: string, isResolved: boolean): Promise<boolean> {
    const is = isResolved
      ? { resolvedAt: sql`now()`, resolvedBy: userId }
      : { resolvedAt: null, resolvedBy: null };
    const was = isResolved ? isNull(threads.resolvedAt) : isNotNull(threads.resolvedAt);
    const update = this.#db
      .update(threads)
      .set(is)
      .where(and(eq(threads.id, id), was));
    return (await update.returning()).length > 0;
  }

  /**
   * Marks a thread as read up to a comment, and returns whether that has changed anything. The mark only
   * goes forward, in whatever order the calls of several devices arrive.
   */
  async markRead(threadId: string, userId: string, commentId: string): Promise<boolean> {
    const marked = await this.#db
      .insert(threadReads)
      .select(
        this.#db
          .select({
            threadId: comments.threadId,
            userId: sql<string>`${userId}::text`.as("user_id"),
            readAt: comments.createdAt,
          })
          .from(comments)
          .where(and(eq(comments.id, commentId), eq(comments.threadId, threadId))),
      )
      .onConflictDoUpdate({
        target: [threadReads.threadId, threadReads.userId],
        set: { readAt: sql`GREATEST(${threadReads.readAt}, excluded.read_at)` },
        setWhere: sql`${threadReads.readAt} < excluded.read_at`,
      })
      .returning();
    return marked.length > 0;
  }

  /** What a user has not read of a project: what others have written since the last read mark. */
  unread(projectId: string, userId: string): Promise<Unread[]> {
    const isRead = and(eq(threadReads.threadId, comments.threadId), eq(threadReads.userId, userId));
    const isNamed = and(eq(mentions.commentId, comments.id), eq(mentions.userId, userId));
    return this.#db
      .select({
        threadId: comments.threadId,
        taskId: comments.taskId,
        firstId: sql<string>`(array_agg(${comments.id} ORDER BY ${comments.createdAt}, ${comments.id}))[1]`,
        comments: count(),
        mentions: count(mentions.userId),
      })
      .from(comments)
      .innerJoin(tasks, eq(tasks.id, comments.taskId))
      .leftJoin(threadReads, isRead)
      .leftJoin(mentions, isNamed)
      .where(
        and(
          eq(tasks.projectId, projectId),
          isNull(tasks.deletedAt),
          isNull(comments.deletedAt),
          ne(comments.authorId, userId),
          or(isNull(threadReads.readAt), gt(comments.createdAt, threadReads.readAt)),
        ),
      )
      .groupBy(comments.threadId, comments.taskId);
  }

  #change(
    id: string,
    set: { text: string; editedAt?: SQL; deletedAt?: SQL },
  ): Promise<Written | undefined> {
    return this.#db.transaction(async (tx) => {
      const isIt = and(eq(comments.id, id), isNull(comments.deletedAt));
      const [comment] = await tx.update(comments).set(set).where(isIt).returning();
      if (!comment) return undefined;
      await tx.delete(mentions).where(eq(mentions.commentId, id));
      if (comment.deletedAt) await tx.delete(reactions).where(eq(reactions.commentId, id));
      return { comment, mentions: await addMentions(tx, comment) };
    });
  }
}

/** Keeps whom a comment mentions, and returns their ids. */
async function addMentions(tx: Db, { id, text }: CommentRow): Promise<string[]> {
  const known = await tx
    .select({ userId: users.id })
    .from(users)
    .where(inArray(users.id, mentionsIn(text)));
  const rows = known.map(({ userId }) => ({ commentId: id, userId }));
  if (rows.length > 0) await tx.insert(mentions).values(rows).onConflictDoNothing();
  return rows.map(({ userId }) => userId);
}

/** The users by emoji, the emoji in the order in which they were first given. */
function grouped(given: { emoji: Emoji; userId: string }[]): Reaction[] {
  const byEmoji = Map.groupBy(given, ({ emoji }) => emoji);
  return Array.from(byEmoji, ([emoji, all]) => ({
    emoji,
    userIds: all.map(({ userId }) => userId),
  }));
}
