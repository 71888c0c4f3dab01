/** What others are told. Each event has ids and what a notice needs: the pages fetch the rest. */

import { BroadcastEvent, type Broadcaster } from "@validiant/realtime/server";
import type { Comment, Project } from "../shared/board.ts";
import { WORKSPACE } from "../shared/events.ts";
import type { TaskRow } from "./store.ts";

export class Announcer {
  readonly #realtime: Broadcaster;

  constructor(realtime: Broadcaster) {
    this.#realtime = realtime;
  }

  projectCreated({ id: projectId, name }: Project, actorId: string): void {
    const payload = { projectId, name, actorId };
    void this.#realtime.broadcastToProject(WORKSPACE, "PROJECT_CREATED", payload, actorId);
  }

  taskCreated(
    task: Pick<TaskRow, "id" | "projectId" | "title" | "status" | "priority">,
    actorId: string,
  ): void {
    const { id, projectId, title, status, priority } = task;
    const data = { title, status, priority, createdBy: actorId, actorId };
    const type = BroadcastEvent.TASK_CREATED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, data, actorId);
  }

  /** One event for each thing that is different now; none if nothing is. */
  taskChanged({ was, is }: { was: TaskRow; is: TaskRow }, actorId: string): void {
    const { id, projectId, title, status, priority } = is;
    const tell = this.#realtime.broadcastTaskEvent;
    const about = { title, actorId };
    if (was.status !== status)
      void tell(projectId, id, BroadcastEvent.TASK_STATUS_CHANGED, { ...about, status }, actorId);
    if (was.assigneeId !== is.assigneeId) {
      const removed = is.assigneeId === null;
      const assigneeId = is.assigneeId ?? was.assigneeId ?? "";
      const data = { ...about, assigneeId, removed };
      void tell(projectId, id, BroadcastEvent.TASK_ASSIGNED, data, actorId);
    }
    if (was.title !== title || was.priority !== priority) {
      const data = { ...about, status, priority };
      void tell(projectId, id, BroadcastEvent.TASK_UPDATED, data, actorId);
    }
  }

  taskDeleted({ id, projectId, title }: TaskRow, actorId: string): void {
    const data = { title, actorId };
    const type = BroadcastEvent.TASK_DELETED;
    void this.#realtime.broadcastTaskEvent(projectId, id, type, data, actorId);
  }

  commentAdded(
    { id, projectId, title }: TaskRow,
    comment: Pick<Comment, "id">,
    actorId: string,
  ): void {
    const data = { commentId: comment.id, title, actorId };
    void this.#realtime.broadcastTaskEvent(projectId, id, "COMMENT_ADDED", data, actorId);
  }
}
