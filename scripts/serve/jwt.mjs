/** A JSON Web Token, signed with HS256 as a backend would. */

import { createHmac } from "node:crypto";

/**
 * @param {Record<string, unknown>} claims
 * @param {string} secret
 * @param {Record<string, unknown>} [header]
 */
export function signed(claims, secret, header = { alg: "HS256", typ: "JWT" }) {
  const parts = [header, claims];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  const signature = createHmac("sha256", secret).update(text.join(".")).digest("base64url");
  return [...text, signature].join(".");
}
