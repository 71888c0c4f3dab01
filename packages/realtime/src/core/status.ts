/** How a connection is. */

import type { CloseCodeName } from "../codes.ts";

/**
 * - `connecting`: a connect is under way.
 * - `online`: events come.
 * - `waiting`: the connection is lost; it is tried again at `retryAt`.
 * - `stopped`: it is no use to try again: the server does not want this client back as it is, or an
 *   option can't be right. `reconnect()` tries all the same.
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
  /** Which of the server's checks failed, if it says so: `aud`, `signature`, `revoked`, … */
  readonly check?: string;
  /** For developers: what `getToken` threw, or the {@link OptionError} that names a wrong option. */
  readonly cause?: unknown;
  /** When the next connect is tried, in milliseconds since 1970. Only while `waiting`. */
  readonly retryAt?: number;
}

/** Why a connection is not `online`. */
export type Cause = Pick<RealtimeStatus, "reason" | "code" | "check" | "cause">;

/** The JSON that the server gives as the reason of a close. */
export interface CloseReason {
  code?: CloseCodeName;
  /** Which check failed. */
  reason?: string;
  retryAfterMs?: number | undefined;
  /** The setting of the server that keeps everybody out. */
  setting?: string;
}

export const CONNECTING: RealtimeStatus = { state: "connecting", reason: "Connecting." };
export const ONLINE: RealtimeStatus = { state: "online", reason: "Connected." };
export const CLOSED: RealtimeStatus = { state: "closed", reason: "Closed by this app." };

/** No server means a longer wait, and no timer takes one of 25 days: it would fire at once, for ever. */
const LONGEST_WAIT_MS = 3_600_000;

/** Whether a connection is not tried again by itself. */
export function isOver({ state }: RealtimeStatus): boolean {
  return state === "stopped" || state === "closed";
}

/** Reads the reason of a close; an empty one if it is none of the server's. */
export function readReason(text: string): CloseReason {
  try {
    const said: CloseReason = Object(JSON.parse(text));
    return { ...said, retryAfterMs: waitIn(said) };
  } catch {
    return {};
  }
}

/** How long it says to stay away; undefined if that can't be read. */
function waitIn({ retryAfterMs }: { retryAfterMs?: unknown }): number | undefined {
  if (typeof retryAfterMs !== "number" || Number.isNaN(retryAfterMs)) return undefined;
  return Math.min(LONGEST_WAIT_MS, Math.max(0, retryAfterMs));
}
