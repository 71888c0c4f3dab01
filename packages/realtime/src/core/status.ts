/** The state of a connection. */

import type { CloseCodeName } from "../codes.ts";

/**
 * - `connecting`: a connection attempt is in progress.
 * - `online`: events arrive.
 * - `waiting`: the connection is lost; the next attempt is at `retryAt`.
 * - `stopped`: the client has given up, because retrying would not help: the server does not want it
 *   back as it is, or an option is invalid. `reconnect()` still works.
 * - `closed`: the app called `close()`.
 */
export type RealtimeState = "connecting" | "online" | "waiting" | "stopped" | "closed";

/** The status of a connection. A new object on each change. */
export interface RealtimeStatus {
  readonly state: RealtimeState;
  /** Why, in a sentence for people. */
  readonly reason: string;
  /** The server's code, if the server ended the connection. */
  readonly code?: CloseCodeName;
  /** Which of the server's checks failed, if it says: `aud`, `signature`, `revoked`, … */
  readonly check?: string;
  /** For developers: what `getToken` threw, or the {@link OptionError} that names an invalid option. */
  readonly cause?: unknown;
  /** The time of the next attempt, in milliseconds since 1970. Only while `waiting`. */
  readonly retryAt?: number;
}

/** Why a connection is not `online`. */
export type Cause = Pick<RealtimeStatus, "reason" | "code" | "check" | "cause">;

/** The JSON in the reason of the server's close. */
export interface CloseReason {
  code?: CloseCodeName;
  /** Which check failed. */
  reason?: string;
  retryAfterMs?: number | undefined;
  /** Which limit was reached. */
  limit?: string;
  /** The server's setting that keeps everybody out. */
  setting?: string;
}

export const CONNECTING: RealtimeStatus = { state: "connecting", reason: "Connecting." };
export const ONLINE: RealtimeStatus = { state: "online", reason: "Connected." };
export const CLOSED: RealtimeStatus = { state: "closed", reason: "Closed by this app." };

/** No server asks for a longer wait. A timer of 25 days overflows: it would fire at once, again and again. */
const LONGEST_WAIT_MS = 3_600_000;

/** Whether the client no longer retries by itself. */
export function isOver({ state }: RealtimeStatus): boolean {
  return state === "stopped" || state === "closed";
}

/** Reads the reason of a close. Returns an empty one if it is not the server's. */
export function readReason(text: string): CloseReason {
  try {
    const said: CloseReason = Object(JSON.parse(text));
    return { ...said, retryAfterMs: waitIn(said) };
  } catch {
    return {};
  }
}

/** How long the server asks the client to stay away. Undefined if unreadable. */
function waitIn({ retryAfterMs }: { retryAfterMs?: unknown }): number | undefined {
  if (typeof retryAfterMs !== "number" || Number.isNaN(retryAfterMs)) return undefined;
  return Math.min(LONGEST_WAIT_MS, Math.max(0, retryAfterMs));
}
