/** Which check a client failed (P6.2), in words. */

const WORDS: Record<string, string> = {
  missing: "No token came, and this server wants one.",
  malformed: "The token can't be read as a JSON Web Token.",
  alg: "The token is signed by a method that no key here is for.",
  crit: "The token has a crit header, which is always refused.",
  signature: "No key of the server has signed this token.",
  exp: "The token has no exp claim.",
  nbf: "The token does not hold yet (nbf).",
  iat: "The token was issued in the future (iat): does a clock go wrong?",
  iss: "The token's iss is not JWT_ISSUER.",
  aud: "The token's aud has not JWT_AUDIENCE in it.",
  sub: "The token's sub is no user id.",
  revoked: "The token was revoked.",
  projects: "The token is not for this project.",
  permissions: "The token does not allow subscribing.",
  user: "The user id is another than the token's sub.",
  projectId: "The project id is none: it has 1 to 128 bytes, and no slash.",
  userId: "The user id is none: it has 1 to 128 bytes, and no control characters.",
  userName: "The name is none: it is too long, or has control characters.",
};

export function wordsFor(reason: string): string {
  return Object.hasOwn(WORDS, reason) ? (WORDS[reason] ?? "") : `The reason is ${reason}.`;
}
