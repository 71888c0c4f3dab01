/** This app's own events, in addition to the package's. */

import type {} from "@validiant/realtime";
import type { TaskField } from "./board.ts";

/** The room that everybody is in, for events about the list of projects. */
export const WORKSPACE = "workspace";

declare module "@validiant/realtime" {
  interface TaskPayload {
    /** Who did it. */
    actorId?: string;
    /** The task's title, for the notice that others get. */
    title?: string;
  }

  interface TaskChangePayload {
    /** Its place in the column. */
    position?: string;
    /** Which fields have changed. Nobody is named for the description: several people write it. */
    changed?: readonly (TaskField | "description")[];
  }

  interface RealtimeEventMap {
    /** Nobody has typed in a document for a while. */
    DOC_CHANGED: { docId: string };
    PROJECT_CREATED: { projectId: string; actorId: string; name: string };
    /** Somebody may see a private project now, or no longer. Nothing of the project is in it but its id. */
    MEMBERS_CHANGED: { projectId: string; actorId: string; userIds: string[]; isMember: boolean };
    /** It moved within its column. */
    TASK_MOVED: TaskPayload & { position: string };
    /** It had been deleted, and is back. */
    TASK_RESTORED: TaskPayload;
  }
}
