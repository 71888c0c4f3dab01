/** What a token says of its user. Whether it is true is for the server to judge. */

interface Claims {
  readonly sub?: unknown;
  readonly name?: unknown;
  readonly permissions?: unknown;
}

/** The user's id and name, empty where the token has none; undefined if the text is no token. */
export function userIn(token: string): { userId: string; userName: string } | undefined {
  const claims = claimsIn(token);
  return claims && { userId: textOf(claims.sub), userName: textOf(claims.name) };
}

/** Whether a client with this token, or with none and this user id, is present for the others. */
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
