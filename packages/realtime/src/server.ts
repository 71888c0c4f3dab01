/** For a backend, in Node, Bun, Deno and Cloudflare Workers: broadcasts, and answers to changes. */

export {
  conflict,
  etagOf,
  inProgress,
  invalidPatch,
  keyReused,
  matches,
  preconditionFailed,
  preconditionRequired,
  refusalOf,
  rowAnswer,
} from "./server/answers.ts";
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
export {
  type IdempotencyStorage,
  type IdempotentRequest,
  idempotent,
  KEPT_MS,
  type KeptAnswer,
} from "./server/idempotent.ts";
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
