/** The events sent to the other users. Each has ids and what a notice needs. The pages fetch the rest. */

import { BroadcastEvent, type Broadcaster } from "@validiant/realtime/server";
import type { Emoji, Project, TaskField } from "../shared/board.ts";
import { WORKSPACE } from "../shared/events.ts";
import type { CommentRow, Written } from "./comments.ts";
import type { TaskRow } from "./store.ts";

const FIELDS: readonly TaskField[] = ["title", "description", "priority", "dueOn"];

export class Announcer {
  readonly #realtime: Broadcaster;

  constructor(realtime: Broadcaster) {
    this.#realtime = realtime;
  }

  projectCreated({ id: projectId, name }: Project, actorId: string): void {
    const payload = { projectId, name, actorId };
    void this.#realtime.broadcastToProject(WORKSPACE, "PROJECT_CREATED", payload, actorId);
  }

  taskCreated(task: TaskRow, actorId: string): void {
    const { id, projectId, title, status, priority, position } = task;
    const data = { title, status, priority, position, createdBy: actorId, actorId };
    const type = BroadcastEvent.TASK_CREATED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, data, actorId);
  }

  /** Sends one event for each kind of change. Sends none if nothing is different. */
  taskChanged({ was, is }: { was: TaskRow; is: TaskRow }, actorId: string): void {
    const { id, projectId, title, status, priority, position } = is;
    const tell = this.#realtime.broadcastTaskEvent;
    const about = { title, actorId };
    if (was.status !== status) {
      const data = { ...about, status, position };
      void tell(projectId, id, BroadcastEvent.TASK_STATUS_CHANGED, data, actorId);
    } else if (was.position !== position) {
      void tell(projectId, id, "TASK_MOVED", { ...about, position }, actorId);
    }
    if (was.assigneeId !== is.assigneeId) {
      const removed = is.assigneeId === null;
      const assigneeId = is.assigneeId ?? was.assigneeId ?? "";
      const data = { ...about, assigneeId, removed };
      void tell(projectId, id, BroadcastEvent.TASK_ASSIGNED, data, actorId);
    }
    const changed = FIELDS.filter((field) => was[field] !== is[field]);
    if (changed.length > 0) {
      const data = { ...about, status, priority, changed };
      void tell(projectId, id, BroadcastEvent.TASK_UPDATED, data, actorId);
    }
  }

  taskDeleted({ id, projectId, title }: TaskRow, actorId: string): void {
    const data = { title, actorId };
    const type = BroadcastEvent.TASK_DELETED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, data, actorId);
  }

  taskRestored({ id, projectId, title }: TaskRow, actorId: string): void {
    const data = { title, actorId };
    void this.#realtime.broadcastTaskEvent(projectId, id, "TASK_RESTORED", data, actorId);
  }

  commentAdded(
    { id, projectId, title }: TaskRow,
    { comment, mentions }: Written,
    actorId: string,
  ): void {
    const data = { ...namesOf(comment), mentions, title, actorId };
    const type = BroadcastEvent.COMMENT_ADDED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, data, actorId);
  }

  commentEdited({ id, projectId }: TaskRow, { comment, mentions }: Written, actorId: string): void {
    const data = { ...namesOf(comment), mentions };
    const type = BroadcastEvent.COMMENT_UPDATED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, data, actorId);
  }

  commentDeleted({ id, projectId }: TaskRow, comment: CommentRow, actorId: string): void {
    const type = BroadcastEvent.COMMENT_DELETED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, namesOf(comment), actorId);
  }

  reactionChanged(
    { id, projectId }: TaskRow,
    comment: CommentRow,
    emoji: Emoji,
    actorId: string,
  ): void {
    const data = { ...namesOf(comment), emoji };
    const type = BroadcastEvent.REACTION_CHANGED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, data, actorId);
  }

  threadResolved(
    { id, projectId, title }: TaskRow,
    threadId: string,
    resolved: boolean,
    actorId: string,
  ): void {
    const data = { threadId, resolved, title, actorId };
    const type = BroadcastEvent.THREAD_RESOLVED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, data, actorId);
  }
}

function namesOf({ id: commentId, threadId }: CommentRow) {
  return { commentId, threadId };
}
