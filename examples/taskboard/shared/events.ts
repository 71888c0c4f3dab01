/** The events of this app, beside those that the package knows. */

import type {} from "@validiant/realtime";
import type { TaskField } from "./board.ts";

/** The room in which everybody is, for what concerns the list of projects. */
export const WORKSPACE = "workspace";

declare module "@validiant/realtime" {
  interface TaskPayload {
    /** Who did it. */
    actorId?: string;
    /** What the task is called, for the notice that others get. */
    title?: string;
  }

  interface TaskChangePayload {
    /** Where it stands in its column. */
    position?: string;
    /** What is different now. */
    changed?: readonly TaskField[];
  }

  interface RealtimeEventMap {
    COMMENT_ADDED: TaskPayload & { commentId: string };
    PROJECT_CREATED: { projectId: string; actorId: string; name: string };
    /** It stands elsewhere in the same column. */
    TASK_MOVED: TaskPayload & { position: string };
    /** It was deleted, and is there again. */
    TASK_RESTORED: TaskPayload;
  }
}
