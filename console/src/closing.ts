/** Why a connection ended, and what a client should do, in words. */

import { adviceOf, CLOSE_CODES, type CloseAdvice } from "../../packages/realtime/src/codes.ts";
import { wordsFor } from "./refusals.ts";

export interface Ending {
  readonly code: number;
  readonly name: string;
  readonly advice: string;
  /** Whether a client returns by itself, as `partysocket` would. */
  readonly mayReturn: boolean;
  /** Whether another token would help. */
  readonly wantsToken: boolean;
  /** How long the server asks the client to wait, if it does. */
  readonly retryAfterMs?: number;
}

const ADVICE: Record<CloseAdvice, string> = {
  stop: "Stop: it would end the same way again.",
  "refresh-token": "Fetch a fresh token, then reconnect.",
  later: "Try again later.",
};
const BROKEN = "The connection broke.";
/** A browser tells no page why (P4.5). */
const NOT_TAKEN =
  "The server could not be reached, or it does not accept this project id or so many connects a minute.";
/** Codes of the WebSocket protocol itself (RFC 6455, 7.4.1). */
const STANDARD: Record<number, string> = {
  1000: "normal",
  1001: "going away",
  1006: "connection lost",
  1009: "message too big",
  1011: "internal error",
  1012: "service restart",
};

/** The server's reason: JSON, with the check, setting or limit that caused it, if any. */
interface Reason {
  reason?: string;
  setting?: string;
  limit?: string;
  retryAfterMs?: number;
}

/** `wasOpen`: whether the server had accepted the connection. */
export function endingOf(code: number, reason: string, wasOpen: boolean): Ending {
  const advice = adviceOf(code);
  const own = Object.values(CLOSE_CODES).find(({ number }) => number === code);
  const parsed = parse(reason);
  const { retryAfterMs } = parsed;
  return {
    code,
    name: own?.name ?? STANDARD[code] ?? "unknown",
    advice: (advice ? ADVICE[advice] : wasOpen ? BROKEN : NOT_TAKEN) + causesIn(parsed),
    mayReturn: advice === undefined || advice === "later",
    // A token for another user or another project gets 4001.
    wantsToken:
      advice === "refresh-token" || ["projects", "permissions"].includes(parsed.reason ?? ""),
    ...(typeof retryAfterMs === "number" ? { retryAfterMs } : {}),
  };
}

function causesIn({ reason, setting, limit }: Reason): string {
  const causes = [
    reason === undefined ? "" : ` ${wordsFor(reason)}`,
    setting === undefined ? "" : ` The setting is ${setting}: see /health.`,
    limit === undefined ? "" : ` The limit is ${limit}.`,
  ];
  return causes.join("");
}

function parse(text: string): Reason {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
