/**
 * What the page's address keeps over a reload: who is connected, and the fields of the form. It is all in
 * the fragment, which a browser never sends. It never contains a secret or a token.
 */

export interface KeptClient {
  readonly projectId: string;
  readonly userId: string;
  readonly userName: string;
  /** Whether it had a token, which is not kept here. */
  readonly hadToken: boolean;
}

export interface Kept {
  readonly clients: readonly KeptClient[];
  /** The form's fields by name, only those that have changed. */
  readonly fields: Readonly<Record<string, string>>;
}

const CLIENT = "client";
const SECRET = "secret";
const TOKEN = "token";
/** Longer addresses are hard to share: a field that is too long is left out. */
const MOST_LENGTH = 8_192;

/** For example `#client=demo/ann/Ann&to=demo`. Empty for an unchanged page. */
export function fragmentOf({ clients, fields }: Kept): string {
  const pairs = clients.map((client) => `${CLIENT}=${pathOf(client)}`);
  let length = pairs.join("&").length;
  for (const [name, value] of Object.entries(fields)) {
    const pair = `${name}=${encodeURIComponent(value)}`;
    length += pair.length + 1;
    if (length <= MOST_LENGTH) pairs.push(pair);
  }
  return pairs.length === 0 ? "" : `#${pairs.join("&")}`;
}

/** Reads a fragment. Anything unreadable is ignored. */
export function keptIn(fragment: string): Kept {
  const clients: KeptClient[] = [];
  const fields: Record<string, string> = {};
  for (const [name, value] of pairsIn(fragment)) {
    if (name === SECRET) continue;
    const client = name === CLIENT ? clientOf(value) : undefined;
    if (client) clients.push(client);
    else if (name !== CLIENT) fields[name] = decoded(value) ?? "";
  }
  return { clients, fields };
}

/** The secret in the link that `npm run dev` prints, and the fragment without it. */
export function withoutSecret(fragment: string): { secret: string; rest: string } {
  const pairs = pairsIn(fragment);
  const secret = pairs.find(([name]) => name === SECRET)?.[1] ?? "";
  const others = pairs.filter(([name]) => name !== SECRET).map((pair) => pair.join("="));
  return { secret: decoded(secret) ?? "", rest: others.length === 0 ? "" : `#${others.join("&")}` };
}

/** Removes the secret from the address bar and the history, before anything else happens. */
export function takeSecret(): string {
  const { secret, rest } = withoutSecret(location.hash);
  if (secret !== "") replaceFragment(rest);
  return secret;
}

export function replaceFragment(fragment: string): void {
  if (fragment !== location.hash)
    history.replaceState(null, "", `${location.pathname}${location.search}${fragment}`);
}

function pathOf({ projectId, userId, userName, hadToken }: KeptClient): string {
  const parts = [projectId, userId, userName, ...(hadToken ? [TOKEN] : [])];
  return parts.map(encodeURIComponent).join("/");
}

function clientOf(path: string): KeptClient | undefined {
  const [projectId, userId, userName, mark] = path.split("/").map(decoded);
  if (!projectId || userId === undefined || userName === undefined) return undefined;
  return { projectId, userId, userName, hadToken: mark === TOKEN };
}

function pairsIn(fragment: string): [string, string][] {
  const pairs = fragment.replace(/^#/, "").split("&");
  return pairs
    .filter((pair) => pair.includes("="))
    .map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)];
    });
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
