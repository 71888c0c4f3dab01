/** TanStack Query: which queries show what an event tells of already. */

import type { AnyEvent } from "../core/events.ts";
import type { QueryClientLike, QueryKey } from "./invalidation.ts";

/** Whether all queries under a key show the version of the task that an event names, or a later one. */
export function isOldNews(
  queryClient: QueryClientLike,
  queryKey: QueryKey,
  { payload }: AnyEvent,
): boolean {
  const { taskId, version } = (payload ?? {}) as { taskId?: unknown; version?: unknown };
  if (typeof version !== "number") return false;
  const queries = queryClient.getQueryCache().findAll({ queryKey });
  return queries.length > 0 && queries.every(({ state }) => shown(state.data, taskId) >= version);
}

/** The version of a task in a query's data: the task, or a list of tasks. Below all if it is not there. */
function shown(data: unknown, taskId: unknown): number {
  const rows = (Array.isArray(data) ? data : [data]) as ({
    id?: unknown;
    version?: unknown;
  } | null)[];
  const version = rows.find((row) => row?.id === taskId)?.version;
  return typeof version === "number" ? version : Number.NEGATIVE_INFINITY;
}
