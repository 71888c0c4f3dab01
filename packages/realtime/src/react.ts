"use client";

/** React hooks for realtime events of a project, on the web and in React Native. */

export {
  type MaybeId,
  type ProjectRealtime,
  type TaskEvent,
  type TaskRealtime,
  useOnlineUsers,
  useProjectEvent,
  useProjectRealtime,
  useTaskRealtime,
} from "./react/hooks.ts";
export type { QueryClientLike, QueryKey, QueryLike } from "./react/invalidation.ts";
export { invalidateQueriesOnEvents, type QueryMap } from "./react/queries.ts";
export { checkConnections } from "./react/registry.ts";
export { type TypedHooks, type TypedProjectRealtime, typedHooks } from "./react/typed.ts";
