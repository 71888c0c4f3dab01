/** The user that a connection is for: the app's token, and what happened to the previous one. */

import { refusalDelay } from "./backoff.ts";
import { endOf, userOf } from "./claims.ts";
import type { CloseReason } from "./status.ts";
import { fetchToken, type GetToken, type TokenContext, TokenRefresh } from "./token.ts";

/** How many refusals in a row are retried: for about a minute, in which keys may be changing. */
const REFUSALS_MAX = 5;

export class SignIn {
  /** The token that the connection was made with. */
  token: string | undefined;
  readonly #getToken: GetToken;
  readonly #refresh: TokenRefresh;
  #context: TokenContext = {};
  #refusals = 0;
  /** Whether the server has not answered to a fresh token yet. */
  #isOffered = false;

  /** @param offer called with a fresh token while the connection is open */
  constructor(getToken: GetToken, offer: (token: string) => void) {
    this.#getToken = getToken;
    this.#refresh = new TokenRefresh(
      (context) => fetchToken(getToken, context),
      (token) => {
        this.#isOffered = true;
        offer(token);
      },
    );
  }

  /** A fresh token for a connect. */
  fetch(): Promise<string> {
    return fetchToken(this.#getToken, this.#context);
  }

  /** Whether this token is for a different user than the connection. */
  isOther(token: string): boolean {
    return userOf(token) !== userOf(this.token);
  }

  /** The server accepted the client, at this time by its clock. */
  accepted(now: number): void {
    this.startAgain();
    this.#context = {};
    this.planFrom(endOf(this.token), now);
  }

  /** The token expires at `end`. Both times are by the server's clock. */
  planFrom(end: number | undefined, now: number): void {
    this.#isOffered = false;
    this.#refresh.plan(end, now);
  }

  /** The server refused a message. It matters only if it can be the fresh token. */
  refreshRefused({ code, reason, retryAfterMs }: CloseReason): void {
    if (!this.#isOffered) return;
    this.#isOffered = false;
    const isToken = code === "token_invalid" || code === "not_allowed";
    this.#refresh.failed(retryAfterMs, isToken ? contextOf(code, reason) : undefined);
  }

  /**
   * The server refused the connection because of its token. Returns the shortest wait before the next
   * attempt, or undefined if there should be none. Some refusals pass with time. Any other is retried
   * for as long as a key change takes.
   */
  refused({ code, reason, retryAfterMs }: CloseReason): number | undefined {
    this.#context = contextOf(code, reason);
    if (code === "token_expired" || reason === "nbf" || reason === "iat") return retryAfterMs ?? 0;
    if (this.#refusals === REFUSALS_MAX) return undefined;
    const wait = refusalDelay(this.#refusals++);
    return retryAfterMs ?? wait;
  }

  /** Earlier refusals no longer count. */
  startAgain(): void {
    this.#refusals = 0;
  }

  /** The connection has ended: there is nothing to refresh. */
  stop(): void {
    this.#refresh.stop();
  }
}

/** What `getToken` is told about a token that the server did not accept. */
function contextOf(code: CloseReason["code"], check: string | undefined): TokenContext {
  const reason = code === "token_expired" ? "expired" : "refused";
  return { reason, ...(code && { code }), ...(check && { check }) };
}
