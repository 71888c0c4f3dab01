"use client";

/** React hooks for realtime events of a project, on the web and in React Native. */

export type { Cursor } from "./collaboration/cursors.ts";
export type { Person } from "./collaboration/person.ts";
export {
  type ProjectRealtime,
  type TaskEvent,
  type TaskRealtime,
  useOnlineUsers,
  useProjectEvent,
  useProjectRealtime,
  useTaskRealtime,
} from "./react/hooks.ts";
export type { QueryClientLike, QueryKey, QueryLike } from "./react/invalidation.ts";
export type { MaybeId } from "./react/meant.ts";
export {
  type MyPresence,
  useMyPresence,
  useOther,
  useOthers,
  useOthersAt,
  useSelf,
} from "./react/others.ts";
export { invalidateQueriesOnEvents, type QueryMap } from "./react/queries.ts";
export { checkConnections } from "./react/registry.ts";
export {
  type TypedHooks,
  type TypedOther,
  type TypedProjectRealtime,
  type TypedSelf,
  typedHooks,
} from "./react/typed.ts";
export {
  type AvatarStack,
  type AvatarStackOptions,
  type StackedAvatar,
  useAvatarStack,
} from "./react/use-avatar-stack.ts";
export { type CursorOptions, type CursorState, useCursors } from "./react/use-cursors.ts";
export { type TypingState, useTyping } from "./react/use-typing.ts";
