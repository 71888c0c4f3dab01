/** Tokens: fetched fresh for each connect, and refreshed on a connection before they end. */

import { retryDelay } from "./backoff.ts";

/** Fetches a token from the app's backend. */
export type GetToken = () => string | Promise<string>;

/** An app that does not answer must not hold up the next try for good. */
const PATIENCE_MS = 15_000;
const SOONEST_MS = 1_000;
/** The longest time that a timer takes. */
const LATEST_MS = 2 ** 31 - 1;
const FORM = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** A fresh token. Fails if there is none in 15 s, or if it is no token by its form. */
export async function fetchToken(getToken: GetToken): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("getToken did not answer in 15 s")), PATIENCE_MS);
  });
  try {
    const token = await Promise.race([getToken(), late]);
    if (!FORM.test(token)) throw new Error("getToken did not answer with a JSON Web Token");
    return token;
  } finally {
    clearTimeout(timer);
  }
}

/** When a token ends, in milliseconds since 1970; undefined if it can't be read. Nothing is verified. */
export function endOf(token: string): number | undefined {
  try {
    const claims = token.split(".")[1] as string;
    const { exp } = JSON.parse(atob(claims.replace(/-/g, "+").replace(/_/g, "/")));
    return typeof exp === "number" ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/** Sends a fresh token over a connection before the one that it came with ends. */
export class TokenRefresh {
  readonly #getToken: GetToken;
  readonly #send: (text: string) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #triesInVain = 0;
  /** Counts up with each `stop`, so that a token which comes after it is not sent. */
  #life = 0;

  constructor(getToken: GetToken, send: (text: string) => void) {
    this.#getToken = getToken;
    this.#send = send;
  }

  /**
   * Plans the refresh of a token that ends at `end`. Both times are the server's, so that a wrong
   * clock here does no harm. Clients that came together refresh at different times.
   */
  plan(end: number | undefined, now: number): void {
    this.stop();
    this.#triesInVain = 0;
    if (end !== undefined) this.#in((end - now) * (0.7 + 0.2 * Math.random()));
  }

  /** The token was refused, or there was none. It is tried again until the connection ends. */
  failed(retryAfterMs?: number): void {
    this.#in(retryDelay(this.#triesInVain++, retryAfterMs));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#life += 1;
  }

  #in(delay: number): void {
    clearTimeout(this.#timer);
    const within = Math.min(LATEST_MS, Math.max(SOONEST_MS, delay));
    this.#timer = setTimeout(() => void this.#refresh(), within);
  }

  async #refresh(): Promise<void> {
    const life = this.#life;
    try {
      const token = await fetchToken(this.#getToken);
      if (life === this.#life) this.#send(JSON.stringify({ type: "AUTH", token }));
    } catch {
      if (life === this.#life) this.failed();
    }
  }
}
