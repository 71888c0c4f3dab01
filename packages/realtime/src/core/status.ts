/** How a connection is, in words. */

import type { CloseCodeName } from "../codes.ts";

/**
 * - `connecting`: a connect is under way.
 * - `online`: events come.
 * - `waiting`: the connection is lost; it is tried again at `retryAt`.
 * - `stopped`: the server does not want this client back as it is, or `host` or `projectId` is
 *   empty. It does not try again.
 * - `closed`: the app called `close()`.
 */
export type RealtimeState = "connecting" | "online" | "waiting" | "stopped" | "closed";

/** How a connection is. A new object on each change. */
export interface RealtimeStatus {
  readonly state: RealtimeState;
  /** Why, in a sentence for people. */
  readonly reason: string;
  /** The server's code, if it was the server that ended the connection. */
  readonly code?: CloseCodeName;
  /** What `getToken` threw, for developers. Only while `waiting` because of it. */
  readonly cause?: unknown;
  /** When the next connect is tried, in milliseconds since 1970. Only while `waiting`. */
  readonly retryAt?: number;
}

/** The JSON that the server gives as the reason of a close. */
export interface CloseReason {
  code?: CloseCodeName;
  retryAfterMs?: number;
  /** The setting of the server that keeps everybody out. */
  setting?: string;
}

export const CONNECTING: RealtimeStatus = { state: "connecting", reason: "Connecting." };
export const ONLINE: RealtimeStatus = { state: "online", reason: "Connected." };
export const NOWHERE: RealtimeStatus = {
  state: "stopped",
  reason: "The app does not say where to connect.",
};
export const CLOSED: RealtimeStatus = { state: "closed", reason: "Closed by this app." };

/** Whether a connection is never tried again. */
export function isOver({ state }: RealtimeStatus): boolean {
  return state === "stopped" || state === "closed";
}

/** Why a connection ends that the server does not end. */
const LOSSES = {
  lost: "The connection was lost.",
  silent: "The server does not answer any more.",
  unreachable: "The server can't be reached.",
  noToken: "The app could not get a sign-in from its backend.",
};

const REASONS: Record<CloseCodeName, string> = {
  bad_request: "The user's id or name is too long or has control characters.",
  not_allowed: "This user may not see this project.",
  removed: "This user was removed from the project.",
  message_too_big: "A message to the server was too big.",
  replaced: "A newer connection of the same page took this one's place.",
  rate_limited: "This client sent too much.",
  token_invalid: "The sign-in was not accepted.",
  token_expired: "The sign-in has expired.",
  try_again: "The server asks to try again.",
  connection_limit: "There are too many connections, of this user or in this project.",
  misconfigured: "A setting of the server is wrong.",
};

/** The same, or what explains it. */
export function lossReason(loss: keyof typeof LOSSES): string {
  return globalThis.navigator?.onLine === false ? "This device is offline." : LOSSES[loss];
}

/** What the server's reason says, in words. */
export function inWords({ code, setting }: CloseReason): string {
  if (setting) return `The server lets nobody in: see its setting ${setting}.`;
  return (code && REASONS[code]) ?? LOSSES.lost;
}

/** Reads the reason of a close; an empty one if it is none of the server's. */
export function readReason(text: string): CloseReason {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
