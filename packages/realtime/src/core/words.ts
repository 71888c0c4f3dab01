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

const ENDED = "The server ended the connection.";

/** By the server's code. A newer server may have more codes: these get a general answer. */
const REASONS: Record<CloseCodeName, string> = {
  bad_request: "The user's id or name is too long or contains control characters.",
  not_allowed: "This user may not see this project.",
  removed: "This user was removed from the project.",
  message_too_big: "A message to the server was too big.",
  replaced: "A newer connection from the same page replaced this one.",
  rate_limited: "This client sent too much.",
  token_invalid: "The sign-in was not accepted.",
  token_expired: "The sign-in has expired.",
  try_again: "The server asked to try again later.",
  connection_limit: "This user or this project has too many connections.",
  misconfigured: "The server is misconfigured.",
};

/** By the failed check, which says more. */
const CHECKS: Record<string, string> = {
  missing: "The server requires a sign-in (`getToken`).",
  malformed: "The sign-in is not a JSON Web Token that the server can read.",
  alg: "The sign-in's algorithm does not match the server's key (`alg`).",
  crit: "The sign-in requires what the server does not support (`crit`).",
  signature: "The sign-in is not signed with one of this server's keys.",
  exp: "The sign-in does not say when it expires (`exp`).",
  expired: "The sign-in has expired.",
  nbf: "The sign-in is not valid yet (`nbf`). Is a clock wrong?",
  iat: "The sign-in was issued in the future (`iat`). Is a clock wrong?",
  iss: "The sign-in is from a different issuer than this server's JWT_ISSUER.",
  aud: "The sign-in is for a different audience than this server's JWT_AUDIENCE.",
  sub: "The sign-in does not say who the user is (`sub`).",
  revoked: "The sign-in was revoked.",
  projects: "The sign-in is not for this project (`projects`).",
  permissions: "The sign-in does not allow subscribing to this project (`permissions`).",
  user: "The sign-in is for a different user than the connection.",
  projectId: "The server does not accept this project id.",
  userId: "The user's id is too long or contains control characters.",
  userName: "The user's name is too long or contains control characters.",
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
  if (setting === "ALLOWED_ORIGINS")
    return "The server does not accept this page: see its setting ALLOWED_ORIGINS.";
  if (setting && code === "misconfigured")
    return `The server is misconfigured: see its setting ${setting}.`;
  if (setting) return `The server lets nobody in: see its setting ${setting}.`;
  return own(CHECKS, reason) ?? own(REASONS, code) ?? ENDED;
}

/** Looks up a name that came from outside. */
function own(words: Record<string, string>, name: unknown): string | undefined {
  return Object.hasOwn(words, `${name}`) ? words[`${name}`] : undefined;
}
