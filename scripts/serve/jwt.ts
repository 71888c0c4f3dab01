/** A JSON Web Token, signed with HS256 as a backend would. */

import { createHmac } from "node:crypto";

export function signed(
  claims: Record<string, unknown>,
  secret: string,
  header: Record<string, unknown> = { alg: "HS256", typ: "JWT" },
): string {
  const parts = [header, claims];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  const signature = createHmac("sha256", secret).update(text.join(".")).digest("base64url");
  return [...text, signature].join(".");
}
