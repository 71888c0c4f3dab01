/** What an app may declare, and what it gets for it. Only the compiler reads it. */

import { connectProject } from "@validiant/realtime";
import type { QueryMap } from "@validiant/realtime/react";
import { broadcastProjectEvent, broadcastTaskEvent } from "@validiant/realtime/server";

declare module "@validiant/realtime" {
  interface TaskPayload {
    actorId?: string;
  }

  interface ProjectPayload {
    actorId?: string;
  }

  interface RealtimeEventMap {
    COMMENT_ADDED: TaskPayload & { commentId: string };
  }
}

const project = connectProject({ host: "localhost:1999", projectId: "p1", user: { id: "ann" } });
let actor: string | undefined;

// A field that all events of a task, of a project and of its members have.
project.on("TASK_STATUS_CHANGED", ({ payload }) => (actor = payload.actorId));
project.on("TASK_DELETED", ({ payload }) => (actor = payload.actorId));
project.on("MEMBER_ADDED", ({ payload }) => (actor = payload.actorId));
project.on("COMMENT_ADDED", ({ payload }) => (actor = payload.actorId ?? payload.commentId));
// @ts-expect-error: not declared
project.on("TASK_DELETED", ({ payload }) => (actor = payload.authorId));

// The backend may send it, and nothing that is not declared.
broadcastTaskEvent("p1", "t1", "TASK_UPDATED", { status: "done", actorId: "ann" });
broadcastProjectEvent("p1", "PROJECT_UPDATED", { actorId: actor ?? "ann" });
// @ts-expect-error: of another type
broadcastTaskEvent("p1", "t1", "TASK_UPDATED", { actorId: 1 });
// @ts-expect-error: not declared
broadcastTaskEvent("p1", "t1", "TASK_UPDATED", { authorId: "ann" });

// What an event needs can't be left out.
broadcastTaskEvent("p1", "t1", "TASK_DELETED");
broadcastTaskEvent("p1", "t1", "NO_KNOWN_EVENT");
broadcastTaskEvent("p1", "t1", "TASK_ASSIGNED", { assigneeId: "ben" }, "ann");
broadcastProjectEvent("p1", "PROJECT_UPDATED", undefined, "ann");
// @ts-expect-error: to whom?
broadcastTaskEvent("p1", "t1", "TASK_ASSIGNED");
// @ts-expect-error: who?
broadcastProjectEvent("p1", "MEMBER_ADDED", { role: "editor" });

// All events that come can make a query old: the app's, the server's and the client's own.
export const events: QueryMap["events"] = {
  COMMENT_ADDED: ({ payload }) => [["comments", payload.commentId]],
  MEMBER_ADDED: ({ payload }) => [["user", payload.actorId]],
  USER_LEFT: ({ payload }) => [["user", payload.userId]],
  resync: ({ payload }) => [["comments", payload.projectId, payload.first]],
  // @ts-expect-error: no event comes under this name
  users: () => [],
};
