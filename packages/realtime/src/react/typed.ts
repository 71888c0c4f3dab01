/** The hooks for an app that passes its events as a type, as an alternative to declaration merging. */

import type {
  AnyEvent,
  BroadcastedEvent,
  DeclareThisEventInRealtimeEventMap,
  EventOf,
} from "../core/events.ts";
import type { Other, PresenceData, PresencePatch, Self } from "../core/people.ts";
import type { ProjectConnection, RealtimeOptions } from "../core/project.ts";
import {
  type ProjectRealtime,
  useOnlineUsers,
  useProjectEvent,
  useProjectRealtime,
  useTaskRealtime,
} from "./hooks.ts";
import type { MaybeId } from "./meant.ts";
import {
  type Selecting,
  type SelectingAll,
  useMyPresence,
  useOther,
  useOthers,
  useOthersAt,
  useSelf,
} from "./others.ts";

/** What `useProjectRealtime` returns if the app's events are `E`. */
export interface TypedProjectRealtime<E> extends Omit<ProjectRealtime, "connection" | "lastEvent"> {
  readonly connection: ProjectConnection<E> | undefined;
  readonly lastEvent: BroadcastedEvent<E> | undefined;
}

/** Another user, whose presence data also have the keys of `P`. */
export interface TypedOther<P> extends Omit<Other, "data" | "connections"> {
  readonly connections: readonly { readonly connectionId: string; readonly data: DataOf<P> }[];
  readonly data: DataOf<P>;
}

/** This client, whose presence data also have the keys of `P`. */
export interface TypedSelf<P> extends Omit<Self, "data"> {
  readonly data: DataOf<P>;
}

type DataOf<P> = PresenceData & Partial<P>;
type PatchOf<P> = PresencePatch & { readonly [K in keyof P]?: P[K] | null | undefined };

/**
 * The hooks, typed for the events of `E` and the declared ones, and for presence data with the keys of
 * `P` and the declared ones.
 */
export interface TypedHooks<E, P = unknown> {
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
  useOthers(...args: SelectingAll): readonly TypedOther<P>[];
  useOthers<T>(...args: Selecting<readonly TypedOther<P>[], T>): T;
  useOther(userId: MaybeId, ...args: SelectingAll): TypedOther<P> | undefined;
  useOther<T>(userId: MaybeId, ...args: Selecting<TypedOther<P>, T>): T | undefined;
  useOthersAt(at: MaybeId, projectId?: MaybeId): readonly TypedOther<P>[];
  useSelf(...args: SelectingAll): TypedSelf<P> | undefined;
  useSelf<T>(...args: Selecting<TypedSelf<P>, T>): T | undefined;
  useMyPresence(
    projectId?: MaybeId,
  ): readonly [data: DataOf<P>, setPresence: (patch: PatchOf<P>) => void];
}

/**
 * The same hooks, typed for your own events. Call it once, outside components:
 *
 * ```ts
 * export const { useProjectEvent, useProjectRealtime } = typedHooks<{
 *   FILE_UPLOADED: { taskId: string; fileId: string };
 * }>();
 * ```
 *
 * The second type is for presence data: `typedHooks<MyEvents, { selection: string[] }>()`. Hooks that do
 * not depend on either are not here, so that a page which does not use them does not load them.
 */
export function typedHooks<E, P = unknown>(): TypedHooks<E, P> {
  const hooks: unknown = {
    useProjectRealtime,
    useProjectEvent,
    useTaskRealtime,
    useOnlineUsers,
    useOthers,
    useOther,
    useOthersAt,
    useSelf,
    useMyPresence,
  };
  return hooks as TypedHooks<E, P>;
}
