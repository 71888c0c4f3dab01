/** Where the server is, and how to get in. */

/** Sends a request: `fetch`, or the `fetch` of a Cloudflare Worker's service binding. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** How to reach the server. */
export interface ServerAccess {
  /**
   * The server's address with its scheme, such as `https://realtime.example.com`. It can have a path.
   * Redirects are not followed: the secret would be sent along.
   */
  url: string;
  /** The server's `BROADCAST_SECRET`. */
  secret: string;
  /**
   * Sends the requests instead of the runtime's own `fetch`. A Cloudflare Worker in the server's
   * account needs it: `(url, init) => env.REALTIME.fetch(url, init)`.
   */
  fetch?: Fetch | undefined;
}

/**
 * What is missing or wrong, if anything is. It never quotes a value: an address can contain a
 * password, and the runtimes' own errors would print the secret.
 */
export function problemOf({
  url,
  secret,
}: Pick<ServerAccess, "url" | "secret">): string | undefined {
  if (!url) return "REALTIME_URL is not set";
  if (!secret) return "BROADCAST_SECRET is not set";
  if (!/^[!-~]+$/.test(secret.trim()))
    return "BROADCAST_SECRET contains a character that the server does not allow in a secret";
  const { protocol, username, password, search, hash } = URL.canParse(url) ? new URL(url) : {};
  if (protocol !== "http:" && protocol !== "https:")
    return "REALTIME_URL must be an address that begins with http:// or https://";
  if (username || password || search || hash)
    return "REALTIME_URL must have only a host and a path";
  return undefined;
}

/** The server's address, without a slash at the end. */
export function serverOf(url: string): string {
  return url.trim().replace(/\/+$/, "");
}
