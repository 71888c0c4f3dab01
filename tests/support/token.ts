/** Tokens, signed as a backend does it. */

import { signed } from "../../scripts/jwt.mjs";

export const JWT_SECRET = "a secret of at least 32 bytes, for the tests";

/** Seconds since the Unix epoch, as tokens count them. */
export const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;

/** A token of ann for all projects, for a minute, with these claims changed. */
export function token(
  claims: Record<string, unknown> = {},
  { secret = JWT_SECRET, header = { alg: "HS256", typ: "JWT" } as Record<string, unknown> } = {},
): string {
  return signed({ sub: "ann", projects: "*", exp: inSeconds(60), ...claims }, secret, header);
}
