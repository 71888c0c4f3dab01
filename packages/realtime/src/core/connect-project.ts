/** Makes a client of one project. */

import { Connection } from "./connection.ts";
import type { ConnectOptions, ProjectConnection } from "./project.ts";

/**
 * Connects to a project and stays connected through lost networks, sleep, server restarts and expired
 * tokens, until you call `close()` or the server refuses the client for good (see `status`). Returns
 * at once and never throws: with invalid options the status is `stopped`. Nothing is missed without a
 * `resync`.
 *
 * ```ts
 * const project = connectProject({ host: "localhost:1999", projectId: "p1", user: { id: "ann" } });
 * project.on("TASK_UPDATED", ({ payload }) => refetchTask(payload.taskId));
 * project.on("resync", () => refetchEverything());
 * ```
 *
 * You can pass your own events as a type here, instead of declaring them in `RealtimeEventMap`:
 * `connectProject<{ FILE_UPLOADED: { fileId: string } }>({ … })`.
 */
export function connectProject<E = unknown>(options: ConnectOptions): ProjectConnection<E> {
  return new Connection(options) as ProjectConnection as ProjectConnection<E>;
}
