/** Who a connection is for: the app's token, and what became of the one before. */

import { refusalDelay } from "./backoff.ts";
import { endOf, userOf } from "./claims.ts";
import type { CloseReason } from "./status.ts";
import { fetchToken, type GetToken, type TokenContext, TokenRefresh } from "./token.ts";

/** So often in a row a sign-in is tried that the server refuses: about a minute, in which keys may change. */
const REFUSALS_MAX = 5;

export class SignIn {
  /** The one that the connection is made with. */
  token: string | undefined;
  readonly #getToken: GetToken;
  readonly #refresh: TokenRefresh;
  #context: TokenContext = {};
  #refusals = 0;

  /** @param offer takes a fresh token while the connection stands */
  constructor(getToken: GetToken, offer: (token: string) => void) {
    this.#getToken = getToken;
    this.#refresh = new TokenRefresh((context) => fetchToken(getToken, context), offer);
  }

  /** A fresh token for a connect. */
  fetch(): Promise<string> {
    return fetchToken(this.#getToken, this.#context);
  }

  /** Whether this token is not of the user for whom the connection is. */
  isOther(token: string): boolean {
    return userOf(token) !== userOf(this.token);
  }

  /** The server took the client in, at this time of its clock. */
  accepted(now: number): void {
    this.startAgain();
    this.#context = {};
    this.planFrom(endOf(this.token), now);
  }

  /** The token ends at `end`; both times are by the server's clock. */
  planFrom(end: number | undefined, now: number): void {
    this.#refresh.plan(end, now);
  }

  /** The server refused a message. The only one that matters is a fresh token. */
  refreshRefused({ code, reason, retryAfterMs }: CloseReason): void {
    const isToken = code === "token_invalid" || code === "not_allowed";
    this.#refresh.failed(retryAfterMs, isToken ? contextOf(code, reason) : undefined);
  }

  /**
   * The server refused the connection for its token. Answers how long to wait at least before the
   * next try, undefined if there is to be none. Some refusals end by themselves; any other is tried
   * for as long as a change of keys takes.
   */
  refused({ code, reason, retryAfterMs }: CloseReason): number | undefined {
    this.#context = contextOf(code, reason);
    if (code === "token_expired" || reason === "nbf" || reason === "iat") return retryAfterMs ?? 0;
    if (this.#refusals === REFUSALS_MAX) return undefined;
    const wait = refusalDelay(this.#refusals++);
    return retryAfterMs ?? wait;
  }

  /** Earlier refusals count no more. */
  startAgain(): void {
    this.#refusals = 0;
  }

  /** The connection has ended: there is nothing to refresh. */
  stop(): void {
    this.#refresh.stop();
  }
}

/** What `getToken` is told of a token that the server did not take. */
function contextOf(code: CloseReason["code"], check: string | undefined): TokenContext {
  const reason = code === "token_expired" ? "expired" : "refused";
  return { reason, ...(code && { code }), ...(check && { check }) };
}
