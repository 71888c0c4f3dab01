/** The options that projects and documents share. */

import { OptionError } from "./option-error.ts";
import type { RealtimeStatus } from "./status.ts";

/** Fails with an {@link OptionError} if a client can't sign in or connect with these. */
export function checkSignIn(
  options: { getToken?: unknown; WebSocket?: unknown } | undefined,
): void {
  const { getToken, WebSocket = globalThis.WebSocket } = options ?? {};
  if (getToken && typeof getToken !== "function")
    throw new OptionError("getToken", "must be a function that returns a token");
  if (typeof WebSocket !== "function")
    throw new OptionError(
      "WebSocket",
      "is not set, and this runtime has none. Use the one from `ws`",
    );
}

/** The status of a client that could not be made, because of this. */
export function stoppedBy(cause: unknown): RealtimeStatus {
  const what = cause instanceof Error ? cause.message : String(cause);
  const reason = `This app can't connect: ${what}${/[.?]$/.test(what) ? "" : "."}`;
  return { state: "stopped", reason, cause };
}
