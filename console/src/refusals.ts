/** Which check a client failed (P6.2), in words. */

const WORDS: Record<string, string> = {
  missing: "The client sent no token, and this server requires one.",
  malformed: "The token can't be read as a JSON Web Token.",
  alg: "The server has no key for the token's signing algorithm (alg).",
  crit: "The token has a crit header, which is always refused.",
  signature: "The token is not signed with one of the server's keys.",
  exp: "The token has no exp claim.",
  expired: "The token has expired.",
  nbf: "The token is not valid yet (nbf).",
  iat: "The token was issued in the future (iat). Is a clock wrong?",
  iss: "The token's iss is not JWT_ISSUER.",
  aud: "The token's aud does not include JWT_AUDIENCE.",
  sub: "The token's sub is not a valid user id.",
  revoked: "The token was revoked.",
  projects: "The token is not for this project.",
  permissions: "The token does not allow subscribing.",
  user: "The user id is not the token's sub.",
  projectId: "The project id is invalid: it must be 1 to 128 bytes, without a slash.",
  userId: "The user id is invalid: it must be 1 to 128 bytes, without control characters.",
  userName: "The name is invalid: it is too long, or contains control characters.",
};

export function wordsFor(reason: string): string {
  return Object.hasOwn(WORDS, reason) ? (WORDS[reason] ?? "") : `The reason is ${reason}.`;
}
