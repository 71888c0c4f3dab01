/** The names of the built-in events, as constants. */

import type { RealtimeEventMap } from "../core/events.ts";

/** `BroadcastEvent.TASK_CREATED` is `"TASK_CREATED"`. Your own events need no entry here. */
export const BroadcastEvent = {
  TASK_CREATED: "TASK_CREATED",
  TASK_UPDATED: "TASK_UPDATED",
  TASK_STATUS_CHANGED: "TASK_STATUS_CHANGED",
  TASK_DELETED: "TASK_DELETED",
  TASK_ASSIGNED: "TASK_ASSIGNED",
  PROJECT_UPDATED: "PROJECT_UPDATED",
  PROJECT_DELETED: "PROJECT_DELETED",
  MEMBER_ADDED: "MEMBER_ADDED",
  MEMBER_UPDATED: "MEMBER_UPDATED",
  MEMBER_REMOVED: "MEMBER_REMOVED",
  COMMENT_ADDED: "COMMENT_ADDED",
  COMMENT_UPDATED: "COMMENT_UPDATED",
  COMMENT_DELETED: "COMMENT_DELETED",
  REACTION_CHANGED: "REACTION_CHANGED",
  THREAD_RESOLVED: "THREAD_RESOLVED",
  THREAD_READ: "THREAD_READ",
} as const satisfies { [T in keyof RealtimeEventMap]?: T };

/** The name of a built-in event. */
export type BroadcastEvent = (typeof BroadcastEvent)[keyof typeof BroadcastEvent];
