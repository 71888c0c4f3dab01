/** Broadcasts from a backend: Node, Bun, Deno, Cloudflare Workers. */

export { BroadcastEvent } from "./server/broadcast-event.ts";
export {
  type Broadcaster,
  type BroadcasterOptions,
  type BroadcastReply,
  createBroadcaster,
  type DataArguments,
  type DataOf,
  type ExcludedUser,
  type FailedBroadcast,
  type PayloadOf,
} from "./server/broadcaster.ts";
export {
  broadcastProjectEvent,
  broadcastTaskEvent,
  broadcastToProject,
  broadcastToProjects,
  configureBroadcasts,
  flush,
  publishToProject,
} from "./server/environment.ts";
export { BroadcastError, type BroadcastErrorCode } from "./server/error.ts";
