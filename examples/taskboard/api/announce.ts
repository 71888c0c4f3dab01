/** The events sent to the other users. Each has ids and what a notice needs. The pages fetch the rest. */

import { BroadcastEvent } from "@validiant/realtime/server";
import type { Emoji, Project, TaskField } from "../shared/board.ts";
import { WORKSPACE } from "../shared/events.ts";
import type { CommentRow, Written } from "./comments.ts";
import type { Voice } from "./outbox.ts";
import type { TaskRow } from "./store.ts";

/**
 * Who made a change, and in which window. That window shows the change already; the user's others are
 * told of it like anybody else's.
 */
export type Actor = readonly [userId: string, connectionId: string | undefined];

const FIELDS: readonly TaskField[] = ["title", "priority", "dueOn"];

export class Announcer {
  readonly #realtime: Voice;

  constructor(realtime: Voice) {
    this.#realtime = realtime;
  }

  /** In the room of everybody, nothing is said of a private project but its id, and that to its members. */
  projectCreated({ id: projectId, name, members }: Project, actor: Actor): void {
    if (members) {
      this.membersChanged({ projectId, userIds: members, isMember: true }, members, actor);
      return;
    }
    const payload = { projectId, name, actorId: actor[0] };
    void this.#realtime.broadcastToProject(WORKSPACE, "PROJECT_CREATED", payload, ...actor);
  }

  membersChanged(
    about: { projectId: string; userIds: string[]; isMember: boolean },
    told: readonly string[],
    [actorId]: Actor,
  ): void {
    const payload = { ...about, actorId };
    void this.#realtime.broadcastToUsers(WORKSPACE, told, "MEMBERS_CHANGED", payload);
  }

  taskCreated(task: TaskRow, actor: Actor): void {
    const { id, projectId, ...about } = newsOf(task, actor);
    const { status, priority, position } = task;
    const data = { ...about, status, priority, position, createdBy: actor[0] };
    const type = BroadcastEvent.TASK_CREATED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, data, ...actor);
  }

  /** Sends one event for each kind of change. Sends none if nothing is different. */
  taskChanged({ was, is }: { was: TaskRow; is: TaskRow }, actor: Actor): void {
    const { id, projectId, ...about } = newsOf(is, actor);
    const { status, priority, position } = is;
    const tell = this.#realtime.broadcastTaskEvent;
    if (was.status !== status) {
      const data = { ...about, status, position };
      void tell(projectId, id, BroadcastEvent.TASK_STATUS_CHANGED, data, ...actor);
    } else if (was.position !== position) {
      void tell(projectId, id, "TASK_MOVED", { ...about, position }, ...actor);
    }
    if (was.assigneeId !== is.assigneeId) {
      const removed = is.assigneeId === null;
      const assigneeId = is.assigneeId ?? was.assigneeId ?? "";
      const data = { ...about, assigneeId, removed };
      void tell(projectId, id, BroadcastEvent.TASK_ASSIGNED, data, ...actor);
    }
    const changed = FIELDS.filter((field) => was[field] !== is[field]);
    if (changed.length > 0) {
      const data = { ...about, status, priority, changed };
      void tell(projectId, id, BroadcastEvent.TASK_UPDATED, data, ...actor);
    }
  }

  /** Its shared text is another one than the table had. Nobody in particular has changed it. */
  taskDescribed({ id, projectId, title, version, status, priority }: TaskRow): void {
    const data = { title, version, status, priority, changed: ["description"] as const };
    void this.#realtime.broadcastTaskEvent(projectId, id, BroadcastEvent.TASK_UPDATED, data);
  }

  taskDeleted(task: TaskRow, actor: Actor): void {
    const { id, projectId, ...data } = newsOf(task, actor);
    const type = BroadcastEvent.TASK_DELETED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, data, ...actor);
  }

  taskRestored(task: TaskRow, actor: Actor): void {
    const { id, projectId, ...data } = newsOf(task, actor);
    void this.#realtime.broadcastTaskEvent(projectId, id, "TASK_RESTORED", data, ...actor);
  }

  commentAdded(
    { id, projectId, title }: TaskRow,
    { comment, mentions }: Written,
    actor: Actor,
  ): void {
    const data = { ...namesOf(comment), mentions, title, actorId: actor[0] };
    const type = BroadcastEvent.COMMENT_ADDED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, data, ...actor);
  }

  commentEdited({ id, projectId }: TaskRow, { comment, mentions }: Written, actor: Actor): void {
    const data = { ...namesOf(comment), mentions };
    const type = BroadcastEvent.COMMENT_UPDATED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, data, ...actor);
  }

  commentDeleted({ id, projectId }: TaskRow, comment: CommentRow, actor: Actor): void {
    const type = BroadcastEvent.COMMENT_DELETED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, namesOf(comment), ...actor);
  }

  reactionChanged(
    { id, projectId }: TaskRow,
    comment: CommentRow,
    emoji: Emoji,
    actor: Actor,
  ): void {
    const data = { ...namesOf(comment), emoji };
    const type = BroadcastEvent.REACTION_CHANGED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, data, ...actor);
  }

  threadResolved(
    { id, projectId, title }: TaskRow,
    threadId: string,
    resolved: boolean,
    actor: Actor,
  ): void {
    const data = { threadId, resolved, title, actorId: actor[0] };
    const type = BroadcastEvent.THREAD_RESOLVED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, data, ...actor);
  }

  /** Only the user's own other windows. */
  threadRead({ id: taskId, projectId }: TaskRow, threadId: string, actor: Actor): void {
    const payload = { taskId, projectId, threadId };
    const type = BroadcastEvent.THREAD_READ;
    void this.#realtime.broadcastToUsers(projectId, [actor[0]], type, payload, ...actor);
  }
}

/** What each event about a changed task says. */
function newsOf({ id, projectId, title, version }: TaskRow, [actorId]: Actor) {
  return { id, projectId, title, version, actorId };
}

function namesOf({ id: commentId, threadId }: CommentRow) {
  return { commentId, threadId };
}
