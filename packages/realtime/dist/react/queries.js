/** TanStack Query: what an event makes old. */
import { onEvent } from "./registry.js";
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
export function invalidateQueriesOnEvents(queryClient, map = {}) {
    let old = new Keys();
    const flush = () => {
        const { removed, invalidated } = old;
        old = new Keys();
        for (const queryKey of removed.values())
            queryClient.removeQueries({ queryKey });
        for (const queryKey of invalidated.values())
            void queryClient.invalidateQueries({ queryKey });
    };
    return onEvent((event, projectId) => {
        if (old.isEmpty)
            queueMicrotask(flush);
        mark(old, map, event, projectId);
    });
}
/** What is old, each key once. */
class Keys {
    removed = new Map();
    invalidated = new Map();
    get isEmpty() {
        return this.removed.size + this.invalidated.size === 0;
    }
    invalidate(...keys) {
        for (const key of keys)
            this.invalidated.set(JSON.stringify(key), key);
    }
    remove(key) {
        this.removed.set(JSON.stringify(key), key);
        this.invalidated.delete(JSON.stringify(key));
    }
}
function mark(old, map, event, projectId) {
    const { tasks = (id) => ["tasks", id], task = (id) => (id === undefined ? ["task"] : ["task", id]), project = (id) => ["project", id], members = (id) => ["members", id], events = {}, } = map;
    switch (event.type) {
        case "TASK_CREATED":
        case "TASK_UPDATED":
        case "TASK_STATUS_CHANGED":
        case "TASK_ASSIGNED":
            old.invalidate(tasks(projectId), task(taskIdOf(event), projectId));
            break;
        case "TASK_DELETED":
            old.invalidate(tasks(projectId));
            // A backend that does not say which must not empty the cache.
            if (taskIdOf(event))
                old.remove(task(taskIdOf(event), projectId));
            break;
        case "PROJECT_UPDATED":
        case "PROJECT_DELETED":
            old.invalidate(project(projectId));
            break;
        case "MEMBER_ADDED":
        case "MEMBER_UPDATED":
        case "MEMBER_REMOVED":
            old.invalidate(members(projectId));
            break;
        case "resync":
            old.invalidate(tasks(projectId), task(undefined, projectId));
            old.invalidate(project(projectId), members(projectId));
    }
    const more = events[event.type];
    if (more)
        old.invalidate(...more(event, projectId));
}
function taskIdOf(event) {
    return event.payload?.taskId;
}
