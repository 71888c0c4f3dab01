/** What a token says of its user. Whether it is true is for the server to judge. */

interface Claims {
  readonly sub?: unknown;
  readonly name?: unknown;
}

/** The user's id and name, empty where the token has none; undefined if the text is no token. */
export function userIn(token: string): { userId: string; userName: string } | undefined {
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token)?.[1];
  if (payload === undefined) return undefined;
  try {
    const binary = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (byte) => byte.charCodeAt(0));
    const { sub, name } = JSON.parse(new TextDecoder().decode(bytes)) as Claims;
    return { userId: textOf(sub), userName: textOf(name) };
  } catch {
    return undefined;
  }
}

function textOf(claim: unknown): string {
  return typeof claim === "string" ? claim : "";
}
