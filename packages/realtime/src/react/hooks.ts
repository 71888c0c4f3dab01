/** The hooks. */

import { useEffect, useInsertionEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type {
  AnyEvent,
  BroadcastedEvent,
  DeclareThisEventInRealtimeEventMap,
  EventOf,
} from "../core/events.ts";
import type { RealtimeOptions } from "../core/project.ts";
import type { RealtimeStatus } from "../core/status.ts";
import type { OnlineUser } from "../server-frames.ts";
import { type MaybeId, type ProjectArgument, useMeant } from "./meant.ts";
import { hold, IDLE, identityOf, onChange, onEvent, renew, type View, viewOf } from "./registry.ts";
import { type Source, useTracked } from "./tracked.ts";

/** What {@link useProjectRealtime} returns. */
export type ProjectRealtime = View;

/** An event about a task. */
export type TaskEvent = Extract<BroadcastedEvent, { payload: { taskId: string } }>;

/** What {@link useTaskRealtime} returns. */
export interface TaskRealtime {
  readonly status: RealtimeStatus;
  /** The last event about this task since the component mounted or changed its task. */
  readonly lastEvent: TaskEvent | undefined;
}

/**
 * Connects to a project while the component is mounted. Returns the connection, its status, the users,
 * their number, how the project is encrypted, and the last event. The component renders again only when something that it reads has
 * changed.
 *
 * All components of a page share one connection to a project. Leave out `options` if another component
 * passes them. They can be a new object on each render. Another host, `user.id` or `identity` makes a
 * new connection at once. So does a `getToken` whose token is for another user. To find that out, a
 * function that was not seen before is called, at most every 10 s, unless `identity` says who is
 * signed in. If components disagree on host and user, the one that mounted last wins.
 *
 * When the last component unmounts, the connection stays open for 1.5 s. A component that mounts in
 * that time reuses it.
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
 * The same for one task of a project: returns the last event about it, and does not render for others.
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
 * Calls your latest `handler` for each event of this type, or with `*` for every event. It never
 * causes a render.
 *
 * If `projectId` is left out, it listens to the project that the page opened first of those that are
 * open: in most apps the only one. If `projectId` is null or undefined, the project is not known yet,
 * and there are no events. The hook opens no connection: `useProjectRealtime` does.
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
 * Returns who is online in the project: the same array until it changes. `projectId` works as in
 * {@link useProjectEvent}. In a project that is not known yet there is nobody. The hook opens no
 * connection.
 */
export function useOnlineUsers(...project: ProjectArgument): readonly OnlineUser[] {
  const meant = useMeant(project);
  return useSyncExternalStore(
    onChange,
    () => viewOf(meant()).users,
    () => IDLE.users,
  );
}

function useHold(projectId: MaybeId, options: RealtimeOptions | undefined): void {
  const latest = useLatest(options);
  const identity = options && identityOf(options);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new options with the same identity make no new connection
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
