/** Tokens: fetched for each connect, and refreshed on an open connection before they expire. */

import type { CloseCodeName } from "../codes.ts";
import { retryDelay } from "./backoff.ts";
import { inTime } from "./in-time.ts";

/** What happened to the previous token. {@link GetToken} gets this. */
export interface TokenContext {
  /**
   * Why another token is needed. `expired`: the previous one has expired, or is about to. `refused`:
   * the server did not accept it. In both cases a cached token won't do. Absent on the first connect,
   * and after a connection that was lost for another reason.
   */
  readonly reason?: "expired" | "refused";
  /** The server's code, if it has refused the token. */
  readonly code?: CloseCodeName;
  /** Which of the server's checks failed, such as `aud` or `revoked`. */
  readonly check?: string;
}

/** Fetches a token from the app's backend. */
export type GetToken = (context: TokenContext) => string | Promise<string>;

/** An app that never answers must not hold up the next attempt for good. */
const PATIENCE_MS = 15_000;
const SOONEST_MS = 1_000;
/** The longest time that a timer can wait. */
const LATEST_MS = 2 ** 31 - 1;
const FORM = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** Gets a fresh token. Fails if there is none within 15 s, or if it does not look like a token. */
export async function fetchToken(getToken: GetToken, context: TokenContext): Promise<string> {
  const answer: unknown = await inTime(PATIENCE_MS, getToken(context), () => {
    throw new Error("getToken took longer than 15 s");
  });
  // Text that came over HTTP or from a file may end with a line break.
  const token = typeof answer === "string" ? answer.trim() : "";
  if (!FORM.test(token)) throw new Error("getToken did not return a JSON Web Token");
  return token;
}

/** Fetches a fresh token for a connection before its current one expires. */
export class TokenRefresh {
  readonly #fetch: (context: TokenContext) => Promise<string>;
  readonly #use: (token: string) => void;
  #context: TokenContext = { reason: "expired" };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #triesInVain = 0;
  /** Counts up with each `stop`, so that a token that arrives afterwards is not used. */
  #life = 0;

  constructor(fetch: (context: TokenContext) => Promise<string>, use: (token: string) => void) {
    this.#fetch = fetch;
    this.#use = use;
  }

  /**
   * Plans the refresh of a token that expires at `end`. Both times are the server's, so that a wrong
   * clock here does no harm. Clients that connected together refresh at different times.
   */
  plan(end: number | undefined, now: number): void {
    this.stop();
    this.#triesInVain = 0;
    this.#context = { reason: "expired" };
    if (end !== undefined) this.#in((end - now) * (0.7 + 0.2 * Math.random()));
  }

  /** The token was refused, or there was none. Retries until the connection ends. */
  failed(retryAfterMs?: number, context = this.#context): void {
    this.#context = context;
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
      const token = await this.#fetch(this.#context);
      if (life === this.#life) this.#use(token);
    } catch {
      if (life === this.#life) this.failed();
    }
  }
}
