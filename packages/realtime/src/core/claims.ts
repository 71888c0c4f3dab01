/** Reads a token's claims. Nothing is verified here: the server does that. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The claims that a client reads. */
interface Claims {
  readonly sub?: unknown;
  readonly exp?: unknown;
}

/** The user a token is for. Undefined if it does not say. */
export function userOf(token: string | undefined): string | undefined {
  const { sub } = claimsOf(token ?? "");
  return typeof sub === "string" ? sub : undefined;
}

/** When a token expires, in milliseconds since 1970. Undefined if it can't be read. */
export function endOf(token: string | undefined): number | undefined {
  const { exp } = claimsOf(token ?? "");
  return typeof exp === "number" ? exp * 1000 : undefined;
}

function claimsOf(token: string): Claims {
  try {
    return Object(JSON.parse(textOf(token.split(".")[1] as string)));
  } catch {
    return {};
  }
}

/** Decodes base64url of UTF-8. React Native before 0.74 has no `atob`, and `atob` never decodes UTF-8. */
function textOf(base64url: string): string {
  let escaped = "";
  let held = 0;
  let bits = 0;
  for (const letter of base64url) {
    held = (held << 6) | ALPHABET.indexOf(letter);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    escaped += `%${(256 + ((held >> bits) & 255)).toString(16).slice(1)}`;
  }
  return decodeURIComponent(escaped);
}
