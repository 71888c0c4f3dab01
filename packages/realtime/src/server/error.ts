/** Why a request to the server failed. */

import type { ErrorCode } from "../codes.ts";

/**
 * The server's code, or one of the helpers' own:
 *
 * - `unreachable`: the server did not answer: no network, no server, or a timeout.
 * - `queue_full`: too many broadcasts are already waiting.
 * - `too_late`: it waited too long behind others to be of use.
 * - `redirected`: the URL redirects to another one, and the secret is not sent there.
 * - `not_set_up`: `REALTIME_URL` or `BROADCAST_SECRET` is missing or invalid.
 * - `not_json`: the payload can't be written as JSON.
 * - `no_key`: the project is encrypted, and there is no key to encrypt with. Nothing was sent.
 */
export type BroadcastErrorCode =
  | ErrorCode
  | "unreachable"
  | "redirected"
  | "queue_full"
  | "too_late"
  | "not_set_up"
  | "not_json"
  | "no_key";

/** A request to the server that failed for good. */
class ServerError<Code> extends Error {
  readonly code: Code;
  /** The HTTP status of the server's answer, if there was one. */
  readonly status: number | undefined;
  /** How long the server asks callers to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The lowest epoch of keys that the project takes, if it says so. */
  readonly minKeyEpoch: number | undefined;

  constructor(
    code: Code,
    message: string,
    more: {
      status?: number | undefined;
      retryAfterMs?: number | undefined;
      minKeyEpoch?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: more.cause });
    this.code = code;
    this.status = more.status;
    this.retryAfterMs = more.retryAfterMs;
    this.minKeyEpoch = more.minKeyEpoch;
  }
}

/** A broadcast that failed for good. */
export class BroadcastError extends ServerError<BroadcastErrorCode> {
  override readonly name = "BroadcastError";
}

/** The server's code, or one of the helpers' own: as for a broadcast. */
export type DocumentErrorCode = Exclude<
  BroadcastErrorCode,
  "queue_full" | "too_late" | "not_json" | "no_key"
>;

/** A document that could not be read, seeded or deleted. */
export class DocumentError extends ServerError<DocumentErrorCode> {
  override readonly name = "DocumentError";
}

/** The server's code, or one of the helpers' own: as for a document. */
export type RoomErrorCode = DocumentErrorCode;

/** A user that could not be removed, or an epoch that could not be raised. */
export class RoomError extends ServerError<RoomErrorCode> {
  override readonly name = "RoomError";
}

/**
 * Why an epoch key can't be had:
 *
 * - `not_set_up`: `EPOCH_WRAPPING_KEYS` is missing or invalid.
 * - `unknown_wrapping_key`: the key is under a wrapping key that is not in `EPOCH_WRAPPING_KEYS`.
 * - `damaged`: the stored key was changed, or is that of another row.
 */
export type KeyStoreErrorCode = "not_set_up" | "unknown_wrapping_key" | "damaged";

/** An epoch key that can't be read. It never means that a project is not encrypted. */
export class KeyStoreError extends Error {
  override readonly name = "KeyStoreError";
  readonly code: KeyStoreErrorCode;

  constructor(code: KeyStoreErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
