/** What a token says about its user. Only the server verifies it. */

interface Claims {
  readonly sub?: unknown;
  readonly name?: unknown;
  readonly permissions?: unknown;
}

/** The user's id and name, empty if the token has none. Undefined if the text is not a token. */
export function userIn(token: string): { userId: string; userName: string } | undefined {
  const claims = claimsIn(token);
  return claims && { userId: textOf(claims.sub), userName: textOf(claims.name) };
}

/** Whether a client with this token, or without one and with this user id, is present. */
export function isPresent(token: string, userId: string): boolean {
  if (token === "") return userId !== "";
  const permissions = claimsIn(token)?.permissions;
  return !Array.isArray(permissions) || permissions.includes("presence");
}

function claimsIn(token: string): Claims | undefined {
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token)?.[1];
  if (payload === undefined) return undefined;
  try {
    const binary = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (byte) => byte.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === "object" && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}

function textOf(claim: unknown): string {
  return typeof claim === "string" ? claim : "";
}
