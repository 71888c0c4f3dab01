"use client";
/** React hooks for realtime events of a project, on the web and in React Native. */
export { useOnlineUsers, useProjectEvent, useProjectRealtime, useTaskRealtime, } from "./react/hooks.js";
export { invalidateQueriesOnEvents, } from "./react/queries.js";
