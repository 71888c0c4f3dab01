/** For a backend, in Node, Bun, Deno and Cloudflare Workers: broadcasts, answers to changes, documents, removals and epoch keys. */

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
  createBroadcaster,
} from "./server/broadcaster.ts";
export {
  type AsText,
  createDocuments,
  type Documents,
  type DocumentsOptions,
} from "./server/documents.ts";
export {
  broadcasterFromEnvironment,
  broadcastProjectEvent,
  broadcastTaskEvent,
  broadcastToProject,
  broadcastToProjects,
  broadcastToUsers,
  configureBroadcasts,
  deleteDocument,
  flush,
  publishToProject,
  publishToProjects,
  raiseKeyEpoch,
  readDocument,
  removeUser,
  seedDocument,
} from "./server/environment.ts";
export {
  createEpochKeys,
  EPOCH_KEYS_SQL,
  type EpochKeyStore,
  type EpochKeyStoreOptions,
  type SqlClient,
} from "./server/epoch-keys.ts";
export {
  BroadcastError,
  type BroadcastErrorCode,
  DocumentError,
  type DocumentErrorCode,
  KeyStoreError,
  type KeyStoreErrorCode,
  RoomError,
  type RoomErrorCode,
} from "./server/error.ts";
export type { FailedBroadcast } from "./server/failures.ts";
export {
  type IdempotencyStorage,
  type IdempotentRequest,
  idempotent,
  KEPT_MS,
  type KeptAnswer,
} from "./server/idempotent.ts";
export type {
  BroadcastReply,
  MissedProject,
  ProjectResult,
  ReachedProject,
} from "./server/results.ts";
export { createRooms, type Removal, type Rooms, type RoomsOptions } from "./server/rooms.ts";
export type { BroadcastEncryption } from "./server/sealing.ts";
export type { Fetch, ServerAccess } from "./server/server-access.ts";
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
