/** Tokens, signed as a backend does it. */

import { type KeyObject, sign } from "node:crypto";
import { signed } from "../../scripts/serve/jwt.ts";

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

/** The same, signed by a private key of the algorithm. Its `kid` is the algorithm unless another one is given. */
export function signedBy(alg: string, key: KeyObject, claims = {}, kid = alg): string {
  const unsigned = token(claims, { header: { alg, kid } }).replace(/\.[^.]+$/, "");
  const options = alg === "ES256" ? { key, dsaEncoding: "ieee-p1363" as const } : key;
  const hash = key.asymmetricKeyType === "ed25519" ? null : "sha256";
  return `${unsigned}.${sign(hash, Buffer.from(unsigned), options).toString("base64url")}`;
}
