/** TanStack Query: what an event makes old. */
import type { Unsubscribe } from "../core/emitter.ts";
import type { AnyEvent, RealtimeEventMap } from "../core/events.ts";
/** A key of TanStack Query. */
export type QueryKey = readonly unknown[];
/** What is needed of a `QueryClient` of TanStack Query 5. */
export interface QueryClientLike {
    invalidateQueries(filters: {
        queryKey: QueryKey;
    }): Promise<unknown>;
    removeQueries(filters: {
        queryKey: QueryKey;
    }): void;
}
/** Under which keys an app has what events change. */
export interface QueryMap {
    /** The list of a project's tasks. Default: `["tasks", projectId]`. */
    tasks?: (projectId: string) => QueryKey;
    /**
     * One task. Default: `["task", taskId]`. Without `taskId`, after a `resync`, it is what the keys
     * of all tasks of the project begin with: by default `["task"]`.
     */
    task?: (taskId: string | undefined, projectId: string) => QueryKey;
    /** The project itself. Default: `["project", projectId]`. */
    project?: (projectId: string) => QueryKey;
    /** Its members. Default: `["members", projectId]`. */
    members?: (projectId: string) => QueryKey;
    /** What else events make old, by their type: an app's own, or more for those that are known. */
    events?: {
        [T in keyof RealtimeEventMap]?: (event: Extract<AnyEvent, {
            type: T;
        }>, projectId: string) => readonly QueryKey[];
    };
}
/**
 * Has TanStack Query fetch anew what an event has changed, for all projects that the hooks have
 * open, until the returned function is called. Call it in an effect:
 *
 * ```ts
 * useEffect(() => invalidateQueriesOnEvents(queryClient), [queryClient]);
 * ```
 *
 * Events of a task invalidate the task and the list; `TASK_DELETED` removes the task;
 * `PROJECT_…` invalidates the project and `MEMBER_…` its members; `resync` all of the project. Of
 * events that come together each key is invalidated once.
 */
export declare function invalidateQueriesOnEvents(queryClient: QueryClientLike, map?: QueryMap): Unsubscribe;
