/** Why a connection ends, in sentences for people. */

import type { CloseCodeName } from "../codes.ts";
import type { CloseReason } from "./status.ts";

/** Why a connection ends when the server did not end it. */
const LOSSES = {
  lost: "The connection was lost.",
  silent: "The server has stopped answering.",
  unreachable: "The server can't be reached.",
  noToken: "The app could not get a sign-in from its backend.",
};

const ENDED = "The server ended the connection";

/** By the server's code. A newer server may have more codes: these get a general answer. */
const REASONS: Record<CloseCodeName, string> = {
  bad_request: "The user's id is too long or contains control characters",
  not_allowed: "This user may not see this project",
  removed: "This user was removed from the project",
  message_too_big: "A message to the server was too big",
  replaced: "A newer connection from the same page replaced this one",
  rate_limited: "This client sent too much",
  token_invalid: "The sign-in was not accepted",
  token_expired: "The sign-in has expired",
  try_again: "The server asked to try again later",
  connection_limit: "This user or this project has too many connections",
  misconfigured: "The server is misconfigured",
};

const NOT_YET = "The sign-in is not valid yet: a clock may be wrong";

/** By the failed check, where that says more than its name. */
const CHECKS: Record<string, string> = {
  missing: "The server requires a sign-in: `getToken`",
  signature: "The sign-in is not signed with one of this server's keys",
  nbf: NOT_YET,
  iat: NOT_YET,
  iss: "The sign-in is from a different issuer than this server's JWT_ISSUER",
  aud: "The sign-in is for a different audience than this server's JWT_AUDIENCE",
  projects: "The sign-in is not for this project",
  user: "The sign-in is for a different user than the connection",
  projectId: "The server does not accept this project id",
};

/** Why the connection was lost. If the device is offline, that explains it. */
export function lossReason(loss: keyof typeof LOSSES): string {
  return isOffline() ? "This device is offline." : LOSSES[loss];
}

/** Whether the device says that it has no network. */
export function isOffline(): boolean {
  return globalThis.navigator?.onLine === false;
}

/** Puts the server's reason into words. */
export function inWords({ code, reason, setting }: CloseReason): string {
  if (setting) return `${withSetting(code, setting)}: see its setting ${setting}.`;
  const words = own(CHECKS, reason) ?? own(REASONS, code) ?? ENDED;
  return reason ? `${words} (\`${reason}\`).` : `${words}.`;
}

function withSetting(code: unknown, setting: string): string {
  if (setting === "ALLOWED_ORIGINS") return "The server does not accept this page";
  return code === "misconfigured" ? REASONS.misconfigured : "The server lets nobody in";
}

/** Looks up a name that came from outside. */
function own(words: Record<string, string>, name: unknown): string | undefined {
  return Object.hasOwn(words, `${name}`) ? words[`${name}`] : undefined;
}
