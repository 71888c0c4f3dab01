/** Describes what others did. */

import type { AnyEvent } from "@validiant/realtime";
import type { Status } from "../../shared/board.ts";
import { FIELD_NAMES, type Field, STATUS_NAMES } from "./labels.ts";

/**
 * The notice for an event. Undefined if nobody caused it, if the user did it in another window, or if the
 * mark on the card says enough.
 */
export function noticeOf(
  event: AnyEvent,
  me: string,
  nameOf: (userId: string | undefined) => string,
): string | undefined {
  if (event.type === "resync" && !event.payload.first)
    return "You were away for a while. The board is up to date again";
  if (event.type === "undecryptable" && event.payload.reason !== "no_key")
    return "Something in this project could not be read: it was not written with its key";
  if (!("actorId" in event.payload)) return undefined;
  if (event.payload.actorId === me) return undefined;
  const actor = nameOf(event.payload.actorId);
  switch (event.type) {
    case "PROJECT_CREATED":
      return `${actor} created the project “${event.payload.name}”`;
    case "MEMBERS_CHANGED": {
      const { userIds, isMember } = event.payload;
      const who = userIds.map(whom).join(", ");
      return isMember
        ? `${actor} added ${who} to a project`
        : `${actor} removed ${who} from a project`;
    }
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
      return `${actor} changed ${whatOf(event.payload.changed)}${titled(event.payload)}`;
    case "TASK_DELETED":
      return `${actor} deleted ${titled(event.payload)}`;
    case "TASK_RESTORED":
      return `${actor} restored ${titled(event.payload)}`;
    case "COMMENT_ADDED":
      if (event.payload.mentions?.includes(me))
        return `${actor} mentioned you in ${titled(event.payload)}`;
      return `${actor} commented on ${titled(event.payload)}`;
    case "THREAD_RESOLVED":
      if (event.payload.resolved === false)
        return `${actor} opened a thread of ${titled(event.payload)} again`;
      return `${actor} resolved a thread of ${titled(event.payload)}`;
  }

  function whom(userId: string): string {
    return userId === me ? "you" : nameOf(userId);
  }
}

/** The changed field. Empty if there were several, or if it was the title, which is named anyway. */
function whatOf([field, ...others]: readonly Field[] = []): string {
  if (field === undefined || field === "title" || others.length > 0) return "";
  return `the ${FIELD_NAMES[field].toLowerCase()} of `;
}

function titled({ title }: { title?: string }): string {
  return title === undefined ? "a task" : `“${title}”`;
}
