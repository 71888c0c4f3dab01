/** The hooks. */

import {
  useCallback,
  useEffect,
  useInsertionEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from "react";
import type {
  AnyEvent,
  BroadcastedEvent,
  DeclareThisEventInRealtimeEventMap,
  EventOf,
} from "../core/events.ts";
import type { RealtimeOptions } from "../core/project.ts";
import type { RealtimeStatus } from "../core/status.ts";
import type { OnlineUser } from "../server-frames.ts";
import {
  currentProject,
  hold,
  IDLE,
  identityOf,
  onChange,
  onEvent,
  renew,
  type View,
  viewOf,
} from "./registry.ts";
import { type Source, useTracked } from "./tracked.ts";

/** A project's id; nothing while it is not known yet. */
export type MaybeId = string | null | undefined;

/** The last argument of a hook that may be about the project that the page has open. */
type ProjectArgument = [projectId?: MaybeId];

/** What {@link useProjectRealtime} answers. */
export type ProjectRealtime = View;

/** An event about a task. */
export type TaskEvent = Extract<BroadcastedEvent, { payload: { taskId: string } }>;

/** What {@link useTaskRealtime} answers. */
export interface TaskRealtime {
  readonly status: RealtimeStatus;
  /** What came last about this task since the component asks for it. */
  readonly lastEvent: TaskEvent | undefined;
}

/**
 * Connects to a project for as long as the component is there, and answers connection, status,
 * users, how many these are, and the last event. The component renders again only when one of them
 * changes that it reads.
 *
 * All components of a page share one connection to a project. `options` may be left out where
 * another component gives them. They need not be the same object each time: another host, `user.id` or
 * `identity` makes a new connection at once, and so does a `getToken` whose token is another user's. To
 * find that out, a function that was not seen before is called, every 10 s at the most, unless
 * `identity` says who is signed in. Where components do not agree on host and user, those of who
 * asked last count.
 *
 * When the last component is gone the connection stays for 1.5 s: a page that comes back meanwhile
 * goes on with it.
 */
export function useProjectRealtime(projectId: MaybeId, options?: RealtimeOptions): ProjectRealtime {
  useHold(projectId, options);
  const source = useMemo<Source<View>>(
    () => ({ subscribe: onChange, read: () => viewOf(projectId), initial: IDLE }),
    [projectId],
  );
  return useTracked(source);
}

/**
 * The same for one task of a project: the last event about it, and no render for any other task.
 */
export function useTaskRealtime(
  taskId: MaybeId,
  projectId: MaybeId,
  options?: RealtimeOptions,
): TaskRealtime {
  useHold(projectId, options);
  const source = useMemo(() => taskSource(taskId, projectId), [taskId, projectId]);
  return useTracked(source);
}

/**
 * Calls the newest `handler` on each event of this type, or with `*` on all. It never renders.
 *
 * Where `projectId` is left out it listens to the project that the page opened first of those that
 * it has open, which is the only one in most apps. Given, but null or undefined, it is a project
 * that is not known yet: nothing is heard. It opens no connection: `useProjectRealtime` does.
 */
export function useProjectEvent<T extends AnyEvent["type"] | "*">(
  type: T,
  handler: (event: EventOf<T>) => unknown,
  ...project: ProjectArgument
): void;
export function useProjectEvent(
  type: DeclareThisEventInRealtimeEventMap,
  handler: (event: AnyEvent) => unknown,
  ...project: ProjectArgument
): void;
export function useProjectEvent(
  type: unknown,
  handler: (event: never) => unknown,
  ...project: ProjectArgument
): void {
  const meant = useMeant(project);
  const latest = useLatest(handler as (event: AnyEvent) => unknown);
  useEffect(
    () =>
      onEvent((event, from) => {
        if (from === meant() && (type === "*" || type === event.type)) return latest.current(event);
      }),
    [type, meant, latest],
  );
}

/**
 * Who is in the project: the same array until it changes. `projectId` is as in
 * {@link useProjectEvent}: in a project that is not known yet there is nobody. It opens no connection.
 */
export function useOnlineUsers(...project: ProjectArgument): readonly OnlineUser[] {
  const meant = useMeant(project);
  return useSyncExternalStore(
    onChange,
    () => viewOf(meant()).users,
    () => IDLE.users,
  );
}

/** Which project is meant at the moment. To leave it out is not the same as not to know it yet. */
function useMeant(project: ProjectArgument): () => MaybeId {
  const isNamed = project.length > 0;
  const [projectId] = project;
  return useCallback(() => (isNamed ? projectId : currentProject()), [isNamed, projectId]);
}

function useHold(projectId: MaybeId, options: RealtimeOptions | undefined): void {
  const latest = useLatest(options);
  const identity = options && identityOf(options);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new options of the same identity are no new connection
  useEffect(() => {
    if (projectId) return hold(projectId, latest.current);
  }, [projectId, identity]);
  useEffect(() => {
    if (projectId && options) renew(projectId, options);
  }, [projectId, options]);
}

function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  useInsertionEffect(() => {
    latest.current = value;
  });
  return latest;
}

function taskSource(taskId: MaybeId, projectId: MaybeId): Source<TaskRealtime> {
  let lastEvent: TaskEvent | undefined;
  return {
    subscribe(listener) {
      const offEvent = onEvent((event, from) => {
        if (taskId && from === projectId && isAbout(taskId, event)) lastEvent = event;
      });
      const offChange = onChange(listener);
      return () => {
        offEvent();
        offChange();
      };
    },
    read: () => ({ status: viewOf(projectId).status, lastEvent }),
    initial: { status: IDLE.status, lastEvent: undefined },
  };
}

function isAbout(taskId: string, event: AnyEvent): event is TaskEvent {
  return (event.payload as { taskId?: unknown } | null)?.taskId === taskId;
}
