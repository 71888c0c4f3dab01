/** The hooks for an app that passes its events as a type, as an alternative to declaration merging. */

import type {
  AnyEvent,
  BroadcastedEvent,
  DeclareThisEventInRealtimeEventMap,
  EventOf,
} from "../core/events.ts";
import type { ProjectConnection, RealtimeOptions } from "../core/project.ts";
import {
  type MaybeId,
  type ProjectRealtime,
  useOnlineUsers,
  useProjectEvent,
  useProjectRealtime,
  useTaskRealtime,
} from "./hooks.ts";

/** What `useProjectRealtime` returns if the app's events are `E`. */
export interface TypedProjectRealtime<E> extends Omit<ProjectRealtime, "connection" | "lastEvent"> {
  readonly connection: ProjectConnection<E> | undefined;
  readonly lastEvent: BroadcastedEvent<E> | undefined;
}

/** The hooks, typed for the events of `E` and the declared ones. */
export interface TypedHooks<E> {
  useProjectRealtime(projectId: MaybeId, options?: RealtimeOptions): TypedProjectRealtime<E>;
  useProjectEvent<T extends AnyEvent<E>["type"] | "*">(
    type: T,
    handler: (event: EventOf<T, E>) => unknown,
    projectId?: MaybeId,
  ): void;
  useProjectEvent(
    type: DeclareThisEventInRealtimeEventMap,
    handler: (event: AnyEvent<E>) => unknown,
    projectId?: MaybeId,
  ): void;
  useTaskRealtime: typeof useTaskRealtime;
  useOnlineUsers: typeof useOnlineUsers;
}

/**
 * The same hooks, typed for your own events. Call it once, outside components:
 *
 * ```ts
 * export const { useProjectEvent, useProjectRealtime } = typedHooks<{
 *   FILE_UPLOADED: { taskId: string; fileId: string };
 * }>();
 * ```
 */
export function typedHooks<E>(): TypedHooks<E> {
  const hooks: unknown = { useProjectRealtime, useProjectEvent, useTaskRealtime, useOnlineUsers };
  return hooks as TypedHooks<E>;
}
