/** Finds out whether another user has signed in to the app. */

import type { GetToken } from "../core/token.ts";

/**
 * A component may make a new `getToken` on each render. A token is fetched just to see whose it is at
 * most this often.
 */
const INTERVAL_MS = 10_000;

export class AccountWatch {
  /** Functions that were passed before. They do not signal a change. */
  readonly #known = new WeakSet<GetToken>();
  readonly #ask: () => Promise<void>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #notBefore = 0;

  /** @param ask asks the app for a token, and reacts if it is for another user */
  constructor(getToken: GetToken, ask: () => Promise<void>) {
    this.#known.add(getToken);
    this.#ask = ask;
  }

  /** A component passed this function. The first unknown one is called at once. */
  given(getToken: GetToken | undefined): void {
    if (!getToken || this.#known.has(getToken)) return;
    this.#known.add(getToken);
    const wait = Math.max(0, this.#notBefore - Date.now());
    if (wait === 0) this.look();
    // A clock that was set back must not delay it for longer.
    else this.#timer ??= setTimeout(() => this.look(), Math.min(wait, INTERVAL_MS));
  }

  /** Asks now. */
  look(): void {
    this.end();
    this.#notBefore = Date.now() + INTERVAL_MS;
    this.#ask().catch(() => {
      this.#timer ??= setTimeout(() => this.look(), INTERVAL_MS);
    });
  }

  /** Stops asking. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
