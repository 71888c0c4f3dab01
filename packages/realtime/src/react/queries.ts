/** TanStack Query: which queries an event invalidates. */

import type { Unsubscribe } from "../core/emitter.ts";
import type { AnyEvent } from "../core/events.ts";
import { invalidate, type QueryClientLike, type QueryKey } from "./invalidation.ts";
import { isOldNews } from "./old-news.ts";
import { Pace } from "./pace.ts";
import { onEvent } from "./registry.ts";

/** The query keys of the data that events change. */
export interface QueryMap {
  /** The list of a project's tasks. Default: `["tasks", projectId]`. */
  tasks?: ((projectId: string) => QueryKey) | undefined;
  /**
   * One task. Default: `["task", taskId]`. Without `taskId`, after a `resync`, it is the common prefix
   * of the keys of all the project's tasks: by default `["task"]`.
   */
  task?: ((taskId: string | undefined, projectId: string) => QueryKey) | undefined;
  /** The project itself. Default: `["project", projectId]`. */
  project?: ((projectId: string) => QueryKey) | undefined;
  /** Its members. Default: `["members", projectId]`. */
  members?: ((projectId: string) => QueryKey) | undefined;
  /**
   * The comments on a task. Default: `["comments", taskId]`. Without `taskId`, after a `resync`, the
   * common prefix of the keys of all tasks, as with `task`: by default `["comments"]`.
   */
  comments?: ((taskId: string | undefined, projectId: string) => QueryKey) | undefined;
  /** The threads of a task, in the same way. Default: `["threads", taskId]`. */
  threads?: ((taskId: string | undefined, projectId: string) => QueryKey) | undefined;
  /** What the user has not read yet. Default: `["unread"]`. */
  unread?: ((projectId: string) => QueryKey) | undefined;
  /**
   * What else events invalidate, by event type: for your own events, or more keys for the built-in
   * ones. For `resync`, return everything that your app has of the project besides the keys above.
   */
  events?: {
    [T in AnyEvent["type"]]?: (
      event: Extract<AnyEvent, { type: T }>,
      projectId: string,
    ) => readonly QueryKey[];
  };
  /**
   * What a `resync` waits for before anything is fetched again. For an app that works offline it is
   * `offline.idle`: what waits is then sent first.
   */
  after?: (() => Promise<unknown>) | undefined;
}

/**
 * Makes TanStack Query fetch again what an event has changed, for all projects that the hooks have
 * open, until you call the returned function. Call it in an effect:
 *
 * ```ts
 * useEffect(() => invalidateQueriesOnEvents(queryClient), [queryClient]);
 * ```
 *
 * Events about a task invalidate the task and the list. `TASK_DELETED` removes the task. `PROJECT_…`
 * invalidates the project, and `MEMBER_…` its members. `COMMENT_…` and `REACTION_CHANGED` invalidate the
 * comments, `THREAD_…` and `COMMENT_…` the threads, and all but reactions what is unread. `resync`
 * invalidates everything in the project. The first event takes effect at once. Those that follow are
 * grouped, at most three times a second, and the last one is never missed. A query that is being fetched
 * when its event arrives is fetched again. An event about a task that has a `version` is dropped for
 * queries that show this version of the task, or a later one.
 */
export function invalidateQueriesOnEvents(
  queryClient: QueryClientLike,
  map: QueryMap = {},
): Unsubscribe {
  let old = new Keys();
  const pace = new Pace((isOneOfMany) => {
    const { removed, invalidated } = old;
    old = new Keys();
    for (const queryKey of removed.values()) queryClient.removeQueries({ queryKey });
    for (const queryKey of widest(invalidated)) invalidate(queryClient, queryKey, isOneOfMany);
  });
  let isOff = false;
  const take = (event: AnyEvent, projectId: string) => {
    if (isOff) return;
    try {
      const news = (key: QueryKey) => !isOldNews(queryClient, key, event);
      mark(old, map, event, projectId, news);
    } finally {
      // Even if a function of the map has thrown: what is marked so far counts.
      if (!old.isEmpty) pace.ask();
    }
  };
  const off = onEvent((event, projectId) => {
    if (event.type !== "resync" || !map.after) return take(event, projectId);
    const go = () => take(event, projectId);
    return map.after().then(go, go);
  });
  return () => {
    isOff = true;
    off();
    pace.end();
  };
}

/** The keys that are not within another key. Those would be fetched a second time. */
function widest(keys: ReadonlyMap<string, QueryKey>): QueryKey[] {
  const isWithinAnother = (key: QueryKey) =>
    key.some((_part, length) => keys.has(JSON.stringify(key.slice(0, length))));
  return [...keys.values()].filter((key) => !isWithinAnother(key));
}

/** The keys to remove and to invalidate, each once. */
class Keys {
  readonly removed = new Map<string, QueryKey>();
  readonly invalidated = new Map<string, QueryKey>();

  get isEmpty(): boolean {
    return this.removed.size + this.invalidated.size === 0;
  }

  invalidate(...keys: readonly QueryKey[]): void {
    for (const key of keys) this.invalidated.set(JSON.stringify(key), key);
  }

  remove(key: QueryKey): void {
    this.removed.set(JSON.stringify(key), key);
    this.invalidated.delete(JSON.stringify(key));
  }
}

function mark(
  old: Keys,
  map: QueryMap,
  event: AnyEvent,
  projectId: string,
  isNews: (key: QueryKey) => boolean,
): void {
  const {
    tasks = (id) => ["tasks", id],
    task = keyOf("task"),
    project = (id) => ["project", id],
    members = (id) => ["members", id],
    comments = keyOf("comments"),
    threads = keyOf("threads"),
    unread = () => ["unread"],
    events = {},
  } = map;
  switch (event.type) {
    case "TASK_CREATED":
    case "TASK_UPDATED":
    case "TASK_STATUS_CHANGED":
    case "TASK_ASSIGNED":
      old.invalidate(...[tasks(projectId), task(taskIdOf(event), projectId)].filter(isNews));
      break;
    case "TASK_DELETED":
      old.invalidate(tasks(projectId));
      // An event that does not say which task must not empty the cache.
      if (taskIdOf(event)) old.remove(task(taskIdOf(event), projectId));
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
    case "COMMENT_ADDED":
    case "COMMENT_UPDATED":
    case "COMMENT_DELETED":
      old.invalidate(comments(taskIdOf(event), projectId), threads(taskIdOf(event), projectId));
      old.invalidate(unread(projectId));
      break;
    case "REACTION_CHANGED":
      old.invalidate(comments(taskIdOf(event), projectId));
      break;
    case "THREAD_RESOLVED":
    case "THREAD_READ":
      old.invalidate(threads(taskIdOf(event), projectId), unread(projectId));
      break;
    case "resync":
      old.invalidate(tasks(projectId), task(undefined, projectId));
      old.invalidate(project(projectId), members(projectId));
      old.invalidate(comments(undefined, projectId), threads(undefined, projectId));
      old.invalidate(unread(projectId));
  }
  const more = (events as Record<string, MoreKeys | undefined>)[event.type];
  if (more) old.invalidate(...more(event, projectId));
}

/** The key of something of one task. Without the task, the prefix that those of all tasks share. */
function keyOf(name: string): (taskId: string | undefined) => QueryKey {
  return (taskId) => (taskId === undefined ? [name] : [name, taskId]);
}

function taskIdOf(event: { payload: { taskId: string } }): string | undefined {
  return event.payload?.taskId;
}

type MoreKeys = (event: AnyEvent, projectId: string) => readonly QueryKey[];
