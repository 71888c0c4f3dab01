/** Realtime events of a project, in any JavaScript runtime. */

export * from "./codes.ts";
export { type Avatar, avatarOf } from "./collaboration/avatar.ts";
export type { EncryptionState } from "./core/channel.ts";
export { connectProject } from "./core/connect-project.ts";
export type { Unsubscribe } from "./core/emitter.ts";
export type { Encryption } from "./core/encryption.ts";
// The whole module: otherwise apps could not extend `RealtimeEventMap` by declaration merging.
export type * from "./core/events.ts";
export { OptionError } from "./core/option-error.ts";
// The whole module, for `PresenceData`.
export type * from "./core/people.ts";
export type {
  ConnectOptions,
  ProjectConnection,
  RealtimeOptions,
  RealtimeUser,
  SendArguments,
  SendOptions,
} from "./core/project.ts";
export type { RealtimeState, RealtimeStatus } from "./core/status.ts";
export type { GetToken, TokenContext } from "./core/token.ts";
export type * from "./server-frames.ts";
