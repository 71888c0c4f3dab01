/** What others did, in words. */

import type { AnyEvent } from "@validiant/realtime";
import type { Status } from "../../shared/board.ts";
import { STATUS_NAMES } from "./labels.ts";

/** What is said of an event; nothing if it is nobody's deed. */
export function noticeOf(
  event: AnyEvent,
  me: string,
  nameOf: (userId: string | undefined) => string,
): string | undefined {
  if (!("actorId" in event.payload)) return undefined;
  const actor = nameOf(event.payload.actorId);
  switch (event.type) {
    case "PROJECT_CREATED":
      return `${actor} created the project “${event.payload.name}”`;
    case "TASK_CREATED":
      return `${actor} added ${titled(event.payload)}`;
    case "TASK_STATUS_CHANGED":
      return `${actor} moved ${titled(event.payload)} to ${STATUS_NAMES[event.payload.status as Status]}`;
    case "TASK_ASSIGNED": {
      const { assigneeId, removed } = event.payload;
      if (removed) return `${actor} took ${titled(event.payload)} from ${whom(assigneeId)}`;
      return `${actor} assigned ${titled(event.payload)} to ${whom(assigneeId)}`;
    }
    case "TASK_UPDATED":
      return `${actor} changed ${titled(event.payload)}`;
    case "TASK_DELETED":
      return `${actor} deleted ${titled(event.payload)}`;
    case "COMMENT_ADDED":
      return `${actor} commented on ${titled(event.payload)}`;
  }

  function whom(userId: string): string {
    return userId === me ? "you" : nameOf(userId);
  }
}

function titled({ title }: { title?: string }): string {
  return title === undefined ? "a task" : `“${title}”`;
}
