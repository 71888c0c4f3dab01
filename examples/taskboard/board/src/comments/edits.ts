/** The users' edits of comments, as data: like those of tasks, they are shown until the API has answered. */

import type {
  Comment,
  Emoji,
  NewComment,
  Reaction,
  Thread,
  Unread,
} from "../../../shared/board.ts";
import type { Send } from "../api.ts";

export type CommentEdit =
  | { kind: "add"; comment: NewComment }
  | { kind: "edit"; comment: Comment; text: string }
  | { kind: "delete"; comment: Comment }
  | { kind: "react"; comment: Comment; emoji: Emoji; isOn: boolean };

export interface Resolution {
  threadId: string;
  isResolved: boolean;
}

/** Up to where a thread is read. */
export interface ReadMark {
  threadId: string;
  commentId: string;
}

/** A thread with its comments, the oldest first. */
export interface Conversation {
  id: string;
  comments: Comment[];
  resolved: Thread["resolved"];
}

interface By {
  taskId: string;
  userId: string;
  /** When. */
  at: string;
}

/** The comments as they will be. */
export function withCommentEdits(
  comments: Comment[],
  edits: readonly CommentEdit[],
  by: By,
): Comment[] {
  return edits.reduce((all, edit) => withCommentEdit(all, edit, by), comments);
}

function withCommentEdit(comments: Comment[], edit: CommentEdit, by: By): Comment[] {
  const { id } = edit.comment;
  const now = by.at;
  const change = (changed: (comment: Comment) => Partial<Comment>) =>
    comments.map((comment) => (comment.id === id ? { ...comment, ...changed(comment) } : comment));
  switch (edit.kind) {
    case "add":
      if (comments.some((comment) => comment.id === id)) return comments;
      return [...comments, { ...NEW, ...edit.comment, ...authored(by), createdAt: now }];
    case "edit":
      return change(() => ({ text: edit.text, editedAt: now }));
    case "delete":
      return change(() => ({ text: "", deletedAt: now, reactions: [] }));
    case "react":
      return change(({ reactions }) => ({ reactions: withReaction(reactions, edit, by.userId) }));
  }
}

const NEW = { editedAt: null, deletedAt: null, reactions: [] };

function authored({ taskId, userId: authorId }: By) {
  return { taskId, authorId };
}

function withReaction(
  reactions: Reaction[],
  { emoji, isOn }: { emoji: Emoji; isOn: boolean },
  userId: string,
): Reaction[] {
  const isNew = isOn && !reactions.some((reaction) => reaction.emoji === emoji);
  const all = isNew ? [...reactions, { emoji, userIds: [] }] : reactions;
  return all
    .map((reaction) => {
      if (reaction.emoji !== emoji) return reaction;
      const others = reaction.userIds.filter((id) => id !== userId);
      return { emoji, userIds: isOn ? [...others, userId] : others };
    })
    .filter(({ userIds }) => userIds.length > 0);
}

export function withResolution(
  threads: Thread[],
  { threadId, isResolved }: Resolution,
  userId: string,
): Thread[] {
  const resolved = isResolved ? { by: userId, at: new Date().toISOString() } : null;
  return threads.map((thread) => (thread.id === threadId ? { ...thread, resolved } : thread));
}

/** What is unread without a thread that is read now. */
export function withReadMark(unread: Unread[], { threadId }: ReadMark): Unread[] {
  return unread.filter((one) => one.threadId !== threadId);
}

/** The threads in the order of their first comments. One whose comments are all deleted is gone. */
export function inThreads(comments: Comment[], threads: Thread[]): Conversation[] {
  const byThread = Map.groupBy(comments, ({ threadId }) => threadId);
  return Array.from(byThread, ([id, said]) => ({
    id,
    comments: said,
    resolved: threads.find((thread) => thread.id === id)?.resolved ?? null,
  })).filter((thread) => thread.comments.some(({ deletedAt }) => !deletedAt));
}

export function sendCommentEdit(send: Send, taskId: string, edit: CommentEdit): Promise<Response> {
  const path = `/comments/${edit.comment.id}`;
  switch (edit.kind) {
    case "add":
      return send("POST", `/tasks/${taskId}/comments`, edit.comment);
    case "edit":
      return send("PATCH", path, { text: edit.text });
    case "delete":
      return send("DELETE", path);
    case "react":
      return send(
        edit.isOn ? "PUT" : "DELETE",
        `${path}/reactions/${encodeURIComponent(edit.emoji)}`,
      );
  }
}

/** The text that an edit is about. */
export function textOf(edit: CommentEdit): string {
  return edit.kind === "edit" ? edit.text : edit.comment.text;
}
