/** Why a broadcast was not taken. */

import type { ErrorCode } from "../codes.ts";

/**
 * The server's code, or one of this side:
 *
 * - `unreachable`: there was no answer: no network, no server, or not in time.
 * - `queue_full`: too many broadcasts are waiting already.
 * - `too_late`: it waited so long behind others that nobody needs it any more.
 * - `redirected`: the URL leads to another one, to which the secret is not sent.
 * - `not_set_up`: `REALTIME_URL` or `BROADCAST_SECRET` is missing here, or is not what it must be.
 * - `not_json`: the payload can't be written as JSON.
 */
export type BroadcastErrorCode =
  | ErrorCode
  | "unreachable"
  | "redirected"
  | "queue_full"
  | "too_late"
  | "not_set_up"
  | "not_json";

/** A broadcast that failed for good. */
export class BroadcastError extends Error {
  override readonly name = "BroadcastError";
  readonly code: BroadcastErrorCode;
  /** The status of the server's answer, if there was one. */
  readonly status: number | undefined;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: BroadcastErrorCode,
    message: string,
    more: { status?: number; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.code = code;
    this.status = more.status;
    this.retryAfterMs = more.retryAfterMs;
  }
}
