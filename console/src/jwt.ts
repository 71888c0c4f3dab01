/** Makes a JSON Web Token for development: HS256, with the browser's own cryptography. */

export type Claims = Readonly<Record<string, unknown>>;

/** Pages loaded over plain HTTP from another machine have no cryptography. */
export const CAN_SIGN = globalThis.crypto?.subtle !== undefined;

export async function sign(claims: Claims, secret: string): Promise<string> {
  const header = { alg: "HS256", typ: "JWT" };
  const text = [header, claims].map((part) => base64url(utf8(JSON.stringify(part)))).join(".");
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8(secret), algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, utf8(text));
  return `${text}.${base64url(new Uint8Array(signature))}`;
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function base64url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
