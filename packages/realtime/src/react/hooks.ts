/** The hooks. */

import { useEffect, useInsertionEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { AnyEvent } from "../core/events.ts";
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

/** What {@link useProjectRealtime} answers. */
export type ProjectRealtime = View;

/** An event about a task. */
export type TaskEvent = Extract<AnyEvent, { payload: { taskId: string } }>;

/** What {@link useTaskRealtime} answers. */
export interface TaskRealtime {
  readonly status: RealtimeStatus;
  /** What came last about this task since the component asks for it. */
  readonly lastEvent: TaskEvent | undefined;
}

/**
 * Connects to a project for as long as the component is there, and answers connection, status,
 * users, how many these are, and the last event. The component renders anew only when one of them changes that it reads.
 *
 * All components of a page share one connection to a project. `options` may be left out where
 * another component gives them. They need not be the same object each time: another host or user
 * makes a new connection, another `getToken` function is called from the next connect on.
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
 * Without `projectId` it listens to the project that the page opened first of those that it has
 * open, which is the only one in most apps. It opens no connection: `useProjectRealtime` does.
 */
export function useProjectEvent<T extends AnyEvent["type"] | "*">(
  type: T,
  handler: (event: T extends "*" ? AnyEvent : Extract<AnyEvent, { type: T }>) => unknown,
  projectId?: MaybeId,
): void {
  const latest = useLatest(handler as (event: AnyEvent) => unknown);
  useEffect(
    () =>
      onEvent((event, from) => {
        const isMeant = from === (projectId ?? currentProject());
        if (isMeant && (type === "*" || type === event.type)) return latest.current(event);
      }),
    [type, projectId, latest],
  );
}

/**
 * Who is in the project: the same array until it changes. Without `projectId` of the same one as
 * {@link useProjectEvent}. It opens no connection.
 */
export function useOnlineUsers(projectId?: MaybeId): readonly OnlineUser[] {
  return useSyncExternalStore(
    onChange,
    () => viewOf(projectId ?? currentProject()).users,
    () => IDLE.users,
  );
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
