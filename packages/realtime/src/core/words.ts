/** Why a connection ends, in sentences for people. */

import type { CloseCodeName } from "../codes.ts";
import type { CloseReason } from "./status.ts";

/** Why a connection ends that the server does not end. */
const LOSSES = {
  lost: "The connection was lost.",
  silent: "The server does not answer any more.",
  unreachable: "The server can't be reached.",
  noToken: "The app could not get a sign-in from its backend.",
};

const ENDED = "The server has ended the connection.";

/** By the server's code. A newer server may have more: these get a general answer. */
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
  misconfigured: "The server is not set up right.",
};

/** By the check that failed, where that says more. */
const CHECKS: Record<string, string> = {
  missing: "The server asks for a sign-in, and the app has sent none (`getToken`).",
  malformed: "The sign-in is no JSON Web Token that the server can read.",
  alg: "The sign-in is signed in a way that does not go with the server's key (`alg`).",
  crit: "The sign-in asks for something that the server does not know (`crit`).",
  signature: "The sign-in is not signed with a key of this server.",
  exp: "The sign-in does not say when it ends (`exp`).",
  nbf: "The sign-in is not valid yet (`nbf`). Is a clock wrong?",
  iat: "The sign-in was issued in the future (`iat`). Is a clock wrong?",
  iss: "The sign-in is from another issuer than this server's JWT_ISSUER.",
  aud: "The sign-in is for another audience than this server's JWT_AUDIENCE.",
  sub: "The sign-in does not say whose it is (`sub`).",
  revoked: "The sign-in was revoked.",
  projects: "The sign-in is not for this project (`projects`).",
  permissions: "The sign-in does not allow to listen to this project (`permissions`).",
  user: "The sign-in is another user's than the connection is for.",
  projectId: "The server does not take this project's id.",
  userId: "The user's id is too long or has control characters.",
  userName: "The user's name is too long or has control characters.",
};

/** The same, or what explains it. */
export function lossReason(loss: keyof typeof LOSSES): string {
  return isOffline() ? "This device is offline." : LOSSES[loss];
}

/** Whether the device says that it has no network. */
export function isOffline(): boolean {
  return globalThis.navigator?.onLine === false;
}

/** What the server's reason says, in words. */
export function inWords({ code, reason, setting }: CloseReason): string {
  if (setting === "ALLOWED_ORIGINS")
    return "The server does not let this page in: see its setting ALLOWED_ORIGINS.";
  if (setting && code === "misconfigured")
    return `The server is not set up right: see its setting ${setting}.`;
  if (setting) return `The server lets nobody in: see its setting ${setting}.`;
  return own(CHECKS, reason) ?? own(REASONS, code) ?? ENDED;
}

/** What stands under a name that came from outside. */
function own(words: Record<string, string>, name: unknown): string | undefined {
  return Object.hasOwn(words, `${name}`) ? words[`${name}`] : undefined;
}
