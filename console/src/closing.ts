/** Why a connection ended, and what a client should do, in words. */

import { adviceOf, CLOSE_CODES, type CloseAdvice } from "../../packages/realtime/src/codes.ts";

export interface Ending {
  readonly code: number;
  readonly name: string;
  readonly advice: string;
  /** Whether a client returns by itself, as `partysocket` would; after so many milliseconds, if the server said so. */
  readonly mayReturn: boolean;
  readonly retryAfterMs?: number;
}

const ADVICE: Record<CloseAdvice, string> = {
  stop: "Stop: it would end the same way again.",
  "refresh-token": "Fetch a fresh token, then come back with it.",
  later: "Come back later.",
};
const BROKEN = "The connection broke.";
/** A browser tells no page why (P4.5). */
const NOT_TAKEN =
  "The server was not reached, or does not take this project's id, or not so many connects a minute.";
/** Codes of the WebSocket protocol itself (RFC 6455, 7.4.1). */
const STANDARD: Record<number, string> = {
  1000: "normal",
  1001: "going away",
  1006: "connection lost",
  1009: "message too big",
  1011: "internal error",
  1012: "service restart",
};

/** What the server gives for a reason: JSON, with a setting or a limit if one is the cause. */
interface Reason {
  setting?: string;
  limit?: string;
  retryAfterMs?: number;
}

/** `wasOpen`: whether the server had taken the connection before. */
export function endingOf(code: number, reason: string, wasOpen: boolean): Ending {
  const advice = adviceOf(code);
  const own = Object.values(CLOSE_CODES).find(({ number }) => number === code);
  const { setting, limit, retryAfterMs } = parse(reason);
  const causes = [
    setting === undefined ? "" : ` The setting is ${setting}: see /health.`,
    limit === undefined ? "" : ` The limit is ${limit}.`,
  ];
  return {
    code,
    name: own?.name ?? STANDARD[code] ?? "unknown",
    advice: (advice ? ADVICE[advice] : wasOpen ? BROKEN : NOT_TAKEN) + causes.join(""),
    mayReturn: advice === undefined || advice === "later",
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function parse(reason: string): Reason {
  try {
    return JSON.parse(reason) as Reason;
  } catch {
    return {};
  }
}
