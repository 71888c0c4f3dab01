/** Broadcasts from a backend: Node, Bun, Deno, Cloudflare Workers. */

export { BroadcastEvent } from "./server/broadcast-event.ts";
export {
  type Broadcaster,
  type BroadcasterOptions,
  type BroadcastReply,
  createBroadcaster,
  type FailedBroadcast,
} from "./server/broadcaster.ts";
export type { Fetch } from "./server/deliver.ts";
export {
  broadcasterFromEnvironment,
  broadcastProjectEvent,
  broadcastTaskEvent,
  broadcastToProject,
  broadcastToProjects,
  broadcastToUsers,
  configureBroadcasts,
  flush,
  publishToProject,
} from "./server/environment.ts";
export { BroadcastError, type BroadcastErrorCode } from "./server/error.ts";
export type {
  AnyEvents,
  DataArguments,
  DataOf,
  Declared,
  EventName,
  EventsOf,
  Excluded,
  ExcludedConnection,
  ExcludedUser,
  Named,
  PayloadOf,
  Undeclared,
} from "./server/typing.ts";
